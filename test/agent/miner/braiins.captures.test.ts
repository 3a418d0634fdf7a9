import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import type { Reading } from '../../../agent/miner/reading.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, password } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('root', ''));
const strangers = minersWith(noCredentials);
afterAll(() => Promise.all([miners.close(), strangers.close(), closeAll()]));

const captures = capturesOf('braiins');
const capture = (part: string): Capture => {
  const found = captures.find(({ name }) => name.includes(part));
  if (found === undefined) throw new Error(`no capture ${part}`);
  return found;
};

type Replayed = Reading & Readonly<{ asked: readonly string[] }>;
async function readOne({ exchanges }: Capture, family: string | null, by = miners): Promise<Replayed> {
  // Braiins' pages answer to anybody, or in a session: there is no digest.
  const device = await replay({ family, exchanges, open: true });
  const reading = await by.read(device.target);
  await device.close();
  return { ...reading, asked: device.asked };
}
async function snapshotOf(part: string): Promise<MinerSnapshot> {
  const { snapshot, unreadable, detail } = await readOne(capture(part), 'braiins');
  if (snapshot === null) throw new Error(`${part}: ${unreadable} ${detail}`);
  return snapshot;
}

(captures.length > 0 ? describe : describe.skip)('captures of Braiins OS', () => {
  test.each(captures)(
    '$name is known by its own answers, and gives a snapshot that holds to its schema',
    async (one) => {
      const { snapshot, unreadable } = await readOne(one, null);
      expect([unreadable, snapshot?.family]).toEqual([null, 'braiins']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
      // An API that a build does not have is no failure.
      expect(snapshot?.partial).toBeUndefined();
    },
  );

  // Of 20190124 there is only the summary: no boards, no fans.
  const counted = captures.filter(({ expected }) => expected?.hashboards_count !== undefined);
  test.each(counted)('$name is what asic-rs read', async ({ name, expected }) => {
    const snapshot = await snapshotOf(name);
    expect({
      ...{ mac: snapshot.mac, hostname: snapshot.hostname, firmware_version: snapshot.firmwareVersion },
      ...{ hashboards_count: snapshot.boards.length, fans_count: snapshot.fans.length },
      ...{ power_w: snapshot.powerW, power_limit_w: snapshot.powerLimitW, light_flashing: snapshot.locating },
      is_mining: snapshot.miningState === 'hashing',
      pools_per_group: [snapshot.pools.length],
    }).toEqual({
      ...{ mac: expected?.mac, hostname: expected?.hostname, firmware_version: expected?.firmware_version },
      ...{ hashboards_count: expected?.hashboards_count, fans_count: expected?.fans_count },
      ...{ power_w: expected?.power_w, power_limit_w: expected?.power_limit_w, light_flashing: false },
      is_mining: expected?.is_mining,
      pools_per_group: (expected as { pools_per_group?: number[] }).pools_per_group,
    });
  });

  test('a 25.11 with REST is read in full, and through nothing else', async () => {
    const { snapshot, asked } = await readOne(capture('25.11'), 'braiins');
    expect(asked.filter((one) => one.startsWith('rpc') || one.includes('cgi-bin'))).toEqual([]);
    if (snapshot === null) throw new Error('not read');
    const { latencyMs: _, readAt: __, errors, ...plain } = snapshot;
    expect(plain).toMatchObject({
      serial: 'YNAHEAUBCJCBA03GL',
      model: 'Antminer S19 XP',
      apiVersion: '1.1.0',
      uptimeS: 20_359,
      deviceUptimeS: 21_448,
      miningState: 'hashing',
      inletTempC: 42,
      outletTempC: 56.5,
    });
    expect(plain.boards[0]).toEqual({
      ...{ index: 0, hashrateThs: 44.372605, chips: 110, chipsExpected: null, boardTempC: 56.5, chipTempC: 71.5 },
      ...{ serial: 'YNAHYPDBCJEJD00MJ', state: 'enabled' },
    });
    expect(plain.fans.map(({ index, rpm }) => [index, rpm])).toEqual([
      [0, 5_879],
      [1, 5_819],
      [2, 5_909],
      [3, 5_909],
    ]);
    expect(plain.pools).toEqual([
      {
        ...{ index: 0, url: 'stratum+tcp://example.pool.com:3333', worker: 'account1.test', state: 'alive' },
        ...{ active: true, accepted: 5_048, rejected: 10 },
      },
      {
        ...{ index: 1, url: 'stratum+tcp://example.pool2.com:3333', worker: 'account1.test', state: 'alive' },
        ...{ active: false, accepted: 0, rejected: 0 },
      },
    ]);
    // A log: the same two names that do not resolve, again and again.
    expect(errors.map(({ message }) => message)).toEqual([...new Set(errors.map(({ message }) => message))]);
    expect(errors).toContainEqual({ code: null, message: 'Failed to resolve ("mine.ocean.xyz", 3334)' });
  });

  test('a 25.07 keeps rates of now, since its start and of its tuning apart', async () => {
    const { hashrateThs, hashrateAvgThs, hashrateNominalThs, efficiencyJPerTh, serial } = await snapshotOf('25.07');
    // asic-rs takes its last five seconds as well.
    expect({ hashrateThs, hashrateAvgThs, hashrateNominalThs, serial }).toEqual({
      ...{ hashrateThs: 141.463565, hashrateAvgThs: 138.207053, hashrateNominalThs: 142.876598, serial: null },
    });
    // The device says 21.785614, of its average.
    expect(efficiencyJPerTh).toBe(22.175321);
  });

  test('a 25.05 with GraphQL is read through that, without a password', async () => {
    const { snapshot } = await readOne(capture('25.05.1'), 'braiins', strangers);
    expect(snapshot).toMatchObject({
      hashrateThs: 205.749606,
      hashrateNominalThs: 216.722442,
      deviceUptimeS: 693_609,
      // Of the mining process nothing is told but on port 4028, of which the capture has the version alone.
      uptimeS: null,
      apiVersion: '3.7',
      inletTempC: 37.5,
      outletTempC: 54.5,
      miningState: 'hashing',
    });
    expect(snapshot?.boards.map((b) => [b.index, b.hashrateThs, b.chips, b.boardTempC, b.chipTempC, b.serial])).toEqual(
      [
        [0, 64.802269, 55, 51.5, 66.5, 'NGSBYT0BEJCJD074A'],
        [1, 73.420065, 55, 53.5, 68.5, 'NGSBYT0BEJCJD06ZX'],
        [2, 72.19993, 55, 54.5, 69.5, 'NGSBYT0BEJCJD074C'],
      ],
    );
    expect(snapshot?.pools.map((p) => [p.worker, p.state, p.active, p.accepted, p.rejected])).toEqual([
      ['account1.test', 'alive', true, 92_875, 164],
      ['account1.test', 'alive', false, 18, 0],
      ['account2', 'alive', false, 6, 0],
    ]);
  });

  test('a 24.09 names its temperatures otherwise', async () => {
    const { boards, mac, powerLimitW, firmwareVersion } = await snapshotOf('24.09');
    expect(boards.map(({ boardTempC, chipTempC }) => [boardTempC, chipTempC])).toEqual([
      [56.4375, 71.4375],
      [53.375, 68.375],
      [52.9375, 67.9375],
    ]);
    // Its configuration, caught at another time, says 900.
    expect([mac, powerLimitW, firmwareVersion]).toEqual([
      ...['02:9b:85:41:7e:08', 3_500, '2024-10-17-0-75912fc7-24.09-plus'],
    ]);
  });

  test('a BOS+ 0.8 that only has port 4028 is read with one joined command', async () => {
    const { snapshot, asked } = await readOne(capture('0.8.0'), 'braiins');
    const { expected } = capture('0.8.0');
    const boards = snapshot?.boards ?? [];
    expect(boards.map(({ boardTempC }) => boardTempC)).toEqual([0, 1, 2].map((n) => expected?.temps_c?.[`Board${n}`]));
    expect(boards.map(({ chipTempC }) => chipTempC)).toEqual([0, 1, 2].map((n) => expected?.temps_c?.[`Chip${n}`]));
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual(Object.values(expected?.fans_rpm ?? {}));
    expect(snapshot?.hashrateNominalThs).toBeCloseTo((expected?.total_ideal_hashrate_ghs ?? 0) / 1e3, 5);
    // check_cgminer takes the average of each board; the boards' rate is that of now, `MHS 5s`.
    const averages = Object.values(expected?.chain_hashrates_ghs ?? {});
    expect(snapshot?.hashrateAvgThs).toBeCloseTo(averages.reduce((a, b) => a + b, 0) / 1e3, 5);
    expect(boards.map(({ hashrateThs }) => hashrateThs)).toEqual([21.471437, 21.853303, 21.906976]);
    expect(snapshot).toMatchObject({
      ...{ model: 'Antminer S17', firmwareVersion: 'bosminer-plus-am2-s17 0.8.0-feaec278' },
      ...{ miningState: 'hashing', hashrateThs: 65.231716, mac: null, pools: [] },
    });
    expect(boards.map(({ index, chips, state }) => [index, chips, state])).toEqual(
      [0, 1, 2].map((n) => [n, 48, 'Alive']),
    );
    // Its boards are not asked for one by one.
    expect(asked).not.toContain('rpc devs');
  });

  test('an S9 of 2019, which is bmminer in other clothes', async () => {
    const snapshot = await snapshotOf('am1-s9-2019');
    const { expected } = capture('am1-s9-2019');
    const of = (name: string) => [6, 7, 8].map((n) => expected?.temps_c?.[`${name}${n}`]);
    expect(snapshot.boards.map(({ boardTempC }) => boardTempC)).toEqual(of('temp'));
    expect(snapshot.boards.map(({ chipTempC }) => chipTempC)).toEqual(of('temp2_'));
    expect(snapshot.boards.map(({ hashrateThs }) => hashrateThs)).toEqual(
      Object.values(expected?.chain_hashrates_ghs ?? {}).map((ghs) => Math.round(ghs * 1e3) / 1e6),
    );
    expect(snapshot.fans.map(({ rpm }) => rpm)).toEqual(Object.values(expected?.fans_rpm ?? {}));
    expect(snapshot).toMatchObject({
      // check_cgminer writes it in one word.
      model: 'Antminer S9',
      firmwareVersion: 'bOS_am1-s9-20190124-0_d3cc7c87',
      uptimeS: 1_738_925,
      hashrateThs: 13.75403,
      hashrateAvgThs: 13.76786,
      hashrateNominalThs: 13.75569,
      // What check_cgminer gives as power is its own estimate from voltages and rates.
      powerW: null,
      miningState: 'hashing',
    });
  });

  test('an S9 of which there is a summary only', async () => {
    expect(await snapshotOf('bos-20190124')).toMatchObject({
      ...{ hashrateThs: 13.75968, hashrateAvgThs: 13.76904, uptimeS: 1_465_981, miningState: 'hashing' },
      ...{ model: 'Antminer S9', boards: [], fans: [], powerW: null },
    });
  });
});
