import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, type Pages, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('', 'secret'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('proto');

/** What asic-rs asserts of this family, by its own names. */
type Asserted = Readonly<{
  hostname: string;
  mac: string;
  serial_number: string;
  total_chips: number;
  hashboards_count: number;
  board0_serial: string;
  expected_hashrate_ths: number;
  hashrate_ths_min: number;
  power_w_min: number;
  fans_count: number;
  pools_count: number;
}>;

(captures.length > 0 ? describe : describe.skip)('captures of the Proto Rig', () => {
  test.each(captures)(
    '$name is known by its own answers and gives a snapshot that holds to its schema',
    async (one) => {
      const { snapshot, unreadable } = await readCapture(miners, one, null);
      expect([unreadable, snapshot?.family]).toEqual([null, 'proto']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
    },
  );

  test('a rig is what asic-rs read', async () => {
    const [capture] = captures;
    if (capture === undefined) throw new Error('no capture');
    const { snapshot } = await readCapture(miners, capture, 'proto');
    const expected = capture.expected as unknown as Asserted;
    expect(snapshot).toMatchObject({
      hostname: expected.hostname,
      mac: expected.mac.toLowerCase(),
      serial: expected.serial_number,
      hashrateNominalThs: expected.expected_hashrate_ths,
      miningState: 'hashing',
      model: 'Rig',
      firmwareVersion: '1.8.0',
      uptimeS: 28,
      deviceUptimeS: 28,
      // The mining page's; the telemetry, a moment later, has 135.475676 and 3466 W.
      hashrateThs: 141.147435,
      powerLimitW: 3_400,
      errors: [],
      locating: null,
    });
    expect(snapshot?.hashrateThs).toBeGreaterThan(expected.hashrate_ths_min);
    expect(snapshot?.powerW).toBeGreaterThan(expected.power_w_min);
    expect(snapshot?.fans.map(({ index, rpm }) => [index, rpm])).toEqual([
      [0, 4_346],
      [1, 4_691],
      [2, 4_658],
      [3, 4_443],
    ]);
    expect([snapshot?.fans.length, snapshot?.boards.length, snapshot?.pools.length]).toEqual([
      ...[expected.fans_count, expected.hashboards_count, expected.pools_count],
    ]);
    expect(snapshot?.boards.reduce((sum, { chips }) => sum + (chips ?? 0), 0)).toBe(expected.total_chips);
    expect(snapshot?.boards[0]).toMatchObject({ index: 0, serial: expected.board0_serial, hashrateThs: 36.448481 });
    // Both call themselves active; the snapshot has one that it mines for.
    expect(snapshot?.pools[0]).toEqual({
      ...{ index: 0, url: 'stratum+tcp://pool-a.example.com:3333', worker: 'worker-a', state: 'alive', active: true },
      ...{ accepted: 12_345, rejected: 10 },
    });
    expect(snapshot?.pools.map(({ active }) => active)).toEqual([true, false]);
  });
});

describe('a Proto Rig', () => {
  const status = (word: string, more: object = {}) => ({
    'mining-status': { status: word, hashrate_ghs: 141_000, ...more },
  });
  const reads = async (pages: Pages) => {
    const device = await pageDevice({ family: 'proto', pages });
    const reading = await miners.read(device.target);
    await device.close();
    return { ...reading, heard: device.heard };
  };

  test.each([
    ['Mining', 'hashing'],
    ['DegradedMining', 'hashing'],
    ['PoweringOn', 'starting'],
    ['PoweringOff', 'stopped'],
    ['Stopped', 'stopped'],
    ['NoPools', 'idle'],
    ['Error', 'error'],
    ['Dreaming', 'hashing'],
  ])('that is %s is %s', async (word, state) => {
    const { snapshot } = await reads({ 'GET /api/v1/mining': { says: status(word) } });
    expect(snapshot?.miningState).toBe(state);
  });

  test('that wants a session is read in one, opened once', async () => {
    const { snapshot, heard } = await reads({
      'POST /api/v1/auth/login': { says: { access_token: 'key' } },
      'GET /api/v1/mining': ({ authorization }) =>
        authorization === 'Bearer key' ? { says: status('Mining') } : { status: 401, says: {} },
    });
    expect(snapshot?.hashrateThs).toBe(141);
    const logins = heard.filter(({ asked }) => asked.startsWith('POST'));
    expect(logins.map(({ asked, body }) => [asked, body])).toEqual([
      ['POST /api/v1/auth/login', { password: 'secret' }],
    ]);
  });

  test('without its wrappings, and without its mining page, is read from the rest', async () => {
    const { snapshot } = await reads({
      'GET /api/v1/system': { says: { model: 'Rig', os: { version: '1.9.0' }, uptime_seconds: '90' } },
      'GET /api/v1/telemetry?level=miner,hashboard,psu': {
        says: { miner: { hashrate: { unit: 'GH/s', value: 140_000 }, power: { unit: 'W', value: 3_400 } } },
      },
      'GET /api/v1/hardware': { says: { 'hashboards-info': [{ slot: 2, hb_sn: 'B', mining_asic_count: 120 }] } },
      'GET /api/v1/errors': { says: [{ error_code: 12, message: 'fan 2 lost' }, { code: 'PSU' }] },
    });
    expect(snapshot).toMatchObject({
      ...{ hashrateThs: 140, powerW: 3_400, firmwareVersion: '1.9.0', deviceUptimeS: 90, miningState: 'hashing' },
      errors: [
        { code: '12', message: 'fan 2 lost' },
        { code: 'PSU', message: 'PSU' },
      ],
    });
    expect(snapshot?.boards).toMatchObject([{ index: 1, chips: 120, serial: 'B', hashrateThs: null }]);
  });

  test('tells pools that are dead or switched off', async () => {
    const { snapshot } = await reads({
      'GET /api/v1/mining': { says: status('NoPools', { hashrate_ghs: 0 }) },
      'GET /api/v1/pools': {
        says: {
          pools: [
            { url: 'a:1', status: 'Dead' },
            { url: 'b:1', enabled: false, status: 'Active' },
          ],
        },
      },
    });
    expect(snapshot?.pools.map(({ state }) => state)).toEqual(['dead', 'disabled']);
    expect(snapshot).toMatchObject({ miningState: 'idle', errors: [{ code: 'no_pool' }] });
  });
});
