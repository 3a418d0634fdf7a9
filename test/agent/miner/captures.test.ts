import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import type { Reading } from '../../../agent/miner/reading.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { millis } from '../../../shared/units.ts';
import { type Capture, capturesOf, type Expected } from './captures.ts';
import { closeAll, replay } from './replay.ts';

/**
 * Replies of real devices through real sockets, against what independent readers found in them. Tolerance: rates to
 * 1e-6 TH/s, which is the snapshot's own rounding; everything else exactly. Where a source defines a value otherwise
 * than the snapshot does, the test says so.
 */
const miners = createMiners({
  credentials: { of: () => ({ user: 'root', password: 'root' }) },
  deadlineMs: millis(20_000),
  spacingMs: millis(5),
});
afterAll(() => Promise.all([miners.close(), closeAll()]));

/** Read together, so that the pause between two requests to one device is waited for once. */
const captures = capturesOf('antminer-stock', 'whatsminer-v2');
type Both = Readonly<{ told: Promise<Reading>; identified: Promise<Reading> }>;
const readings = new Map<Capture, Both>();
function readingsOf(capture: Capture): Both {
  if (readings.size === 0) {
    for (const one of captures) readings.set(one, { told: readOne(one, one.family), identified: readOne(one, null) });
  }
  const both = readings.get(capture);
  if (both === undefined) throw new Error(`${capture.name} was not read`);
  return both;
}
async function readOne({ exchanges }: Capture, family: string | null): Promise<Reading> {
  const device = await replay({ family, exchanges });
  const reading = await miners.read(device.target);
  await device.close();
  return reading;
}
async function snapshotOf(capture: Capture): Promise<MinerSnapshot> {
  const { unreadable, detail, snapshot } = await readingsOf(capture).told;
  if (snapshot === null) throw new Error(`${capture.name}: ${unreadable} ${detail}`);
  return snapshot;
}

const named = captures.map((capture) => ({ name: `${capture.family}/${capture.name}`, capture }));
const having = (key: keyof Expected) => named.filter(({ capture }) => capture.expected?.[key] !== undefined);
/** The first row waits for all devices to be read. */
const SWEEP_MS = 25_000;
/** jest refuses an empty table; where the captures are absent, one row that says so stands in for them. */
const rows = <T>(of: readonly T[], run: (row: T) => Promise<void>): void => {
  if (of.length === 0) test.skip('captures are absent', () => undefined);
  else test.each(of.map((row) => row as T & { name: string }))('$name', run, SWEEP_MS);
};

const ths = (value: number): number => Math.round(value * 1e6) / 1e6;
const asic = (capture: Capture) => {
  const first = capture.expected?.asics?.[0];
  if (first === undefined) throw new Error('no asic expected');
  return first;
};

describe('every capture gives a snapshot that holds to its schema', () => {
  rows(named, async ({ capture }) => {
    const snapshot = await snapshotOf(capture);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
    expect(snapshot.family).toBe(capture.family);
  });
});

describe('rates are what foreman read', () => {
  rows(having('asics'), async ({ capture }) => {
    const { hashrate_hs, hashrate_ths, hashrate_ideal_hs } = asic(capture);
    const snapshot = await snapshotOf(capture);
    // Equihash is counted in kSol/s: the fact sheet's 19.1 leaves it out of the field and gives it one of its own.
    const isEquihash = snapshot.algorithm === 'Equihash';
    const rate = isEquihash ? null : ths(hashrate_ths);
    expect(snapshot.hashrateKsols).toEqual(isEquihash ? ths(hashrate_hs / 1e3) : undefined);
    // Foreman takes Whatsminer's average; the snapshot keeps that and the rate of now apart.
    expect(capture.family === 'whatsminer-v2' ? snapshot.hashrateAvgThs : snapshot.hashrateThs).toEqual(rate);
    // An ideal rate of 0 is none.
    if (hashrate_ideal_hs !== undefined) expect(snapshot.hashrateNominalThs ?? 0).toBe(hashrate_ideal_hs / 1e12);
  });
});

describe('boards, fans and temperatures are what foreman read', () => {
  rows(having('asics'), async ({ capture }) => {
    const { boards, fans_rpm = [], temps_c = [] } = asic(capture);
    const snapshot = await snapshotOf(capture);
    expect(snapshot.boards).toHaveLength(boards);
    // Foreman adds Whatsminer's power supply fan and leaves out fans that stand still.
    const own = capture.family === 'whatsminer-v2' ? fans_rpm.slice(0, -1) : fans_rpm;
    expect(snapshot.fans.map(({ rpm }) => rpm).filter((rpm) => rpm !== 0)).toEqual(own);
    // For Whatsminer it lists the inlet, then board and average of chips in turn; the snapshot has the hottest chip.
    const boardTemps = snapshot.boards.map(({ boardTempC }) => Math.floor(boardTempC ?? 0));
    if (capture.family === 'whatsminer-v2') expect(boardTemps).toEqual([1, 3, 5].map((at) => temps_c[at]));
    else if (temps_c.length > 0) expect(hottest(snapshot)).toBe(Math.max(...temps_c));
  });
});
const hottest = ({ boards }: MinerSnapshot): number =>
  Math.max(...boards.flatMap(({ boardTempC, chipTempC }) => [boardTempC ?? -50, chipTempC ?? -50]));

describe('pools are what foreman read', () => {
  rows(having('pools'), async ({ capture }) => {
    const { pools } = await snapshotOf(capture);
    const read = pools.map(({ url, worker, state, accepted, rejected }) => ({
      host_port: url.replace(/^.*?:\/\//, ''),
      worker,
      up: state === 'alive',
      accepted_shares: accepted,
      rejected_shares: rejected,
    }));
    const expected = capture.expected?.pools?.map(({ host_port, worker, up, accepted_shares, rejected_shares }) => ({
      ...{ host_port, worker, up, accepted_shares, rejected_shares },
    }));
    expect(read).toEqual(expected);
    expect(pools.filter(({ active }) => active)).toHaveLength(1);
  });
});

describe('what it is and what it does is what foreman read', () => {
  const words = new Map([
    ['SLEEPING', 'sleeping'],
    ['IDLE', 'idle'],
  ]);
  rows(
    having('asics').filter(({ capture }) => asic(capture).miner_type !== undefined),
    async ({ capture }) => {
      const { power_mode, miner_type } = asic(capture);
      const snapshot = await snapshotOf(capture);
      expect(snapshot.miningState).toBe(words.get(power_mode ?? '') ?? 'hashing');
      // Two captures are of one device's version and another's statistics, which this driver asks first.
      expect(snapshot.model?.replace(' Pro', '')).toBe(miner_type?.replace(' Pro', ''));
    },
  );
});

describe('chains, fans and sums are what check_cgminer read', () => {
  rows(having('chain_hashrates_ghs'), async ({ capture }) => {
    const expected = capture.expected ?? {};
    const snapshot = await snapshotOf(capture);
    const chains = Object.values(expected.chain_hashrates_ghs ?? {}).map((ghs) => ths(ghs / 1e3));
    const counted = snapshot.algorithm === undefined ? chains : chains.map(() => null);
    expect(snapshot.boards.map(({ hashrateThs }) => hashrateThs)).toEqual(counted);
    // A Z9 writes GHS over kSol/s.
    const solutions = Object.values(expected.chain_hashrates_ghs ?? {});
    if (snapshot.algorithm === 'Equihash')
      expect(snapshot.boards.map(({ hashrateKsols }) => hashrateKsols)).toEqual(solutions);
    expect(snapshot.fans.map(({ rpm }) => rpm)).toEqual(Object.values(expected.fans_rpm ?? {}));
    const total = expected.total_ideal_hashrate_ghs;
    if (total !== undefined) expect(snapshot.hashrateNominalThs).toBe(total / 1e3);
    expect(hottest(snapshot)).toBeGreaterThanOrEqual(Math.max(...Object.values(expected.temps_c ?? {})));
  });
});

describe('values are what asic-rs read', () => {
  const plain = named.filter(({ capture }) => capture.expected !== null && capture.expected.asics === undefined);
  rows(plain, async ({ capture }) => {
    const { expected } = capture;
    const snapshot = await snapshotOf(capture);
    const read = {
      hashrate_ths: snapshot.hashrateThs,
      expected_hashrate_ths: snapshot.hashrateNominalThs,
      power_w: snapshot.powerW,
      power_limit_w: snapshot.powerLimitW,
      uptime_s: snapshot.uptimeS,
      is_mining: snapshot.miningState === 'hashing',
      fans_count: snapshot.fans.length,
      hashboards_count: snapshot.boards.length,
      pools_count: snapshot.pools.length,
      firmware_version: snapshot.firmwareVersion,
      api_version: snapshot.apiVersion,
      hostname: snapshot.hostname,
      mac: snapshot.mac?.toUpperCase(),
      error_codes: snapshot.errors.map(({ code }) => Number(code)),
    };
    const asserted = Object.entries(read).filter(([key]) => (expected as Record<string, unknown>)[key] !== undefined);
    for (const [key, value] of asserted)
      expect([key, value]).toEqual([key, (expected as Record<string, unknown>)[key]]);
  });
});

describe('every capture is identified from its own answers', () => {
  rows(named, async ({ capture }) => {
    const reading = await readingsOf(capture).identified;
    expect([reading.unreadable, reading.snapshot?.family]).toEqual([null, capture.family]);
  });
});

test(
  'a device that is read again is asked less, for what does not change is kept',
  async () => {
    const found = captures.find(({ name }) => name === 'miningos-mock-s21');
    if (found === undefined) return console.warn('SKIPPED: the capture is absent');
    const device = await replay({ family: 'antminer-stock', exchanges: found.exchanges });
    await miners.read(device.target);
    // The second reading asks once more who it is.
    await miners.read(device.target);
    const first = device.asked.length;
    const again = await miners.read(device.target);
    await device.close();
    expect(again.snapshot?.mac).toBe('80:ac:7a:cd:50:64');
    expect(device.asked.slice(first)).toEqual(
      ['stats.cgi', 'pools.cgi', 'summary.cgi'].map((page) => `GET /cgi-bin/${page}`),
    );
  },
  SWEEP_MS,
);
