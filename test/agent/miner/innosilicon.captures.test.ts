import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('admin', 'admin'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('innosilicon', 'dragonmint');

async function snapshotOf(capture: Capture | undefined): Promise<MinerSnapshot> {
  if (capture === undefined) throw new Error('no capture');
  const { snapshot, detail } = await readCapture(miners, capture, capture.family);
  if (snapshot === null) throw new Error(`${capture.name}: ${detail}`);
  return snapshot;
}

(captures.length > 0 ? describe : describe.skip)('captures of Innosilicon and DragonMint', () => {
  test.each(captures)(
    '$name is known by its own answers and gives a snapshot that holds to its schema',
    async (one) => {
      const { snapshot, unreadable } = await readCapture(miners, one, null);
      expect([unreadable, snapshot?.family]).toEqual([null, one.family]);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
    },
  );

  test('an A9 without its page is what foreman read', async () => {
    const capture = captures.find(({ family }) => family === 'innosilicon');
    const snapshot = await snapshotOf(capture);
    const asic = capture?.expected?.asics?.[0];
    // Foreman takes the average, in solutions a second: the snapshot counts Equihash in thousands of them.
    expect(snapshot.hashrateAvgKsols).toBe((asic as unknown as { hashrate_hs: number }).hashrate_hs / 1_000);
    expect(snapshot).toMatchObject({
      ...{ algorithm: 'Equihash', hashrateKsols: 51.45163, hashrateThs: null, hashrateAvgThs: null },
      ...{ model: 'A9', firmwareVersion: '1.1.0', uptimeS: 48_768, miningState: 'hashing' },
    });
    // It says nothing of its fans but how hard they are driven: foreman counts one a board, in per cent.
    expect(snapshot.fans).toEqual([]);
    expect(snapshot.boards).toHaveLength(asic?.boards ?? -1);
    expect(snapshot.boards.map(({ boardTempC }) => boardTempC)).toEqual(asic?.temps_c);
    expect(snapshot.boards.map(({ hashrateKsols, chips }) => [hashrateKsols, chips])).toEqual(
      Array(3).fill([16.5, 12]),
    );
    expect(snapshot.pools.map(({ url, state, accepted, rejected }) => [url, state, accepted, rejected])).toEqual(
      capture?.expected?.pools?.map((pool) => [
        ...[`stratum+tcp://${pool.host_port}`, pool.up ? 'alive' : 'dead', pool.accepted_shares, pool.rejected_shares],
      ]),
    );
    expect(snapshot.partial?.map(({ read }) => read)).toEqual(['getErrorDetail', 'overview']);
  });

  test('a T1 of which only the statistics are there has its boards, and their sum', async () => {
    const snapshot = await snapshotOf(captures.find(({ family }) => family === 'dragonmint'));
    expect(snapshot).toMatchObject({
      ...{ model: 'DragonMint T1', hashrateThs: 16.111872, uptimeS: 204_725, miningState: 'hashing' },
    });
    expect(snapshot).not.toHaveProperty('algorithm');
    expect(snapshot.boards.map(({ chips, boardTempC, chipTempC }) => [chips, boardTempC, chipTempC])).toEqual([
      [63, 72, 84],
      [63, 74, 87],
      [63, 71, 82],
    ]);
    expect(snapshot.boards.map(({ hashrateThs }) => hashrateThs)).toEqual([5.370624, 5.370624, 5.370624]);
  });
});
