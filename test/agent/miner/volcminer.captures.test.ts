import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, pageDevice, password } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('root', 'ltc@dog'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('volcminer');
const all = captures.length > 0 ? describe : describe.skip;
const REALM = 'blackMiner Configuration';

all('captures of VolcMiner', () => {
  test.each(captures)('$name is mended and read', async ({ exchanges, expected }) => {
    const device = await replay({ family: 'volcminer', exchanges });
    const { snapshot, unreadable } = await miners.read(device.target);
    await device.close();
    const { fan1_rpm, chain_acn1 } = expected as unknown as Readonly<{ fan1_rpm: number; chain_acn1: number }>;
    expect(unreadable).toBeNull();
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(snapshot?.fans).toEqual([{ index: 0, rpm: fan1_rpm }]);
    expect(snapshot?.boards.map(({ chips }) => chips)).toEqual([chain_acn1]);
    // The capture is that one line, and has no rate.
    expect(snapshot).toMatchObject({ hashrateThs: null, miningState: 'unknown', algorithm: 'Scrypt' });
    expect(snapshot).not.toHaveProperty('hashrateGhs');
  });
});

describe('a VolcMiner', () => {
  const STATS = {
    INFO: { type: 'VolcMiner D1' },
    STATS: [{ elapsed: 900, rate_5s: 15_200, rate_avg: 15_000, rate_ideal: 15_500, rate_unit: 'MH/s' }],
  };
  const pages = { 'GET /cgi-bin/stats.cgi': { says: STATS } };

  test('is known by the realm of its page alone, and read behind it', async () => {
    const device = await pageDevice({ family: null, digest: 'ltc@dog', realm: REALM, pages });
    const { snapshot, unreadable } = await miners.read(device.target);
    await device.close();
    expect(unreadable).toBeNull();
    expect(snapshot).toMatchObject({
      ...{ family: 'volcminer', algorithm: 'Scrypt', miningState: 'hashing', hashrateThs: null },
      ...{ hashrateGhs: 15.2, hashrateAvgGhs: 15, hashrateNominalGhs: 15.5 },
    });
  });

  test('sends its password to no realm but its own', async () => {
    const device = await pageDevice({ family: 'volcminer', digest: 'ltc@dog', realm: 'router', pages });
    const { unreadable } = await miners.read(device.target);
    await device.close();
    expect([unreadable, device.heard]).toEqual(['unidentified', []]);
  });
});
