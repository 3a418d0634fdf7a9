import { MINUTE_MS, millis } from '../shared/units.ts';
import type { FamilyTimes } from './site.ts';

/** How long a family is left alone; after a push, how long it may stay unreadable, and how long it may not hash. */
const minutes = (wait: number, grace: number, hashDeadline: number = grace): FamilyTimes => ({
  waitMs: millis(wait * MINUTE_MS),
  graceMs: millis(grace * MINUTE_MS),
  hashDeadlineMs: millis(hashDeadline * MINUTE_MS),
});

const RARE_NAMES = [
  'antminer-aftermarket',
  'baikal',
  'blackminer',
  'dayun',
  'futurebit',
  'hyperbit',
  'ibelink',
  'multminer',
  'obelisk',
  'openminer',
  'spondoolies',
  'strongu',
] as const;
/** Known by their answers alone: nothing is known of their times, so they are given the longest. */
const RARE = Object.fromEntries(RARE_NAMES.map((name) => [name, minutes(15, 15)]));

// Tuning takes hours on Braiins OS and is no failure; it shows as progress and extends the wait, not these times.
/** The table of families of the orchestration reference, A7. Names are those of the snapshot's `family`. */
export const FAMILY_TIMES = {
  'antminer-stock': minutes(12, 5, 15),
  'whatsminer-v1': minutes(10, 20),
  'whatsminer-v2': minutes(10, 20),
  'whatsminer-v3': minutes(10, 20),
  avalon: minutes(10, 2, 10),
  braiins: minutes(10, 15),
  luxos: minutes(10, 10),
  vnish: minutes(15, 15),
  epic: minutes(10, 15),
  auradine: minutes(10, 15),
  marathon: minutes(10, 15),
  innosilicon: minutes(10, 15),
  goldshell: minutes(10, 15),
  iceriver: minutes(15, 15),
  bitaxe: minutes(4, 2),
  nerdaxe: minutes(4, 2),
  hiveon: minutes(12, 5, 15),
  mskminer: minutes(12, 5, 15),
  hammer: minutes(12, 5, 15),
  volcminer: minutes(12, 5, 15),
  elphapex: minutes(12, 5, 15),
  sealminer: minutes(12, 5, 15),
  proto: minutes(10, 15),
  dragonmint: minutes(10, 15),
  ...RARE,
  // No push exists for it, so grace only says when a ticket may be written.
  unknown: minutes(15, 15),
} as const satisfies Readonly<Record<string, FamilyTimes>>;

export const FAMILY_NAMES = Object.keys(FAMILY_TIMES);
