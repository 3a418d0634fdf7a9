/**
 * What is the matter with one miner, by its readings over time. `stuck`: is powered and gets nothing done.
 * `unreadable`: answers, but nothing that is of use. `unknown`: the readings do not suffice to tell.
 */
export const CONDITIONS = [
  'hashing',
  'starting',
  'asleep',
  'pool_unreachable',
  'stuck',
  'low_rate',
  'restart_loop',
  'missing_boards',
  'too_hot',
  'too_cold',
  'water',
  'fan',
  'psu',
  'sensor',
  'wrong_credentials',
  'configuration',
  'silent',
  'unreadable',
  'process_down',
  'unknown',
] as const;
export type Condition = (typeof CONDITIONS)[number];

/** The least that a condition calls for (orchestration reference, A7); `ticket` is a person's work. */
export const HEALTH_RUNGS = ['none', 'wait', 'wake', 'restart', 'reboot', 'ticket'] as const;
export type HealthRung = (typeof HEALTH_RUNGS)[number];

export const EVIDENCE_MAX = 6;
export const EVIDENCE_MAX_CHARS = 200;

export type Health = Readonly<{ condition: Condition; evidence: readonly string[]; rung: HealthRung }>;

/** Where a restart cures nothing, and may make things worse. */
const NEVER_RESTART: ReadonlySet<Condition> = new Set([
  'too_hot',
  'too_cold',
  'water',
  'fan',
  'psu',
  'sensor',
  'wrong_credentials',
  'configuration',
]);

const WORDS: Readonly<Partial<Record<Condition, string>>> = {
  low_rate: 'low hash rate',
  missing_boards: 'missing boards or chips',
  psu: 'power supply',
  water: 'water cooling',
  silent: 'silent on the LAN',
  process_down: 'mining process down',
};

export const conditionText = (condition: Condition): string => WORDS[condition] ?? condition.replaceAll('_', ' ');

/** What it calls for, in words. */
export const rungText = ({ condition, rung }: Pick<Health, 'condition' | 'rung'>): string =>
  NEVER_RESTART.has(condition) ? `${rung}, never restart` : rung;
