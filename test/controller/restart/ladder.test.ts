import { describe, expect, test } from '@jest/globals';
import { drivers } from '../../../agent/miner/catalogue.ts';
import { nextPush } from '../../../controller/restart/ladder.ts';
import { ACTIONS } from '../../../shared/command.ts';
import type { Push } from '../../../shared/outcome.ts';
import { POLICY } from './sites.ts';

const withOutlets = { ...POLICY, ladder: { ...POLICY.ladder, powerCycle: true } };

/** Every push that a miner of this family may get, in the order in which it gets them. */
function ladderOf(family: string | null, policy = POLICY): readonly Push[] {
  const pushes: Push[] = [];
  for (let push = nextPush(policy, family, null); push !== null; push = nextPush(policy, family, push))
    pushes.push(push);
  return pushes;
}

test('a Whatsminer is restarted, then rebooted; an Antminer knows only the reboot; power is cut where that is allowed', () => {
  expect(ladderOf('whatsminer-v3')).toEqual(['restart', 'reboot']);
  expect(ladderOf('antminer-stock')).toEqual(['reboot']);
  expect(ladderOf('whatsminer-v3', withOutlets)).toEqual(['restart', 'reboot', 'power_cycle']);
  expect(ladderOf('iceriver', withOutlets)).toEqual(['power_cycle']);
});

test('a family that nobody knows is not pushed', () => {
  expect([ladderOf(null, withOutlets), ladderOf('other', withOutlets)]).toEqual([[], []]);
});

test('a miner that was woken begins at the bottom', () => {
  expect(nextPush(POLICY, 'whatsminer-v2', 'wake')).toBe('restart');
});

describe.each(drivers)('a miner of $family', ({ family, actions }) => {
  test('is only ordered what its driver can do, and everything of that', () => {
    const known = ACTIONS.filter((action) => action !== 'wake' && action !== 'power_cycle' && action in actions);
    const ordered = ladderOf(family);
    expect(ordered.filter((push) => !(push in actions))).toEqual([]);
    // Where a restart is a reboot under another name, one of them is enough.
    expect(ordered.length === 0).toBe(known.length === 0);
  });
});
