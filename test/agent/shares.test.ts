import { describe, expect, test } from '@jest/globals';
import { createShares } from '../../agent/shares.ts';
import { createUplinks } from '../../agent/uplinks.ts';
import { virtualClock } from '../../shared/clock.virtual.ts';
import { type MinerId, minerId, uplinkId } from '../../shared/ids.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { millis, unixMs } from '../../shared/units.ts';
import { aSnapshot } from './execute/builders.ts';
import { anUplink, aPool } from './probe/site.ts';
import { ALL_UNKNOWN, aReachability, aRound, beyond, down, EVERYTHING_DOWN, type World } from './verdict/builders.ts';

const S = 1_000;
const POOL = 'stratum+tcp://pool.example:3333';
const pools = [aPool({ host: 'pool.example', port: 3333 })];
const [one, two]: readonly [MinerId, MinerId] = [minerId('m1'), minerId('m2')];
const counting = (accepted: number | null, url = POOL): MinerSnapshot =>
  aSnapshot({ pools: [{ index: 0, url, worker: null, state: 'alive', active: true, accepted, rejected: 0 }] });

describe('shares of the miners', () => {
  type Reading = readonly [atS: number, accepted: number | null, url?: string];
  const earned = (readings: readonly Reading[], { sinceS = 0, nowS = 60, miners = 1 } = {}): boolean => {
    const shares = createShares({ pools, miners });
    for (const [atS, accepted, url] of readings) shares.saw(one, counting(accepted, url), atS * S);
    return shares.earnedSince(sinceS * S, nowS * S);
  };

  test.each<[string, readonly Reading[], boolean]>([
    [
      'rise between two readings that were both after it',
      [
        [30, 5],
        [45, 6],
      ],
      true,
    ],
    [
      'may have been accepted before it, by a counter that is late',
      [
        [29, 5],
        [45, 6],
      ],
      false,
    ],
    [
      'rose before it',
      [
        [-20, 5],
        [-5, 6],
        [45, 6],
      ],
      false,
    ],
    [
      'stand still',
      [
        [30, 5],
        [45, 5],
      ],
      false,
    ],
    [
      'begin anew with the device',
      [
        [30, 5],
        [45, 0],
      ],
      false,
    ],
    ['are shown by one reading only', [[45, 6]], false],
    [
      'are not counted by the device',
      [
        [30, null],
        [45, null],
      ],
      false,
    ],
    [
      'are accepted by somebody else',
      [
        [30, 5, 'stratum+tcp://10.0.0.9:3333'],
        [45, 6, 'stratum+tcp://10.0.0.9:3333'],
      ],
      false,
    ],
    [
      'are accepted by the pool under another spelling',
      [
        [30, 5, 'POOL.example:443/x'],
        [45, 6, 'POOL.example:443/x'],
      ],
      true,
    ],
  ])('that %s', async (_, readings, expected) => {
    expect(earned(readings)).toBe(expected);
  });

  test('are old after 90 s', () => {
    expect(
      earned(
        [
          [30, 5],
          [45, 6],
        ],
        { nowS: 135 },
      ),
    ).toBe(true);
    expect(
      earned(
        [
          [30, 5],
          [45, 6],
        ],
        { nowS: 136 },
      ),
    ).toBe(false);
  });

  test('are one miner’s word where there are more', () => {
    expect(
      earned(
        [
          [30, 5],
          [45, 6],
        ],
        { miners: 2 },
      ),
    ).toBe(false);
    const shares = createShares({ pools, miners: 2 });
    for (const miner of [one, two]) {
      shares.saw(miner, counting(5), 30 * S);
      shares.saw(miner, counting(6), 45 * S);
    }
    expect(shares.earnedSince(0, 60 * S)).toBe(true);
  });
});

describe('an agent whose probes all fail', () => {
  /** One miner that is read every 15 s, a round every 10 s; `earns` says whether a share was accepted meanwhile. */
  function agent(uplinks: readonly string[], earns: (nowS: number) => boolean) {
    const clock = virtualClock(unixMs(1_700_000_000_000));
    const shares = createShares({ pools, miners: 1 });
    const transitions: string[] = [];
    const joined = createUplinks({
      reachability: aReachability({ pools, uplinks: uplinks.map((name) => anUplink({ uplink: uplinkId(name) })) }),
      clock,
      minersEarn: (sinceMs) => shares.earnedSince(sinceMs, clock.monoMs()),
      onVerdict() {},
      onTransition: (record) => {
        if (record.kind === 'verdict') transitions.push(`${clock.monoMs() / S} ${record.to} ${record.whyNot}`);
      },
    });
    let accepted = 0;
    return {
      transitions,
      until(untilS: number, worldAt: (nowS: number, uplink: string) => World): void {
        while (clock.monoMs() < untilS * S) {
          clock.advance(millis(5 * S));
          const nowS = clock.monoMs() / S;
          if (earns(nowS)) accepted += 1;
          if (nowS % 15 === 0) shares.saw(one, counting(accepted), clock.monoMs());
          if (nowS % 10 !== 0) continue;
          for (const name of uplinks) {
            joined.onRound({ ...aRound(clock.monoMs(), worldAt(nowS, name)), uplink: uplinkId(name) });
          }
        }
      },
    };
  }

  test('is at fault itself while the miners earn, and the world is when they do no longer', () => {
    const { until, transitions } = agent(['isp-1'], (nowS) => nowS < 300);
    until(600, () => EVERYTHING_DOWN);
    expect(transitions).toEqual(['10 DOWN tcp.timeout', '60 UNKNOWN self.minersDisagree', '400 DOWN tcp.timeout']);
  });

  test('is believed in a cut, in which the miners earn nothing', () => {
    const { until, transitions } = agent(['isp-1'], (nowS) => nowS <= 100);
    until(600, (nowS) => (nowS <= 100 ? {} : EVERYTHING_DOWN));
    expect(transitions.slice(0, 1)).toEqual(['10 PARTIAL hold.remaining']);
    expect(transitions.filter((one) => one.includes('UNKNOWN'))).toEqual([]);
    expect(transitions.at(-1)).toMatch(/DOWN tcp\.timeout$/);
  });

  test('is believed of an uplink that miners need not take, as long as another passes', () => {
    const { until, transitions } = agent(['isp-1', 'isp-2'], () => true);
    until(300, (_, uplink) => (uplink === 'isp-1' ? {} : EVERYTHING_DOWN));
    expect(transitions.filter((one) => one.includes('self.'))).toEqual([]);
  });

  test('is at fault on every uplink where all of them fail', () => {
    const { until, transitions } = agent(['isp-1', 'isp-2'], () => true);
    until(300, () => EVERYTHING_DOWN);
    expect(transitions.filter((one) => one.includes('self.'))).toHaveLength(2);
  });

  test.each([
    [
      'without a link',
      beyond(down('noRoute'), { link: down('noCarrier'), gateway: down('noRoute') }),
      '60 UNKNOWN self.minersDisagree',
    ],
    ['that knows nothing anyhow', ALL_UNKNOWN, '10 UNKNOWN self.EMFILE'],
  ])('is at fault %s', (_, world, expected) => {
    const { until, transitions } = agent(['isp-1'], () => true);
    until(100, () => world);
    expect(transitions.at(-1)).toBe(expected);
  });
});
