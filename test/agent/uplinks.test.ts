import { describe, expect, test } from '@jest/globals';
import { createUplinks } from '../../agent/uplinks.ts';
import type { Family, Reachability } from '../../config/site.ts';
import { virtualClock } from '../../shared/clock.virtual.ts';
import { uplinkId } from '../../shared/ids.ts';
import { millis, unixMs } from '../../shared/units.ts';
import { anUplink } from './probe/site.ts';
import { aReachability, aRound, EVERYTHING_DOWN, type World } from './verdict/builders.ts';

const HOLD_MS = 20_000;
const ROUND_MS = 10_000;

/** An agent with one uplink of each family, each of which finds its own world in every round. */
function agent(change: Partial<Reachability> = {}) {
  const clock = virtualClock(unixMs(1_700_000_000_000));
  const uplinks = [anUplink({ uplink: uplinkId('v4') }), anUplink({ uplink: uplinkId('v6'), family: 6 as Family })];
  const reachability = aReachability({ uplinks, holdMs: millis(HOLD_MS), ...change });
  const joined = createUplinks({ reachability, clock, onVerdict() {}, onTransition() {} });
  const rounds = (worlds: Readonly<Record<'v4' | 'v6', World>>, count = 1): void => {
    for (let round = 0; round < count; round++) {
      clock.advance(millis(ROUND_MS));
      for (const [uplink, world] of Object.entries(worlds)) {
        joined.onRound({ ...aRound(clock.monoMs(), world), uplink: uplinkId(uplink) });
      }
    }
  };
  const states = (): readonly string[] => joined.verdicts().map(({ uplink, state }) => `${uplink} ${state}`);
  return { joined, rounds, states };
}

describe('an uplink of a family without a vote', () => {
  test('lets nobody act while those that vote are down', () => {
    const { joined, rounds, states } = agent();
    rounds({ v4: EVERYTHING_DOWN, v6: {} }, 10);
    expect(states()).toEqual(['v4 DOWN', 'v6 RESTORED']);
    expect(joined.notRestored()).toBe('v4: DOWN GATEWAY_ONLY tcp.timeout');
  });

  test('keeps nobody from acting that is down itself', () => {
    const { joined, rounds, states } = agent();
    rounds({ v4: {}, v6: EVERYTHING_DOWN }, 10);
    expect(states()).toEqual(['v4 RESTORED', 'v6 DOWN']);
    expect(joined.notRestored()).toBeNull();
  });

  test('counts where the site says so', () => {
    const { joined, rounds } = agent({ votingFamilies: [4, 6] });
    rounds({ v4: EVERYTHING_DOWN, v6: {} }, 10);
    expect(joined.notRestored()).toBeNull();
  });
});
