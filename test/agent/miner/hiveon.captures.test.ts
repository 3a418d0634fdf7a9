import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, pageDevice, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('root', 'root'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('hiveon');
const all = captures.length > 0 ? describe : describe.skip;

all('captures of Hiveon', () => {
  test.each(captures)('$name is known by its own name, and gives a snapshot that holds to its schema', async (one) => {
    const { snapshot, unreadable } = await readCapture(miners, one, null);
    expect([unreadable, snapshot?.family]).toEqual([null, 'hiveon']);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
  });

  // No reader asserts anything of it: these are the reply's own figures.
  test('an S19x88 with most of its chips gone is read with the watts it measures', async () => {
    const capture = captures.find(({ name }) => name.startsWith('s19x88'));
    if (capture === undefined) throw new Error('no capture of an S19x88');
    const { snapshot } = await readCapture(miners, capture, 'hiveon');
    expect(snapshot).toMatchObject({
      ...{ model: 'Antminer S19x88 Hiveon', firmwareVersion: 'Thu Apr 10 18:12:59 UTC 2025' },
      ...{ uptimeS: 805_625, miningState: 'hashing', powerW: 1_345 },
      ...{ hashrateThs: 6.751, hashrateAvgThs: 6.42151, hashrateNominalThs: 63.28882 },
    });
    // The fourth slot has "0.0" for a rate, and no chips.
    expect(
      snapshot?.boards.map(({ hashrateThs, chips, boardTempC, chipTempC, state }) => [
        ...[hashrateThs, chips, boardTempC, chipTempC, state],
      ]),
    ).toEqual([
      [2.26499, 88, 50, 61, '78 chips dead'],
      [1.78121, 88, 46, 56, '80 chips dead'],
      [2.7048, 88, 48, 56, '78 chips dead'],
    ]);
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual([3_090, 3_000, 3_000, 3_090]);
  });
});

describe('a Hiveon', () => {
  test.each([
    ['1', 'sleeping'],
    ['0', 'hashing'],
  ])('whose configuration says mode %s', async (mode, miningState) => {
    const pages = {
      'GET /cgi-bin/stats.cgi': { says: { STATS: [{ elapsed: 5_000, rate_5s: 90_000 }] } },
      'GET /cgi-bin/get_miner_conf.cgi': { says: { pools: [], 'bitmain-work-mode': mode } },
    };
    const device = await pageDevice({ family: 'hiveon', digest: 'root', pages });
    const { snapshot } = await miners.read(device.target);
    await device.close();
    expect(snapshot?.miningState).toBe(miningState);
  });
});
