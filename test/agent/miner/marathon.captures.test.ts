import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, type Pages, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('root', 'root'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('marathon');

/** What its source asserts, by its own names. */
type Asserted = Readonly<{
  hashrate_ths: number;
  expected_hashboards: number;
  boards_working_chips: readonly number[];
  fans_rpm: readonly number[];
  power_w: number;
  uptime_s: number;
}>;

(captures.length > 0 ? describe : describe.skip)('captures of Marathon', () => {
  test.each(captures)(
    '$name is known by its own answers and gives a snapshot that holds to its schema',
    async (one) => {
      const { snapshot, unreadable } = await readCapture(miners, one, null);
      expect([unreadable, snapshot?.family]).toEqual([null, 'marathon']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
    },
  );

  test('a KS5 Pro that sleeps is what its source read', async () => {
    const [capture] = captures;
    if (capture === undefined) throw new Error('no capture');
    const { snapshot } = await readCapture(miners, capture, 'marathon');
    const expected = capture.expected as unknown as Asserted;
    expect(snapshot).toMatchObject({
      miningState: 'sleeping',
      hashrateThs: expected.hashrate_ths,
      powerW: expected.power_w,
      uptimeS: expected.uptime_s,
      efficiencyJPerTh: null,
      // Its ideal rate is 0 while it sleeps: what the model is sold for, as its own name says ("21.0TH").
      hashrateNominalThs: 21,
      algorithm: 'kHeavyHash',
      model: 'Antminer KS5 Pro',
      firmwareVersion: 'MaraFW rel 3.14_584',
      controlBoard: 'CVCtrl',
      errors: [],
    });
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual(expected.fans_rpm);
    expect(snapshot?.boards).toHaveLength(expected.expected_hashboards);
    expect(snapshot?.boards.map(({ chips }) => chips)).toEqual(expected.boards_working_chips);
    expect(
      snapshot?.boards.map(({ chipsExpected, boardTempC, chipTempC }) => [...[chipsExpected, boardTempC, chipTempC]]),
    ).toEqual([
      [92, 37.125, 42.125],
      [92, 36.998985, 41.998985],
      [92, 37, 42],
    ]);
    // The capture has four pages.
    expect(snapshot).toMatchObject({ mac: null, pools: [], locating: null });
    expect(snapshot).not.toHaveProperty('partial');
  });
});

describe('a Marathon', () => {
  const BRIEF = { status: 'Mining', elapsed: 900, hashrate_realtime: 98.5, hashrate_ideal: 100_000 };
  const reads = async (brief: object, more: Pages = {}) => {
    const pages = { 'GET /kaonsu/v1/brief': { says: brief }, ...more };
    const device = await pageDevice({ family: 'marathon', digest: 'root', pages });
    const { snapshot } = await miners.read(device.target);
    await device.close();
    return snapshot;
  };

  test.each([
    ['TH/s beside an ideal in GH/s', {}, 98.5, 100],
    ['GH/s throughout, as its page says', { hashrate_realtime: 98_500, hashrate_unit: 'GH/s' }, 98.5, 100],
    ['TH/s throughout, as its page says', { hashrate_ideal: 100, hashrate_unit: 'TH/s' }, 98.5, 100],
    ['TH/s with an ideal that is missing', { hashrate_ideal: null }, 98.5, null],
    ['a text', { hashrate_realtime: '98.5', hashrate_ideal: '100000' }, 98.5, 100],
  ])('that gives its rate as %s', async (_, more, hashrateThs, hashrateNominalThs) => {
    expect(await reads({ ...BRIEF, ...more })).toMatchObject({
      ...{ hashrateThs, hashrateNominalThs, miningState: 'hashing', uptimeS: 900 },
    });
  });

  const config = (mode: string) => ({
    'GET /kaonsu/v1/miner_config': {
      says: { mode: { 'work-mode-selector': mode, concorde: { 'power-target': 3_000 } } },
    },
  });
  test.each([
    ['Auto', 3_000, 'hashing'],
    ['Sleep', 3_000, 'sleeping'],
    // Neither takes notice of the target.
    ['Fixed', null, 'hashing'],
    ['Stock', null, 'hashing'],
  ])('of mode %s', async (mode, powerLimitW, miningState) => {
    expect(await reads(BRIEF, config(mode))).toMatchObject({ powerLimitW, miningState });
  });

  test('is read through its digest, with pools, names, light and faults', async () => {
    const snapshot = await reads(BRIEF, {
      'GET /kaonsu/v1/overview': { says: { model: 'Antminer S19j Pro', mac: 'AA:BB:CC:00:11:22' } },
      'GET /kaonsu/v1/network_config': { says: { hostname: 'rig-7' } },
      'GET /kaonsu/v1/locate_miner': { says: { blinking: true } },
      'GET /kaonsu/v1/fans': { says: { error: true, error_description: 'fan 2 lost', fans: [{ current_speed: 0 }] } },
      'GET /kaonsu/v1/hashboards': {
        says: {
          hashboards: [
            { index: 0, hashrate_average: 33_000, temperature_pcb: [60, 70], temperature_chip: [80], asic_num: 126 },
            { index: 1, present: false },
          ],
        },
      },
      'GET /kaonsu/v1/pools': {
        says: [
          { index: 0, url: 'a.example:1', user: 'x', status: 'Dead', priority: 0, accepted: 1, rejected: 2 },
          { index: 1, url: 'b.example:1', user: 'y', status: 'Alive', priority: 1, accepted: '3', rejected: 0 },
          { index: 2, url: '', user: '' },
        ],
      },
    });
    expect(snapshot).toMatchObject({ mac: 'aa:bb:cc:00:11:22', hostname: 'rig-7', locating: true });
    expect(snapshot).not.toHaveProperty('algorithm');
    expect(snapshot?.errors.map(({ message }) => message)).toEqual(['board missing in slot 1', 'fan 2 lost']);
    expect(snapshot?.boards[0]).toMatchObject({ hashrateThs: 33, boardTempC: 70, chipTempC: 80, chips: 126 });
    expect(snapshot?.pools.map(({ url, state, active, accepted }) => [url, state, active, accepted])).toEqual([
      ['a.example:1', 'dead', false, 1],
      ['b.example:1', 'alive', true, 3],
    ]);
  });

  test('of which pages fail loses those alone, and names them', async () => {
    const snapshot = await reads(BRIEF, { 'GET /kaonsu/v1/pools': { status: 500, says: '' } });
    expect(snapshot).toMatchObject({ hashrateThs: 98.5, pools: [], boards: [], partial: [{ read: 'pools' }] });
  });
});
