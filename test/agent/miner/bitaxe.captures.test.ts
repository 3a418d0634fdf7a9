import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, type Pages, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('', ''));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('bitaxe', 'nerdaxe');

/** No source says what it read here: the figures are those of the pages themselves, in the snapshot's units. */
(captures.length > 0 ? describe : describe.skip)('captures of Bitaxe and NerdAxe', () => {
  test.each(captures)('$name is known by its page and gives a snapshot that holds to its schema', async (one) => {
    for (const family of [null, one.family]) {
      const { snapshot, unreadable } = await readCapture(miners, one, family);
      expect([unreadable, snapshot?.family]).toEqual([null, one.family]);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
      expect(snapshot).not.toHaveProperty('partial');
    }
  });

  const read = async (name: string) => {
    const capture = captures.find((one) => one.name.startsWith(name));
    if (capture === undefined) throw new Error(`no capture ${name}`);
    return (await readCapture(miners, capture, capture.family)).snapshot;
  };

  test('a Gamma mines at its second pool', async () => {
    expect(await read('gamma-601')).toMatchObject({
      ...{ miningState: 'hashing', model: 'Gamma 601 (BM1370)', firmwareVersion: 'v2.12.2', controlBoard: '601' },
      ...{ mac: '10:f5:12:33:bb:f0', hostname: 'bitaxe', serial: null, uptimeS: 18_574, locating: null },
      ...{ hashrateThs: 1.072241, hashrateAvgThs: 1.071874, hashrateNominalThs: 1.071 },
      ...{ powerW: 18.7522583, powerLimitW: null, efficiencyJPerTh: 17.488847, errors: [] },
      // `fan2rpm` is 0: it has one fan. `temp2` is −1: it has one sensor.
      fans: [{ index: 0, rpm: 3_915 }],
      boards: [{ index: 0, hashrateThs: 1.072241, chips: 1, chipsExpected: 1, boardTempC: 62, chipTempC: 60.125 }],
      pools: [
        { index: 0, url: 'stratum+tcp://public-pool.io:21496', state: 'unknown', active: false, accepted: null },
        {
          index: 1,
          url: 'stratum+tcp://solo.ckpool.org:3333',
          state: 'alive',
          active: true,
          accepted: 4_768,
          rejected: 13,
        },
      ],
    });
  });

  test('another firmware of a dead Ultra gives zeros for sensors that it does not read', async () => {
    const snapshot = await read('ultra-205');
    expect(snapshot).toMatchObject({
      // Five minutes after its start no rate is no failure.
      ...{ miningState: 'starting', hashrateThs: 0, hashrateNominalThs: null, powerW: null, mac: null },
      ...{ model: 'BM1366 205', uptimeS: 306, pools: [] },
    });
    expect(snapshot?.boards).toMatchObject([{ boardTempC: null, chipTempC: null, chips: null }]);
  });

  test('a NerdQAxe++ has four chips and two fans, and counts the shares of its pool', async () => {
    expect(await read('nerdqaxe')).toMatchObject({
      ...{ make: 'NerdAxe', model: 'NerdQAxe++', firmwareVersion: 'v1.1.0-beta1', hostname: 'qaxe6' },
      // The day's average, 2.749, counts the half day before its start as nothing.
      ...{ miningState: 'hashing', hashrateThs: 5.455551, hashrateAvgThs: 5.509091, powerW: 103 },
      // 680 MHz, 2 040 small cores, 4 chips.
      hashrateNominalThs: 5.5488,
      fans: [
        { index: 0, rpm: 1_796 },
        { index: 1, rpm: 1_557 },
      ],
      // The sensors in the chips all give 0.
      boards: [{ chips: 4, chipsExpected: 4, boardTempC: 55.9375, chipTempC: 59.875 }],
      pools: [
        { url: 'stratum+tcp://172.17.1.6:2018', state: 'alive', active: true, accepted: 3_492, rejected: 3 },
        { url: 'stratum+tcp://solo.ckpool.org:3333', state: 'unknown', active: false, accepted: null },
      ],
    });
  });
});

const INFO = {
  ASICModel: 'BM1370',
  boardVersion: '601',
  hashRate: 1_000,
  uptimeSeconds: 7_200,
  stratumURL: 'p.example',
  stratumPort: 1,
};
const reads = async (info: object, more: Pages = {}) => {
  const pages = { 'GET /api/system/info': { says: info }, ...more };
  const device = await pageDevice({ family: 'bitaxe', pages });
  const reading = await miners.read(device.target);
  await device.close();
  return reading;
};
const snapshotOf = async (info: object, more: Pages = {}) => (await reads(info, more)).snapshot;

describe('a Bitaxe', () => {
  test.each([
    ['is paused', { miningPaused: true, hashRate: 0 }, 'sleeping', []],
    ['is paused, by a number', { miningPaused: 1, hashRate: 12 }, 'sleeping', []],
    ['is not', { miningPaused: false }, 'hashing', []],
    ['has a power fault', { power_fault: 1 }, 'error', ['power_fault']],
    ['has a power fault in words', { power_fault: 'VIN too low', hashRate: 0 }, 'error', ['power_fault']],
    ['has a hardware fault', { hardware_fault: true }, 'error', ['hardware_fault']],
    ['has none', { power_fault: '', hardware_fault: 0, overheat_mode: '0' }, 'hashing', []],
    ['is too hot, and runs slower', { overheat_mode: 1 }, 'hashing', ['overheat_mode']],
    ['is too hot, and stands', { overheat_mode: 1, hashRate: 0 }, 'error', ['overheat_mode']],
    ['was shut down', { shutdown: true, hashRate: 0 }, 'sleeping', []],
    ['has work and no rate', { hashRate: 0 }, 'idle', []],
  ])('that %s', async (_, more, state, errors) => {
    const snapshot = await snapshotOf({ ...INFO, ...more });
    expect([snapshot?.miningState, snapshot?.errors.map(({ code }) => code)]).toEqual([state, errors]);
  });

  test('tells a fault in the words of the device', async () => {
    expect((await snapshotOf({ ...INFO, power_fault: 'VIN too low' }))?.errors[0]?.message).toBe('VIN too low');
  });

  test.each([
    [59, null],
    [60, 1],
    [599, 1],
    [600, 2],
    [3_599, 2],
    [3_600, 3],
  ])('that is up %i s averages over time that has gone by', async (uptimeSeconds, hashrateAvgThs) => {
    const rates = { hashRate_1m: 1_000, hashRate_10m: 2_000, hashRate_1h: 3_000 };
    expect(await snapshotOf({ ...INFO, ...rates, uptimeSeconds })).toMatchObject({ hashrateAvgThs });
  });

  test.each([
    ['disconnected', 1_000, 'dead'],
    ['active', 0, 'alive'],
    ['', 1_000, 'alive'],
    ['', 0, 'unknown'],
  ])('whose pool is "%s", at %i GH/s', async (poolConnectionInfo, hashRate, state) => {
    const snapshot = await snapshotOf({ ...INFO, poolConnectionInfo, hashRate });
    expect(snapshot?.pools).toMatchObject([{ url: 'stratum+tcp://p.example:1', state, active: true }]);
  });

  test('of old firmware has numbers as texts, and no page of its chips', async () => {
    const snapshot = await snapshotOf({ ASICModel: 'BM1366', hashRate: '480.5', power: '12.4', temp: 55, vrTemp: 0 });
    expect(snapshot).toMatchObject({ model: 'BM1366', hashrateThs: 0.4805, powerW: 12.4, uptimeS: null, pools: [] });
    expect(snapshot?.boards).toMatchObject([{ boardTempC: null, chipTempC: 55, chips: null }]);
    expect(snapshot).not.toHaveProperty('partial');
  });

  test('whose sensors are all missing is not at -1 °C', async () => {
    const snapshot = await snapshotOf({ ...INFO, temp: -1, temp2: -1, vrTemp: -1 });
    expect(snapshot?.boards).toMatchObject([{ boardTempC: null, chipTempC: null }]);
  });

  test('of which the page of chips fails loses that alone, and names it', async () => {
    const snapshot = await snapshotOf(INFO, { 'GET /api/system/asic': { status: 500, says: '' } });
    expect(snapshot).toMatchObject({ hashrateThs: 1, model: 'BM1370 601', partial: [{ read: 'asic' }] });
  });

  test('that takes us for a stranger is read no further', async () => {
    const no = { status: 401, says: 'Unauthorized' };
    const { unreadable, snapshot } = await reads(INFO, { 'GET /api/system/info': no, 'GET /api/system/asic': no });
    expect(unreadable).toBe('auth_failed');
    expect(snapshot).toMatchObject({ miningState: 'unknown', errors: [{ code: 'auth_failed' }] });
  });

  test('with two pools at once, as a NerdAxe has them, mines at the first and counts both', async () => {
    const own = [
      { connected: true, accepted: 7, rejected: 1 },
      { connected: false, accepted: 5, rejected: 0 },
    ];
    const second = { fallbackStratumURL: 'q.example', fallbackStratumPort: 2, fallbackStratumTLS: true };
    const snapshot = await snapshotOf({
      ...INFO,
      ...second,
      stratum: { poolMode: 1, usingFallback: true, pools: own },
    });
    expect(snapshot?.pools).toMatchObject([
      { url: 'stratum+tcp://p.example:1', state: 'alive', active: true, accepted: 7, rejected: 1 },
      { url: 'stratum+ssl://q.example:2', state: 'dead', active: false, accepted: 5, rejected: 0 },
    ]);
  });
});
