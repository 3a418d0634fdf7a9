import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, password } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('root', 'root'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('hammer');
const all = captures.length > 0 ? describe : describe.skip;

/** What pyasic asserts, by its own names. */
type Asserted = Readonly<{
  mac: string;
  api_version: string;
  firmware_version: string;
  hostname: string;
  hashrate_mhs_rounded: number;
  fans_rpm_first2: readonly number[];
}>;

async function read({ exchanges }: Capture, family: string | null) {
  const device = await replay({ family, exchanges, realm: 'blackMiner Configuration' });
  const reading = await miners.read(device.target);
  await device.close();
  return reading;
}

all('captures of Hammer', () => {
  test.each(captures)('$name is known by its own name, and gives a snapshot that holds to its schema', async (one) => {
    const { snapshot, unreadable } = await read(one, null);
    expect([unreadable, snapshot?.family]).toEqual([null, 'hammer']);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
  });

  test('a D10 is what its source read', async () => {
    const capture = captures.find(({ name }) => name.startsWith('hammer-d10'));
    if (capture === undefined) throw new Error('no capture of a D10');
    const { snapshot } = await read(capture, 'hammer');
    const expected = capture.expected as unknown as Asserted;
    expect(snapshot).toMatchObject({
      mac: expected.mac,
      apiVersion: expected.api_version,
      firmwareVersion: expected.firmware_version,
      hostname: expected.hostname,
      model: 'Hammer D10',
      miningState: 'hashing',
      uptimeS: 119_161,
      algorithm: 'Scrypt',
      hashrateThs: null,
      hashrateGhs: 4.686489,
      hashrateAvgGhs: 4.872871,
      hashrateNominalGhs: null,
    });
    // Scrypt is counted in GH/s here (fact sheet 19.1), by the source in MH/s.
    expect(Math.round((snapshot?.hashrateGhs ?? 0) * 1e3)).toBe(expected.hashrate_mhs_rounded);
    expect(snapshot?.fans.map(({ rpm }) => rpm).slice(0, 2)).toEqual(expected.fans_rpm_first2);
    expect(snapshot?.boards.map(({ hashrateGhs, chips }) => [hashrateGhs, chips])).toEqual([
      [1.578274, 108],
      [1.594365, 108],
      [1.51385, 108],
    ]);
    // "temp1" comes four times; the last one is what JSON keeps.
    expect(snapshot?.boards.map(({ boardTempC }) => boardTempC)).toEqual([45, 42, 40]);
    expect(snapshot?.pools).toHaveLength(3);
  });
});
