/** What is wrong with a miner in a rehearsal. It shows from the first time on that the miner loses its pool. */
export const FAULT_KINDS = [
  'none',
  'late-self-start',
  'hung',
  'needs-reboot',
  'process-down',
  'asleep',
  'stuck',
  'deaf',
  'dead-board',
  'hot-inlet',
  'psu-fault',
  'wrong-pool-password',
  'api-off',
  'auth',
  'silent',
  'garbage',
  'closes-early',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What a miner can be told over its own sockets. */
export type PlantAction = 'wake' | 'restart' | 'reboot' | 'sleep';

export type FaultEffect = Readonly<{
  /** In words, for the story's summary. */
  what: string;
  /** Where the loss of the pool takes it. */
  onLoss: 'idle' | 'hung' | 'sleeping' | 'over-temp';
  /** Whether it mines again by itself once the pool serves. */
  returns: 'soon' | 'late' | 'never';
  /** What makes it well; `power` is the supply's return. It is ill again with the next loss of the pool. */
  cures: readonly (PlantAction | 'power')[];
  /** How its sockets behave while it lasts; `always`: also before the first loss. */
  line: 'open' | 'process-down' | 'silent' | 'garbage' | 'closes-early';
  always?: true;
  /** How far a start takes it, from the first loss on. */
  ends: 'hashing' | 'board-short' | 'psu' | 'no-pool';
  password: 'known' | 'other';
  writes: 'on' | 'off';
  /** Orders and settings are answered with yes and have no effect at all, also before the first loss. */
  heedless?: true;
  /** Only where these families have such a thing. */
  families?: readonly string[];
}>;

const WELL: FaultEffect = {
  what: 'comes back by itself',
  onLoss: 'idle',
  returns: 'soon',
  cures: [],
  line: 'open',
  ends: 'hashing',
  password: 'known',
  writes: 'on',
};
const HUNG: FaultEffect = {
  ...WELL,
  what: 'has lost its pool for good; restarting the mining process helps',
  onLoss: 'hung',
  returns: 'never',
  cures: ['restart', 'reboot', 'power'],
};

export const FAULTS: Readonly<Record<FaultKind, FaultEffect>> = {
  none: WELL,
  'late-self-start': { ...WELL, what: 'comes back by itself, late', returns: 'late' },
  hung: HUNG,
  'needs-reboot': { ...HUNG, what: 'needs a reboot; restarting does not help', cures: ['reboot', 'power'] },
  'process-down': { ...HUNG, what: 'its mining process has died, and the API with it', line: 'process-down' },
  asleep: { ...HUNG, what: 'fell asleep', onLoss: 'sleeping', cures: ['wake'] },
  stuck: { ...HUNG, what: 'takes every order and stays as it is', cures: [] },
  deaf: { ...HUNG, what: 'says yes to every order and does nothing', cures: ['power'], heedless: true },
  'dead-board': { ...WELL, what: 'comes back with a board missing', ends: 'board-short' },
  'hot-inlet': { ...WELL, what: 'stops because its inlet is hot', onLoss: 'over-temp', returns: 'never' },
  'psu-fault': { ...HUNG, what: 'its power supply gives up when the boards come on', ends: 'psu' },
  'wrong-pool-password': { ...WELL, what: 'the pool refuses its worker', returns: 'never', ends: 'no-pool' },
  'api-off': {
    ...HUNG,
    what: 'needs a push, and its write API is off',
    writes: 'off',
    families: ['whatsminer-v2', 'whatsminer-v3', 'avalon'],
  },
  auth: { ...HUNG, what: 'needs a push, and has another password', password: 'other' },
  silent: { ...HUNG, what: 'takes connections and never answers', line: 'silent', cures: ['power'] },
  garbage: { ...WELL, what: 'answers what nobody can parse', line: 'garbage', always: true },
  'closes-early': { ...WELL, what: 'closes before it answers', line: 'closes-early', always: true },
};
