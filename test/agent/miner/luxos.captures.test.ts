import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(noCredentials);
afterAll(() => Promise.all([miners.close(), closeAll()]));

const captures = capturesOf('luxos');

(captures.length > 0 ? describe : describe.skip)('captures of LuxOS', () => {
  // The vendor's samples are the version, the groups and the ATM: nothing that is measured.
  test.each(captures)('$name is known by its own answers, and says of the rest that it is not known', async (one) => {
    for (const family of ['luxos', null]) {
      const { snapshot, unreadable } = await readCapture(miners, one, family);
      expect([unreadable, snapshot?.family]).toEqual([null, 'luxos']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(snapshot).toMatchObject({
        ...{ model: 'A model', firmwareVersion: '2000.1.1.12345-aaabbbc', apiVersion: '3.7', miningState: 'unknown' },
        ...{ hashrateThs: null, powerW: null, uptimeS: null, boards: [], fans: [], pools: [] },
      });
      expect(snapshot?.partial).toBeUndefined();
    }
  });
});
