import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { capturesOf } from './captures.ts';
import { minersWith, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

const miners = minersWith(password('root', 'root'));
afterAll(() => Promise.all([miners.close(), closeAll()]));
const captures = capturesOf('mskminer');
const all = captures.length > 0 ? describe : describe.skip;

all('captures of MSKMiner', () => {
  test.each(captures)(
    '$name is known by its own banner, and gives a snapshot that holds to its schema',
    async (one) => {
      const { snapshot, unreadable } = await readCapture(miners, one, null);
      expect([unreadable, snapshot?.family]).toEqual([null, 'mskminer']);
      expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
      expect(JSON.stringify(snapshot)).not.toContain('NaN');
    },
  );

  test.each(captures)('$name is what foreman read', async (one) => {
    const { snapshot } = await readCapture(miners, one, 'mskminer');
    const [asic] = one.expected?.asics ?? [];
    if (asic === undefined) throw new Error('nothing is asserted');
    expect(snapshot?.hashrateThs).toBe(asic.hashrate_ths);
    expect(snapshot?.boards).toHaveLength(asic.boards);
    expect(snapshot?.fans.map(({ rpm }) => rpm)).toEqual(asic.fans_rpm);
    const temps = snapshot?.boards.map(({ boardTempC }) => boardTempC);
    const chips = snapshot?.boards.map(({ chipTempC }) => chipTempC);
    expect([...(temps ?? []), ...(chips ?? [])]).toEqual(asic.temps_c);
    expect(
      snapshot?.pools.map(({ url, worker, state, accepted, rejected }) => ({
        host_port: url.replace(/^.*?:\/\//, ''),
        worker,
        up: state === 'alive',
        accepted_shares: accepted,
        rejected_shares: rejected,
      })),
    ).toEqual(
      one.expected?.pools?.map(({ host_port, worker, up, accepted_shares, rejected_shares }) => ({
        ...{ host_port, worker, up, accepted_shares, rejected_shares },
      })),
    );
    expect(snapshot?.pools.filter(({ active }) => active)).toHaveLength(1);
  });

  test('an S9 tells the watts of its boards, which its source did not read', async () => {
    const capture = captures.find(({ name }) => name.startsWith('antminer-s9'));
    if (capture === undefined) throw new Error('no capture of an S9');
    const { snapshot } = await readCapture(miners, capture, 'mskminer');
    // "967.50 (AB)".
    expect(snapshot).toMatchObject({
      powerW: 967.5,
      model: 'Antminer S9 Pro',
      uptimeS: 16,
      hashrateNominalThs: 10.773,
    });
  });
});
