import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, type Pages, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('', 'letmein'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('epic');

/** What asic-rs asserts of this family, by its own names. */
type Asserted = Readonly<{
  uptime_s: number;
  power_w: number;
  hashboards_count: number;
  board1_working_chips: number;
}>;

(captures.length > 0 ? describe : describe.skip)('captures of ePIC', () => {
  test.each(captures)(
    '$name is known by its own answers and gives a snapshot that holds to its schema',
    async (one) => {
      const { snapshot, unreadable } = await readCapture(miners, one, null);
      expect([unreadable, snapshot?.family]).toEqual([null, 'epic']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
    },
  );

  test('an S19 XP with a dead board is what asic-rs read', async () => {
    const [capture] = captures;
    if (capture === undefined) throw new Error('no capture');
    const { snapshot } = await readCapture(miners, capture, 'epic');
    const expected = capture.expected as unknown as Asserted;
    expect(snapshot?.uptimeS).toBe(expected.uptime_s);
    expect(snapshot?.powerW).toBe(expected.power_w);
    expect(snapshot?.boards).toHaveLength(expected.hashboards_count);
    expect(snapshot?.boards[1]?.chips).toBe(expected.board1_working_chips);
    // asic-rs counts 0 chips on the board that is off; the device says nothing of them.
    expect(snapshot?.boards[0]).toMatchObject({ index: 0, chips: null, hashrateThs: null, state: 'disabled' });
    // asic-rs takes the control board's CPU for the serial number that the miner does not give.
    expect(snapshot?.serial).toBeNull();
    expect(snapshot).toMatchObject({
      miningState: 'hashing',
      // Both boards' rates; the session's average is 90.07199.
      hashrateThs: 99.365848,
      hashrateAvgThs: 90.07199,
      hashrateNominalThs: 143,
      powerLimitW: 3_000,
      mac: 'e6:d4:41:51:64:28',
      hostname: 'cminer32092035',
      model: 'AntMiner S19 XP',
      firmwareVersion: 'PowerPlay-BMS v1.5.13',
      locating: false,
      errors: [{ code: null, message: 'board switched off in slot 0' }],
      pools: [
        {
          ...{ index: 0, url: 'stratum+tcp://mine.ocean.xyz:3334', worker: 'account1.worker2' },
          ...{ state: 'alive', active: true, accepted: 1_862, rejected: 2 },
        },
      ],
    });
    // Fan 2 stands still; slots from 5 on are empty.
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual([5_971, 0, 5_942, 5_745]);
    expect(
      snapshot?.boards
        .slice(1)
        .map(({ hashrateThs, boardTempC, chipTempC }) => [...[hashrateThs, boardTempC, chipTempC]]),
    ).toEqual([
      [49.440724, 67, null],
      [49.925124, 64.312, null],
    ]);
  });
});

describe('an ePIC', () => {
  const reads = async (summary: object, more: Pages = {}) => {
    const device = await pageDevice({
      family: 'epic',
      port: 'rpc',
      pages: { 'GET /summary': { says: summary }, ...more },
    });
    const { snapshot } = await miners.read(device.target);
    await device.close();
    return snapshot;
  };
  const status = (word: string, more: object = {}) => ({
    Status: { 'Operating State': word, 'Last Error': null, ...more },
  });

  test.each([
    ['Mining', 'hashing'],
    ['AdjustingClockVoltage', 'starting'],
    ['Initializing', 'starting'],
    ['Loading', 'starting'],
    ['PreInitCooldown', 'starting'],
    ['Rebooting', 'starting'],
    ['SoftRebooting', 'starting'],
    ['Stopping', 'stopped'],
  ])('that is %s is %s', async (word, state) => {
    const snapshot = await reads({ ...status(word), HBs: [{ Index: 0, Hashrate: [50e6, 100] }] });
    expect(snapshot?.miningState).toBe(state);
  });

  const pool = (IsPoolConnected: boolean) => ({
    Stratum: { IsPoolConnected },
    StratumConfigs: [{ pool: 'p.example:1' }],
  });
  test.each([
    ['its last command was the stop', { ...status('Idling', { 'Last Command': 'Stop' }), ...pool(false) }, 'sleeping'],
    ['it has a pool and no fault', { ...status('Idling'), ...pool(true) }, 'sleeping'],
    ['its pool is lost', { ...status('Idling'), ...pool(false) }, 'idle'],
    ['it has a fault', { ...status('Idling', { 'Last Error': 'over temp' }), ...pool(true) }, 'idle'],
  ])('that idles, and %s', async (_, summary, state) => {
    const snapshot = await reads(summary);
    expect(snapshot?.miningState).toBe(state);
    expect(snapshot?.errors.map(({ code }) => code).includes('no_pool')).toBe(
      state === 'idle' && !snapshot?.pools[0]?.active,
    );
  });

  const tune = (Unit: string, more: object = {}) => ({
    PerpetualTune: { Running: true, Algorithm: { PowerTune: { Target: 2_400, Unit, ...more } } },
    PresetInfo: { 'Target Power': 3_000 },
  });
  test.each([
    ['W', {}, 2_400, 143],
    ['W', { 'Throttle Target': 2_000 }, 2_000, 143],
    ['TH/s', {}, 3_000, 2_400],
  ])('that tunes in %s, with %j', async (unit, more, powerLimitW, hashrateNominalThs) => {
    const pages = { 'GET /capabilities': { says: { 'Default Hashrate': 143 } } };
    expect(await reads({ ...status('Mining'), ...tune(unit, more) }, pages)).toMatchObject({
      ...{ powerLimitW, hashrateNominalThs },
    });
  });

  test('of another algorithm keeps its rates in MH/s', async () => {
    const summary = {
      ...status('Mining'),
      Mining: { Algorithm: 'Blake2b', Coin: 'SC' },
      Session: { 'Average MHs': 7_900 },
    };
    const snapshot = await reads({ ...summary, HBs: [{ Index: 0, Hashrate: [8_000, 100] }] });
    expect(snapshot).toMatchObject({
      ...{ algorithm: 'Blake2b', hashrateThs: null, hashrateMhs: 8_000, hashrateAvgMhs: 7_900, miningState: 'hashing' },
    });
    expect(snapshot?.boards[0]).toMatchObject({ hashrateThs: null, hashrateMhs: 8_000 });
  });

  test('with a fixed address has its MAC elsewhere', async () => {
    const pages = { 'GET /network': { says: { static: { mac_address: 'AA-BB-CC-00-11-22' } } } };
    expect((await reads(status('Mining'), pages))?.mac).toBe('aa:bb:cc:00:11:22');
  });

  test('of which pages are missing loses those alone', async () => {
    const supply = { 'Power Supply Stats': { 'Input Power': 0 } };
    const snapshot = await reads({ ...status('Mining'), ...supply, HBs: [{ Index: 0, Hashrate: ['50000000.0'] }] });
    expect(snapshot).toMatchObject({ miningState: 'hashing', hashrateThs: 50, powerW: null, model: null, mac: null });
    expect(snapshot?.boards.map(({ chips, state }) => [chips, state])).toEqual([[null, null]]);
  });

  test('that says it mines, and shows no rate at all, is not believed', async () => {
    expect((await reads(status('Mining')))?.miningState).toBe('unknown');
  });
});
