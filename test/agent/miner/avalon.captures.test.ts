import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import type { Reading } from '../../../agent/miner/reading.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf, type Exchange } from './captures.ts';
import { minersWith, password, readCapture } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('root', 'root'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('avalon');
const having = captures.length > 0 ? describe : describe.skip;

/** What the sources assert beside foreman's, by their own names. */
type Asserted = Readonly<{
  hashrate_ths: number;
  lifetime_average_hashrate_ths: number;
  power_w: number;
  temp_c: number;
}>;

const readings = new Map<string, Promise<Reading>>();
async function snapshotOf(name: string): Promise<MinerSnapshot> {
  const capture = captures.find((one) => one.name === name);
  if (capture === undefined) throw new Error(`no capture ${name}`);
  if (!readings.has(name)) readings.set(name, readCapture(miners, capture, 'avalon'));
  const reading = await readings.get(name);
  if (!reading?.snapshot) throw new Error(`${name}: ${reading?.unreadable} ${reading?.detail}`);
  return reading.snapshot;
}
const expectedOf = (name: string): Asserted =>
  captures.find((one) => one.name === name)?.expected as unknown as Asserted;
const ths = (value: number): number => Math.round(value * 1e6) / 1e6;

having('captures of Avalon', () => {
  test.each(captures)('$name gives a snapshot that holds to its schema', async ({ name }) => {
    const snapshot = await snapshotOf(name);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
    expect(snapshot).not.toHaveProperty('partial');
  });

  test.each(captures)('$name is known by its own answers', async (capture) => {
    const { snapshot, unreadable } = await readCapture(miners, capture, null);
    expect([snapshot?.family, unreadable]).toEqual(['avalon', null]);
  });

  const foremans = captures.filter(({ expected }) => expected?.asics !== undefined);
  test.each(foremans)('$name is what foreman read', async ({ name, expected }) => {
    const snapshot = await snapshotOf(name);
    const asic = expected?.asics?.[0];
    // Foreman takes the average of all time; the snapshot keeps that and the rate of now apart.
    expect(snapshot.hashrateAvgThs).toBe(ths(asic?.hashrate_ths ?? -1));
    if (asic?.boards !== undefined) expect(snapshot.boards).toHaveLength(asic.boards);
    expect(
      snapshot.pools.map(({ url, state, accepted, rejected }) => [url.split('//')[1], state, accepted, rejected]),
    ).toEqual(
      expected?.pools?.map((pool) => [
        pool.host_port,
        pool.up ? 'alive' : 'dead',
        pool.accepted_shares,
        pool.rejected_shares,
      ]),
    );
    // Inlet and hottest chip of every module in turn on the first generations, where each module is a board here; on the
    // A10 the inlet, and of every board the average of its chips, where the snapshot has the hottest one.
    const temps = asic?.temps_c ?? [];
    if (asic?.boards !== undefined) expect(snapshot.inletTempC).toBe(temps[0]);
    else {
      expect(snapshot.inletTempC).toBe(Math.max(...temps.filter((_, at) => at % 2 === 0)));
      expect(snapshot.boards.map(({ chipTempC }) => chipTempC)).toEqual(temps.filter((_, at) => at % 2 === 1));
    }
  });

  test('an A1066 that speaks plain text only is read whole', async () => {
    const snapshot = await snapshotOf('avalon-1066-vendor-manual');
    expect(snapshot).toMatchObject({
      mac: 'aa:a5:83:6a:0f:14',
      // Its version has sixteen zeros for a serial, and "10xx" for a model: the module knows both.
      ...{ serial: '020100002c2af618', model: 'AvalonMiner 1066', controlBoard: 'MM3v2', apiVersion: '3.7' },
      firmwareVersion: '19090589_789f8e9t_965ebdct',
      ...{ miningState: 'hashing', uptimeS: 17_994, hashrateThs: 51.423478, hashrateAvgThs: 51.27881 },
      ...{ hashrateNominalThs: 51.0624, powerW: 2_834, inletTempC: 25, errors: [], locating: false },
    });
    expect(snapshot.fans.map(({ rpm }) => rpm)).toEqual([3_671, 3_635, 3_564, 3_623]);
    expect(snapshot.boards.map(({ hashrateThs, chips, chipTempC }) => [hashrateThs, chips, chipTempC])).toEqual([
      [16.64536, 114, 74],
      [16.76164, 114, 72],
      [16.88483, 114, 74],
    ]);
    expect(snapshot.pools).toEqual([
      {
        ...{ index: 0, url: 'stratum+tcp://btc.ss.poolin.com:443', worker: 'account1.worker1' },
        ...{ state: 'alive', active: true, accepted: 1_701, rejected: 2 },
      },
    ]);
  });

  test('an A10 tells that its supply does not answer', async () => {
    const snapshot = await snapshotOf('avalon-10xx-cgminer-4.11.1');
    expect(snapshot).toMatchObject({
      powerW: null,
      powerLimitW: 2_220,
      efficiencyJPerTh: null,
      miningState: 'hashing',
    });
    expect(snapshot.errors.map(({ code }) => code)).toEqual(['PS']);
    expect(snapshot.model).toBe('AvalonMiner 1047');
  });

  test('an A741 has a hottest chip for each of its boards', async () => {
    const snapshot = await snapshotOf('avalon-741-7411706-3162860');
    expect(snapshot).toMatchObject({ model: 'AvalonMiner 741', hashrateThs: 7.031761, inletTempC: 38, errors: [] });
    expect(snapshot.boards.map(({ chips, chipTempC }) => [chips, chipTempC])).toEqual(
      [22, 22, 22, 22].map((chips, at) => [chips, [88, 92, 93, 93][at]]),
    );
  });

  test('chains of several modules have their fans, and no serial of their own', async () => {
    const seven = await snapshotOf('avalon-7xx-cgminer-4.10.0');
    expect([seven.fans.length, seven.boards.length, seven.serial]).toEqual([10, 10, null]);
    expect(seven.boards[0]?.serial).toBe('0130b14ab881ad86');
    const eight = await snapshotOf('avalon-8xx-cgminer-4.10.0');
    expect([eight.fans.map(({ rpm }) => rpm), eight.model]).toEqual([[5_730, 5_850, 5_610], 'AvalonMiner 841']);
  });

  test('a Q in standby sleeps, whatever its averages say', async () => {
    const snapshot = await snapshotOf('avalon-q-standby-25052801');
    const expected = expectedOf('avalon-q-standby-25052801');
    expect(snapshot).toMatchObject({
      ...{ miningState: 'sleeping', hashrateThs: 0, hashrateAvgThs: expected.lifetime_average_hashrate_ths },
      ...{ powerW: 17, powerLimitW: 800, efficiencyJPerTh: null, model: 'Avalon Q' },
    });
    // Its source falls back to the warmest of the board's sensors too.
    expect(snapshot.boards[0]).toMatchObject({
      boardTempC: expected.temp_c,
      chipTempC: null,
      chips: 160,
      hashrateThs: null,
    });
  });

  test('a Nano 3S without an inlet sensor has none', async () => {
    const snapshot = await snapshotOf('nano3s-25021401');
    const expected = expectedOf('nano3s-25021401');
    expect(snapshot.hashrateAvgThs).toBeCloseTo(expected.hashrate_ths, 5);
    expect(snapshot).toMatchObject({
      ...{ hashrateThs: 6.59884, powerW: expected.power_w, inletTempC: null, outletTempC: expected.temp_c },
      ...{ model: 'Avalon Nano 3s', firmwareVersion: '25021401_56abae7', miningState: 'hashing' },
    });
  });

  test('a 1346 speaks plain text with three pools', async () => {
    const snapshot = await snapshotOf('miningos-mock-1346-116');
    expect(snapshot).toMatchObject({ model: 'AvalonMiner 1346', powerW: 3_152, mac: 'b4:a2:eb:3f:23:48' });
    expect(snapshot.pools.map(({ state }) => state)).toEqual(['alive', 'alive', 'alive']);
  });
});

describe('an Avalon', () => {
  const entry = (text: string, more: object = {}) => ({ STATS: [{ STATS: 0, ID: 'AVA100', 'MM ID0': text, ...more }] });
  const command = (name: string, response: object): Exchange => ({
    ...{ transport: 'cgminer-tcp', request: { command: name }, response },
  });
  const POOLS = { POOLS: [{ POOL: 0, URL: 'a:1', Status: 'Alive', User: 'x' }] };
  const SUMMARY = { SUMMARY: [{ Elapsed: 9_000, 'MHS av': 50e6, 'MHS 30s': 0 }] };
  async function reads(text: string, more: Readonly<Record<string, object>> = {}): Promise<MinerSnapshot> {
    const given = { estats: entry(text), summary: SUMMARY, pools: POOLS, ...more };
    const exchanges = Object.entries(given).map(([name, response]) => command(name, response));
    const device = await replay({ family: 'avalon', exchanges });
    const { snapshot, detail } = await miners.read(device.target);
    await device.close();
    if (snapshot === null) throw new Error(detail ?? 'no snapshot');
    return snapshot;
  }
  const WORKS = 'SYSTEMSTATU[Work: In Work, Hash Board: 3 ] Elapsed[9000]';
  const IDLE = 'SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] Elapsed[9000]';

  test.each([
    ['hashes', `${WORKS} GHSspd[1000.00] SoftOFF[0]`, {}, 'hashing'],
    ['rests', `${IDLE} GHSspd[0.00] SoftOFF[0]`, {}, 'idle'],
    [
      'has just begun to rest',
      `SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] Elapsed[60] GHSspd[0.00] SoftOFF[0]`,
      {},
      'starting',
    ],
    ['rests with a fault', `${IDLE} GHSspd[0.00] SoftOFF[0] PS[32 1221 4 0 0 1284]`, {}, 'error'],
    ['is softly off', `${WORKS} GHSspd[0.00] SoftOFF[1]`, {}, 'sleeping'],
    ['has its hash power cut', `${IDLE} PS[0 1221 4 0 0 1284]`, { joined: POOLS }, 'sleeping'],
    ['rests with its hash power on', `${IDLE} PS[0 1221 1279 0 0 1284]`, { joined: POOLS }, 'idle'],
    ['rests because no pool is there', `${IDLE} PS[0 1221 4 0 0 1284]`, { joined: { POOLS: [] } }, 'idle'],
  ] as const)('that %s', async (_, text, { joined }: { joined?: object }, state) => {
    const both = joined === undefined ? {} : { 'pools+summary+stats': { pools: [joined], stats: [entry(text)] } };
    expect((await reads(text, both)).miningState).toBe(state);
  });

  test.each([
    ['at the wall', 'WALLPOWER[3500] PS[0 1214 1316 242 3189 1320 3504]', 3_500],
    ['at the supply', 'PS[0 1214 1316 242 3189 1320]', 3_189],
    ['nowhere', 'PS[0 1214 1316 0 0 1320] MPO[3000]', null],
  ])('measures its power %s', async (_, text, powerW) => {
    expect((await reads(`${WORKS} ${text}`)).powerW).toBe(powerW);
  });

  test('tells its faults by their code', async () => {
    const { errors } = await reads(`${WORKS} PS[34 1214 1316 242 3189 1320] ECHU[0 513 128] ECMM[1]`);
    expect(errors.map(({ code }) => code)).toEqual(['PS 2', 'PS 32', 'ECHU 513', 'ECHU 128', 'ECMM 1']);
  });

  test('that has lost a board says so, and keeps its place', async () => {
    const text = 'SYSTEMSTATU[Work: In Work, Hash Board: 2 ] Elapsed[9000] MGHS[16000.0 0.00 17000.0] MTmax[70 0 71]';
    const { errors, boards } = await reads(text);
    expect(errors).toEqual([{ code: null, message: '2 of 3 boards found, board missing' }]);
    expect(boards.map(({ hashrateThs, chipTempC }) => [hashrateThs, chipTempC])).toEqual([
      [16, 70],
      [0, null],
      [17, 71],
    ]);
  });

  test('of the home kind is read through its shorter statistics, with its board beside them', async () => {
    const text = {
      STATS: [
        { 'MM ID0:Summary': `'STATS':{${WORKS} GHSspd[80000] TA[160]}`, HBinfo: "'HB0':{MGHS[79000] HBTemp[61]}" },
      ],
    };
    const snapshot = await reads('', { estats: {}, litestats: text });
    expect([snapshot.hashrateThs, snapshot.boards[0]]).toMatchObject([80, { hashrateThs: 79, boardTempC: 61 }]);
  });

  test('whose statistics fail loses those alone, and names them', async () => {
    const snapshot = await reads('', { estats: { STATUS: [{ STATUS: 'E', Code: 99, Msg: 'busy' }] } });
    expect(snapshot).toMatchObject({ hashrateThs: 0, boards: [] });
    expect(snapshot.partial?.[0]).toMatchObject({ read: 'estats' });
    expect(snapshot.pools).toHaveLength(1);
  });
});
