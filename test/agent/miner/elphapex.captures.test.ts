import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, password } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('root', 'root'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('elphapex');
const all = captures.length > 0 ? describe : describe.skip;

/** What asic-rs asserts, by its own names. */
type Asserted = Readonly<{
  mac: string;
  serial_number: string;
  firmware_version: string;
  api_version: string;
  hashrate_mhs: number;
  expected_hashrate_mhs: number;
  power_w: number;
  uptime_s: number;
  fans_count: number;
  hashboards_count: number;
  boards_working_chips: Readonly<Record<string, number>>;
  board3_serial: string;
  pools_count: number;
  pool0_url: string;
}>;

async function read({ exchanges }: Capture, family: string | null) {
  const device = await replay({ family, exchanges, realm: 'Daoge Configuration' });
  const reading = await miners.read(device.target);
  await device.close();
  return reading;
}

all('captures of Elphapex', () => {
  test.each(captures)('$name is known by its realm, and gives a snapshot that holds to its schema', async (one) => {
    const { snapshot, unreadable } = await read(one, null);
    expect([unreadable, snapshot?.family]).toEqual([null, 'elphapex']);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
  });

  test('a DG Home 1 that has just started is what its source read', async () => {
    const capture = captures.find(({ name }) => name.startsWith('dg-home1'));
    if (capture === undefined) throw new Error('no capture of a DG Home 1');
    const { snapshot } = await read(capture, 'elphapex');
    const expected = capture.expected as unknown as Asserted;
    expect(snapshot).toMatchObject({
      mac: expected.mac,
      serial: expected.serial_number,
      firmwareVersion: expected.firmware_version,
      apiVersion: expected.api_version,
      algorithm: 'Scrypt',
      hashrateThs: null,
      hashrateGhs: expected.hashrate_mhs / 1e3,
      hashrateNominalGhs: expected.expected_hashrate_mhs / 1e3,
      powerW: expected.power_w,
      uptimeS: expected.uptime_s,
      // The source takes the mode for it: without a rate, in its first seconds, it only starts.
      miningState: 'starting',
      // The source counts two entries without a word as messages: a blank is no error.
      errors: [],
      locating: false,
      model: 'DG-Home1',
    });
    expect(snapshot?.fans).toHaveLength(expected.fans_count);
    expect(snapshot?.boards).toHaveLength(expected.hashboards_count);
    for (const [index, chips] of Object.entries(expected.boards_working_chips))
      expect(snapshot?.boards[Number(index)]?.chips).toBe(chips);
    // Its chips stand in thousandths of a degree; the source takes one of them, the snapshot the hottest.
    expect(snapshot?.boards[3]).toMatchObject({ serial: expected.board3_serial, chipTempC: 25.687, boardTempC: 67 });
    expect(snapshot?.pools).toHaveLength(expected.pools_count);
    // "Unreachable".
    expect(snapshot?.pools[0]).toMatchObject({ url: expected.pool0_url, state: 'dead', active: false });
  });
});
