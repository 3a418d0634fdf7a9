import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { catalogue } from '../../../agent/miner/catalogue.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import type { Reading } from '../../../agent/miner/reading.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { millis } from '../../../shared/units.ts';
import { CAPTURES, type Capture, capturesOf } from './captures.ts';
import { closeAll, replay } from './replay.ts';

/** Every published device of every family through real sockets; what the values must be, the families' own tests say. */
const miners = createMiners({
  credentials: { of: () => ({ user: 'root', password: 'root' }) },
  deadlineMs: millis(30_000),
  spacingMs: millis(2),
});
afterAll(() => Promise.all([miners.close(), closeAll()]));

/** Their replies carry no sign of what they are: the site file has to say it. */
const NAMELESS: ReadonlySet<string> = new Set([
  'volcminer/d1-malformed-stats',
  // The realm of its pages is VolcMiner's too, and the page names nobody.
  'blackminer/blackminer-f2',
]);
/** It names VNish itself: an S9 with VNish's firmware of 2020, told by the banner as the fact sheet wants it. */
const KNOWN_AS: Readonly<Record<string, string>> = {
  'antminer-aftermarket/antminer-s9-nicehash-fri-may-8-15-27-59-cst-2020': 'vnish',
};
/** A Baikal that does nothing answers with nothing, and a reading of nothing is none. */
const SPEECHLESS: ReadonlySet<string> = new Set(['baikal/baikal-not-hashing']);
/** The page's own challenge, which is no part of what was published. */
const REALMS: Readonly<Record<string, string>> = {
  elphapex: 'Daoge Configuration',
  hammer: 'blackMiner Configuration',
  volcminer: 'blackMiner Configuration',
  blackminer: 'blackMiner Configuration',
};

const families = ((): readonly string[] => {
  try {
    return readdirSync(CAPTURES, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  } catch {
    return [];
  }
})();
const all = capturesOf(...families)
  .map((capture) => ({ name: `${capture.family}/${capture.name}`, capture }))
  .filter(({ name }) => !SPEECHLESS.has(name));

async function read({ exchanges, family }: Capture, told: boolean): Promise<Reading> {
  const realm = REALMS[family];
  const device = await replay({ family: told ? family : null, exchanges, ...(realm === undefined ? {} : { realm }) });
  const reading = await miners.read(device.target);
  await device.close();
  return reading;
}

const ifThere = all.length === 0 ? describe.skip : describe;
/** jest refuses an empty table, also of what it skips. */
const NOBODY: (typeof all)[number] = {
  name: 'nobody: the captures are absent, set RELIGHT_SHARED',
  capture: { family: '', name: '', model: '', exchanges: [], expected: null },
};
const there = all.length === 0 ? [NOBODY] : all;

ifThere('every published device', () => {
  test('is of a family with a driver', () => {
    expect(families.filter((family) => !catalogue.has(family))).toEqual([]);
  });

  test.concurrent.each(there)(
    '$name is read',
    async ({ capture }) => {
      const { unreadable, detail, snapshot } = await read(capture, true);
      expect([unreadable, detail]).toEqual([null, null]);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(snapshot?.family).toBe(capture.family);
    },
    40_000,
  );

  test.concurrent.each(there.filter(({ name }) => !NAMELESS.has(name)))(
    '$name is known by its own answers',
    async ({ name, capture }) => {
      const { unreadable, snapshot } = await read(capture, false);
      expect([unreadable, snapshot?.family]).toEqual([null, KNOWN_AS[name] ?? capture.family]);
    },
    40_000,
  );
});
