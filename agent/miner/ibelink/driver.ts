import type { BoardDetail } from '../boards.ts';
import { hashesAsTold, RARE_ROW, rareFamily } from '../cgminer/family.ts';
import { devices, summary } from '../cgminer/queries.ts';
import { devicesOf } from '../cgminer/read.ts';
import { type Json, pointer, property } from '../json.ts';
import { hottest, macOf, type Read, textOf } from '../normalise.ts';

const body = pointer('/SUMMARY/0');
const SLOTS = 8;

/** "Temp1" to "Temp8" stand in the summary, 0 for a slot without a board; the list of devices has 0 for all. */
const temperatures: Read<readonly BoardDetail[]> = (reply) => {
  const found = Array.from({ length: SLOTS }, (_, index) => ({
    index,
    boardTempC: hottest([property(body(reply), `Temp${index + 1}`)]),
  })).filter(({ boardTempC }) => boardTempC !== null);
  return found.length === 0 ? null : found;
};

/** Twelve digits without colons. */
const mac = (reply: Json): string | null =>
  macOf(textOf(property(body(reply), 'macaddress'))?.replace(/..(?=.)/g, '$&:'));

const model: Read<string> = (reply) => {
  const name = textOf(devicesOf(reply)[0]?.Name);
  return name?.startsWith('BM-') ? name : null;
};
/** An N1 works for pools of CKB (capture BM-N1Max); of others nothing is known. */
const algorithm: Read<string> = (reply) => (/^BM-N1/.test(model(reply) ?? '') ? 'Eaglesong' : null);

export const ibelink = rareFamily({
  family: 'ibelink',
  make: 'iBeLink',
  match: [{ row: RARE_ROW, rpc: /"NAME"\s*:\s*"BM-|"HASH METHOD"\s*:/ }],
  fields: {
    boardDetails: { ask: summary, read: temperatures, inPassing: true },
    mac: { ask: summary, read: mac, inPassing: true },
    model: { ask: devices, read: model, inPassing: true },
    algorithm: { ask: devices, read: algorithm, inPassing: true },
  },
  joined: hashesAsTold,
});
