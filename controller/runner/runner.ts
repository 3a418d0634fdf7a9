import type { Cancel, Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { millis } from '../../shared/units.ts';
import { nextWakeMs } from '../restart/decide.ts';
import { ENDED, type Restart, type RestartEvent } from '../restart/restart.ts';
import type { Store } from '../store/store.ts';
import type { Effects } from './effects.ts';
import { fold, isMaterial, newWork, type Work, writeOf } from './work.ts';

/** `why`: what the store said. */
export type Fault = Readonly<{ is: 'store'; why: string }> | Readonly<{ is: 'stale' }>;
export type Saved = 'saved' | 'store' | 'stale';

/**
 * The shell around the restart. INVARIANTS
 * - Events are decided one turn after another, in the order of their arrival.
 * - Nothing is done before the decision that asks for it is durable. While the store cannot be written nothing is
 *   decided: the restart is shown as paused, orders that were not acted on are taken back, and that is all. When it can
 *   be written again, everything that may have been missed is told anew.
 * - Once another controller has taken the site over, nothing is decided and nothing is sent any more.
 */
export type Runner = Readonly<{
  current(): Restart | null;
  tell(event: RestartEvent): void;
  /** An event with the durable record that it came in. */
  tellRecord(recordId: number, event: RestartEvent | null): void;
  /** Resolves when what it caused is durable; when it could not be saved, it was not taken. */
  ask(event: RestartEvent): Promise<Saved>;
  /** A new restart. Nothing is taken in when one is open; then and on failure nothing has changed. */
  create(make: (nowMs: number) => Restart): Promise<Saved | 'open'>;
  fault(): Fault | null;
  stop(): Promise<void>;
}>;

export type RunnerOptions = Readonly<{
  site: string;
  epoch: number;
  store: Store;
  effects: Effects;
  /** Site time. */
  clock: Clock;
  now(): number;
  /** Real time, for the next try of a store that failed. */
  real: Clock;
  /** What the store had, and its version. */
  loaded: Readonly<{ restart: Restart; version: number }> | null;
  /** All that is known of the world now, for a restart that has heard nothing for a while. */
  resync(): readonly RestartEvent[];
  onStale(): void;
  log: Log;
}>;

type Item =
  | Readonly<{ is: 'event'; event: RestartEvent; asked: ((saved: Saved) => void) | null }>
  | Readonly<{ is: 'record'; id: number; event: RestartEvent | null }>
  | Readonly<{ is: 'retry' }>
  | Readonly<{ is: 'create'; make(nowMs: number): Restart; asked(saved: Saved | 'open'): void }>;

const STORE_RETRY_MS = 1_000;
const WAKE_MIN_MS = 20; // of real time: a deadline that was missed by a hair must not spin
const CLOCKS_MS = 5_000; // of site time: how much of the logical clocks a crash may cost
const TURN_MAX = 5_000;

type Durable = { restart: Restart; version: number; savedAtMs: number };

type Self = RunnerOptions & {
  inbox: Item[];
  durable: Durable | null;
  work: Work | null;
  /** What must not be forgotten while nothing can be decided. */
  held: Event[];
  fault: Fault | null;
  turning: Promise<void> | null;
  stopped: boolean;
  cancelWake: Cancel | null;
  cancelRetry: Cancel | null;
};

export function createRunner(options: RunnerOptions): Runner {
  const { loaded } = options;
  const self: Self = {
    ...options,
    inbox: [],
    durable: loaded === null ? null : { ...loaded, savedAtMs: loaded.restart.nowMs },
    work: loaded === null ? null : newWork(loaded.restart),
    held: [],
    fault: null,
    turning: null,
    stopped: false,
    cancelWake: null,
    cancelRetry: null,
  };
  return {
    current: () => self.work?.restart ?? null,
    tell: (event) => put(self, { is: 'event', event, asked: null }),
    tellRecord: (id, event) => put(self, { is: 'record', id, event }),
    ask: (event) => new Promise((asked) => put(self, { is: 'event', event, asked })),
    create: (make) => new Promise((asked) => put(self, { is: 'create', make, asked })),
    fault: () => self.fault,
    async stop() {
      self.stopped = true;
      self.cancelWake?.();
      self.cancelRetry?.();
      await self.turning;
      for (const item of self.inbox.splice(0)) refuse(self, item);
    },
  };
}

function put(self: Self, item: Item): void {
  if (self.stopped || self.fault?.is === 'stale') return refuse(self, item);
  self.inbox.push(item);
  self.turning ??= turns(self);
}

function refuse({ fault }: Self, item: Item): void {
  if (item.is === 'event' || item.is === 'create') item.asked?.(fault?.is ?? 'store');
}

async function turns(self: Self): Promise<void> {
  // What arrives in the same turn of the event loop is decided and saved together.
  await null;
  while (self.inbox.length > 0 && !self.stopped && self.fault?.is !== 'stale') {
    await turn(self, self.inbox.splice(0, TURN_MAX));
  }
  self.turning = null;
  if (!self.stopped) wake(self);
}

async function turn(self: Self, items: readonly Item[]): Promise<void> {
  if (items.some(({ is }) => is === 'retry')) await recover(self);
  const events = items.filter((item) => item.is === 'event' || item.is === 'record');
  if (events.length > 0) await decideAll(self, events);
  for (const item of items) if (item.is === 'create') item.asked(await create(self, item.make));
}

type Event = Extract<Item, { is: 'event' | 'record' }>;

async function decideAll(self: Self, items: readonly Event[]): Promise<void> {
  const records = items.flatMap((item) => (item.is === 'record' ? [item.id] : []));
  const asked = items.flatMap((item) => (item.is === 'event' && item.asked !== null ? [item.asked] : []));
  if (self.work === null || self.durable === null) {
    await applied(self, records);
    for (const answer of asked) answer('saved');
    return;
  }
  if (self.fault?.is === 'store') {
    hold(self, items);
    for (const answer of asked) answer('store');
    return;
  }
  const folded = fold(self.work, eventsOf(items), self.now());
  self.work = { ...folded, records: [...self.work.records, ...records] };
  const saved = await save(self);
  if (saved === 'store') pauseInMemory(self, self.durable, items);
  for (const answer of asked) answer(saved);
}

const eventsOf = (items: readonly Event[]): readonly RestartEvent[] =>
  items.flatMap(({ event }) => (event === null ? [] : [event]));

/** Records are durable and come only once; so does the takeover. All else is told anew, or was refused. */
function hold(self: Self, items: readonly Event[]): void {
  self.held.push(...items.filter((item) => item.is === 'record' || item.event.kind === 'takeover'));
}

/** Back to what is durable, and shown as paused; orders that are out and not acted on are taken back all the same. */
function pauseInMemory(self: Self, durable: Durable, items: readonly Event[]): void {
  hold(self, items);
  const saved = newWork(durable.restart);
  const paused = fold(saved, [{ kind: 'store', writable: false }], self.now());
  const orders = paused.effects.some(({ kind }) => kind === 'order');
  self.effects.now(paused.effects);
  const left = paused.effects.filter(({ kind }) => kind !== 'ask' && kind !== 'revoke');
  self.work = orders ? saved : { ...paused, effects: left };
}

/** Saves what there is to save, and begins what that asks for. */
async function save(self: Self): Promise<Saved> {
  const { durable, work } = self;
  if (durable === null || work === null) return 'saved';
  const clocksMs = work.restart.nowMs - durable.savedAtMs;
  const clocks = clocksMs >= CLOCKS_MS && work.restart.logicalMs !== durable.restart.logicalMs;
  if (isMaterial(durable.restart, work) || clocks) return write(self, durable, work);
  await applied(self, work.records);
  self.work = newWork(work.restart);
  return 'saved';
}

async function write(self: Self, durable: Durable, work: Work): Promise<Saved> {
  const decision = writeOf(work, { ...self, version: durable.version });
  const saved = await attempt(self, () => self.store.saveDecision(decision));
  if (saved !== 'saved') return saved;
  self.durable = { restart: work.restart, version: durable.version + 1, savedAtMs: work.restart.nowMs };
  self.work = newWork(work.restart);
  if (decision.effects.length > 0) await begin(self);
  return 'saved';
}

async function attempt(self: Self, call: () => Promise<'saved' | 'stale'>): Promise<Saved> {
  try {
    const saved = await call();
    if (saved === 'stale') becomeStale(self);
    return saved;
  } catch (error) {
    self.log.error({ error: (error as Error).message }, 'the store cannot be written: nothing more is started');
    return failed(self, error);
  }
}

function failed(self: Self, error: unknown): 'store' {
  self.fault = { is: 'store', why: (error as Error).message };
  retryLater(self);
  return 'store';
}

function becomeStale(self: Self): void {
  self.fault = { is: 'stale' };
  self.log.error({ epoch: self.epoch }, 'another controller has taken the site over: nothing more is done here');
  for (const item of self.inbox.splice(0)) refuse(self, item);
  self.onStale();
}

async function begin(self: Self): Promise<void> {
  try {
    await self.effects.begin();
  } catch (error) {
    self.log.error({ error: (error as Error).message }, 'the store cannot be read: what is saved waits');
    failed(self, error);
  }
}

async function applied(self: Self, records: readonly number[]): Promise<void> {
  if (records.length === 0) return;
  try {
    await self.store.markApplied(records);
  } catch (error) {
    // They are applied once more by the next process; nothing in them counts twice.
    self.log.warn({ error: (error as Error).message }, 'records not marked');
  }
}

function retryLater(self: Self): void {
  self.cancelRetry?.();
  self.cancelRetry = self.stopped ? null : self.real.after(millis(STORE_RETRY_MS), () => put(self, { is: 'retry' }));
}

async function recover(self: Self): Promise<void> {
  if (self.fault?.is !== 'store') return;
  self.fault = null;
  if ((await probe(self)) !== 'saved') return;
  self.log.info({}, 'the store can be written again');
  const told = (event: RestartEvent): Item => ({ is: 'event', event, asked: null });
  self.inbox.push(...self.held.splice(0), ...self.resync().map(told), told({ kind: 'store', writable: true }));
}

/** A real write: a store that has room for nothing more may still read, and commit nothing. */
async function probe(self: Self): Promise<Saved> {
  const { work, durable } = self;
  if (work === null || durable === null) {
    return attempt(self, async () => {
      await self.store.markPerformed([]);
      return 'saved';
    });
  }
  const saved = await write(self, durable, work);
  if (saved === 'saved') await begin(self);
  return self.fault?.is ?? saved;
}

async function create(self: Self, make: (nowMs: number) => Restart): Promise<Saved | 'open'> {
  if (self.fault !== null) return self.fault.is;
  if (self.work !== null && !ENDED.has(self.work.restart.state)) return 'open';
  const restart = make(self.now());
  const created: Work = {
    ...newWork(restart),
    touched: new Set(restart.jobs.keys()),
    effects: [
      { kind: 'log', log: 'state', atMs: restart.nowMs, body: { from: null, to: restart.state, why: 'created' } },
    ],
  };
  const saved = await attempt(self, () => self.store.saveDecision(writeOf(created, { ...self, version: 0 })));
  if (saved !== 'saved') return saved;
  self.durable = { restart, version: 1, savedAtMs: restart.nowMs };
  self.work = newWork(restart);
  self.inbox.push({ is: 'event', event: { kind: 'tick' }, asked: null });
  return 'saved';
}

function wake(self: Self): void {
  self.cancelWake?.();
  self.cancelWake = null;
  if (self.work === null || self.fault?.is === 'stale') return;
  const dueMs = nextWakeMs(self.work.restart);
  if (dueMs === null) return;
  const delayMs = Math.max(WAKE_MIN_MS * self.clock.rate, dueMs - self.now());
  self.cancelWake = self.clock.after(millis(delayMs), () =>
    put(self, { is: 'event', event: { kind: 'tick' }, asked: null }),
  );
}
