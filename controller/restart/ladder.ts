import type { FamilyTimes, Miner, RestartPolicy } from '../../config/site.ts';
import type { Push } from '../../shared/outcome.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';

/**
 * The pushes that each family has, least first (orchestration reference, A7). `wake` stands apart: it is for a
 * sleeping miner only, and nothing else wakes one.
 */
const WHOLE: readonly Push[] = ['restart', 'reboot', 'power_cycle'];
/** No call restarts mining alone, or it is the same as a reboot. */
const REBOOT: readonly Push[] = ['reboot', 'power_cycle'];
/** No call moves it at all. */
const POWER: readonly Push[] = ['power_cycle'];

const LADDERS: Readonly<Record<string, readonly Push[]>> = {
  'antminer-stock': REBOOT,
  'whatsminer-v1': WHOLE,
  'whatsminer-v2': WHOLE,
  'whatsminer-v3': WHOLE,
  auradine: WHOLE,
  avalon: WHOLE,
  bitaxe: REBOOT,
  braiins: WHOLE,
  dragonmint: POWER,
  elphapex: REBOOT,
  epic: WHOLE,
  goldshell: POWER,
  hammer: REBOOT,
  hiveon: REBOOT,
  iceriver: POWER,
  innosilicon: WHOLE,
  luxos: WHOLE,
  marathon: WHOLE,
  mskminer: REBOOT,
  nerdaxe: REBOOT,
  proto: REBOOT,
  sealminer: POWER,
  vnish: WHOLE,
  volcminer: REBOOT,
};

/** What a badge says about its firmware where nothing was read yet. */
const BADGES: readonly Readonly<{ badge: RegExp; family: string }>[] = [
  { badge: /^antminer/i, family: 'antminer-stock' },
  { badge: /^whatsminer/i, family: 'whatsminer-v2' },
];

/** The firmware's family: as read, else as the site file says, else as the badge suggests; null = unknown. */
export function familyOf(miner: Miner, snapshot: MinerSnapshot | null): string | null {
  const known = snapshot?.family ?? miner.family;
  return known ?? BADGES.find(({ badge }) => badge.test(miner.model))?.family ?? null;
}

/** The next push above `after`, or the first; null where the family's ladder ends. Rungs are never taken in reverse. */
export function nextPush(policy: RestartPolicy, family: string | null, after: Push | null): Push | null {
  const ladder = (family === null ? undefined : LADDERS[family]) ?? [];
  const allowed = ladder.filter((push) => push !== 'power_cycle' || policy.ladder.powerCycle);
  // A miner that was woken is awake: whatever it needs next begins at the bottom.
  const from = after === null || after === 'wake' ? 0 : ladder.indexOf(after) + 1;
  return allowed.find((push) => ladder.indexOf(push) >= from) ?? null;
}

export function timesOf(policy: RestartPolicy, family: string | null): FamilyTimes {
  const times = policy.families.get(family ?? 'unknown') ?? policy.families.get('unknown');
  if (times === undefined) throw new Error('the policy has no times for unknown families');
  return times;
}
