import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { asSummaryPage } from '../antminer-stock/legacy.ts';
import { rate } from '../antminer-stock/rates.ts';
import { boardOf } from '../boards.ts';
import { type Json, objectsOf, property } from '../json.ts';
import { celsiusOf, countOf, macOf, type Read, textOf } from '../normalise.ts';

const now = rate('SUMMARY', 'rate_5s');

/** DEVS[] of cgminer (fact sheet 2): one entry a board, with its rate in the unit that the key names. */
export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const devs = objectsOf(property(reply, 'DEVS'));
  if (devs.length === 0) return null;
  return devs.map((dev, at) =>
    boardOf({
      index: countOf(property(dev, 'ASC')) ?? at,
      hashrateThs: now(asSummaryPage({ SUMMARY: [dev] })),
      boardTempC: celsiusOf(property(dev, 'Temperature')),
      state: textOf(property(dev, 'Status')),
    }),
  );
};

/** The first of several spellings: the page's own words are not written down anywhere. */
export const named =
  (...keys: readonly string[]): Read<string> =>
  (reply) =>
    keys.map((key) => textOf(property(reply, key))).find((value) => value !== null) ?? null;

export const mac: Read<string> = (reply) => macOf(macIn(reply));
const macIn = (reply: Json): Json => named('macaddr', 'mac', 'mac_addr')(reply);
