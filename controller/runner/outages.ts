import type { Cancel, Clock } from '../../shared/clock.ts';
import { RelightError } from '../../shared/errors.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import { millis } from '../../shared/units.ts';
import { type Connectivity, newConnectivity, type Rules, rulesOf, step } from '../connectivity/connectivity.ts';
import { type Held, heldWindows, openSinceMs } from '../connectivity/forecast.ts';
import {
  letGo,
  lostUnseen,
  newOutageWatch,
  type Outage,
  type OutageWatch,
  watchOutage,
} from '../connectivity/outage.ts';
import { heardOf } from '../connectivity/votes.ts';
import type { Restart } from '../restart/restart.ts';
import type { LiveSite } from '../site/live.ts';
import type { Store, StoredOutage, TimelineRow } from '../store/store.ts';
import { createRecordKeeper, type RecordKeeper } from './outage-record.ts';
import type { SiteTime } from './time.ts';

/** Watches the site's connectivity and keeps its record. */
export type Outages = Readonly<{
  connectivity(): Connectivity;
  open(): Outage | null;
  /** Newest first, bounded; the open one included. */
  outages(): readonly Outage[];
  /** Oldest first, bounded. */
  timeline(): readonly TimelineRow[];
  /** Monotonic time since which the site has not been restored, so that no remedy goes out; null: it is. */
  suppressedSinceMs(): number | null;
  /** How long work has been served before, and since when it is now; wall times. */
  windows(): Readonly<{ held: readonly Held[]; openSinceMs: number | null; outage: number | null }>;
  /** Verdicts have come in: the votes are counted anew, once for all that come within a moment. */
  heard(): void;
  /** An agent says, after the fact, that it lost an uplink. */
  lost(by: Readonly<{ agent: AgentId; uplink: string }>, wallMs: number): void;
  start(): void;
  stop(): Promise<void>;
}>;

export type OutagesOptions = Readonly<{
  live: LiveSite;
  store: Store;
  clock: Clock;
  real: Clock;
  time: SiteTime;
  loaded: Readonly<{ outages: readonly StoredOutage[]; timeline: readonly TimelineRow[] }>;
  /** The newest restart: reboots that it ordered say nothing of the power. */
  restart(): Restart | null;
  onRestored(restored: boolean, why: string | null): void;
  /** What follows from the end of an outage. False: not done yet, ask again. */
  onEnded(): Promise<boolean>;
  log: Log;
}>;

export const SHOWN_OUTAGES = 50;
export const SHOWN_TIMELINE = 500;
const CONFIRM_ROUNDS = 3; // as many as an agent needs to be sure of its first verdict
const LOOK_MS = 1_000; // of site time: votes grow old and holds end without a message
const SAVE_COST_MS = 60_000; // of site time: so much of an outage's cost a crash may leave unknown
const SOON_MS = 10; // of real time: of a fleet that reports at once, each would otherwise count all votes
const AGAIN_MS = 1_000; // of real time, after the store has refused
const UNSAVED_MAX = 1_000; // lines of the timeline while the store is full; the oldest go first

type Self = OutagesOptions & {
  readonly site: string;
  readonly rules: Rules;
  readonly confirmMs: number;
  readonly keeper: RecordKeeper;
  now: Connectivity;
  watch: OutageWatch;
  past: Outage[];
  shown: TimelineRow[];
  unsaved: TimelineRow[];
  unsavedOutage: Outage | null;
  /** One that is over and settled, and of which something more has been learned. */
  unsavedPast: Outage | null;
  costSavedMs: number;
  suppressedMs: number | null;
  saving: Promise<void> | null;
  cancels: Set<Cancel>;
  looksSoon: boolean;
  stopped: boolean;
};

function newSelf(options: OutagesOptions): Self {
  const { loaded, time, live, clock } = options;
  const { reachability, site } = live.site;
  if (reachability === null) {
    throw new RelightError('CONFIG_MISSING', 'reachability.pools: only a pool that serves work can restore a site');
  }
  const rules = rulesOf(reachability, clock.rate);
  const stored = loaded.outages.map(({ site: _, ...outage }) => outage);
  const open = stored.find(({ endedMs }) => endedMs === null) ?? null;
  const last = Math.max(0, ...stored.map(({ outage }) => outage));
  return {
    ...options,
    site,
    rules,
    // A probe's deadline is real time, however fast the site's clock runs.
    confirmMs: CONFIRM_ROUNDS * (reachability.roundMs + reachability.probeTimeoutMs * clock.rate),
    keeper: createRecordKeeper(options),
    now: newConnectivity(rules, time.now()),
    watch: newOutageWatch(open, last),
    past: stored.filter((one) => one !== open),
    shown: [...loaded.timeline],
    unsaved: [],
    unsavedOutage: null,
    unsavedPast: null,
    costSavedMs: time.now(),
    suppressedMs: time.now(),
    saving: null,
    cancels: new Set(),
    looksSoon: false,
    stopped: false,
  };
}

export function outagesOf(options: OutagesOptions): Outages {
  const self = newSelf(options);
  return {
    connectivity: () => self.now,
    open: () => openOf(self),
    outages: () => [...(self.watch.open === null ? [] : [self.watch.open]), ...self.past].slice(0, SHOWN_OUTAGES),
    timeline: () => self.shown,
    suppressedSinceMs: () => self.suppressedMs,
    windows: () => windowsOf(self),
    heard() {
      if (self.looksSoon) return;
      self.looksSoon = true;
      later(self, { clock: self.real, afterMs: SOON_MS }, () => {
        self.looksSoon = false;
        look(self);
      });
    },
    lost({ agent, uplink }, wallMs) {
      const { uplinks, speakers } = self.rules;
      const hasVote = uplinks.some((one) => one === uplink && (speakers.get(one)?.has(agent) ?? true));
      if (hasVote && self.now.state === 'UNKNOWN') self.watch = lostUnseen(self.watch, { uplink, wallMs });
    },
    start() {
      note(self);
      tick(self);
    },
    async stop() {
      self.stopped = true;
      for (const cancel of self.cancels) cancel();
      await self.saving;
      // What was counted since it was last saved would be unknown to the next process.
      self.unsavedOutage ??= openOf(self);
      save(self);
      await self.saving;
    },
  };
}

function windowsOf({ watch, past, now }: Self): ReturnType<Outages['windows']> {
  const all = [...(watch.open === null ? [] : [watch.open]), ...past];
  const [newest = null] = all;
  const serves = now.restored || now.label === 'HOLDING';
  return { held: heldWindows(all), openSinceMs: openSinceMs(newest, serves), outage: newest?.outage ?? null };
}

const openOf = ({ watch }: Self): Outage | null => (watch.open?.endedMs === null ? watch.open : null);

function tick(self: Self): void {
  look(self);
  later(self, { clock: self.clock, afterMs: LOOK_MS }, () => tick(self));
}

function later(self: Self, { clock, afterMs }: { clock: Clock; afterMs: number }, run: () => void): void {
  if (self.stopped) return;
  const cancel = clock.after(millis(afterMs), () => {
    self.cancels.delete(cancel);
    run();
  });
  self.cancels.add(cancel);
}

function look(self: Self): void {
  if (self.stopped) return;
  const { rules, time, live } = self;
  const before = self.now;
  const nowMs = time.now();
  self.now = step(before, heardOf(live.agents()), { rules, nowMs });
  const watched = watchOutage(self.watch, self.now, { wallMs: time.toWall(nowMs), confirmMs: self.confirmMs });
  if (watched.open !== self.watch.open && watched.open !== null) self.unsavedOutage = watched.open;
  self.watch = watched;
  keepRecord(self, nowMs);
  if (before.state !== self.now.state || before.label !== self.now.label) note(self);
  if (before.restored !== self.now.restored) {
    self.suppressedMs = self.now.restored ? null : nowMs;
    self.log.info({ state: self.now.state, whyNot: self.now.whyNot, ...self.now.count }, 'connectivity changed');
    self.onRestored(self.now.restored, self.now.whyNot);
  }
  save(self);
}

/** What is counted all the time is saved now and then; what is new of the power, and the last count, at once. */
function keepRecord(self: Self, nowMs: number): void {
  const { keeper, time, watch, past } = self;
  const at = { nowMs, toWall: time.toWall };
  const newest = watch.open ?? past[0];
  if (newest === undefined) return;
  const kept = keeper.look(newest, at);
  if (kept === newest) return;
  const due = kept.power !== newest.power || kept.endedMs !== null || nowMs - self.costSavedMs >= SAVE_COST_MS;
  if (due) self.costSavedMs = nowMs;
  if (watch.open === null) {
    self.past = [kept, ...past.slice(1)];
    self.unsavedPast = kept;
    return;
  }
  self.watch = { ...watch, open: kept };
  if (due || self.unsavedOutage !== null) self.unsavedOutage = kept;
}

function note(self: Self): void {
  const { state, label, whyNot, sinceMs } = self.now;
  const row = { atMs: self.time.toWall(sinceMs), state, label, whyNot };
  self.shown = [...self.shown, row].slice(-SHOWN_TIMELINE);
  self.unsaved = [...self.unsaved, row].slice(-UNSAVED_MAX);
}

function save(self: Self): void {
  const { unsaved, unsavedOutage, unsavedPast } = self;
  if (self.saving !== null || (unsaved.length === 0 && unsavedOutage === null && unsavedPast === null)) return;
  self.saving = saveAll(self)
    .catch((error: Error) => {
      self.log.warn({ error: error.message }, 'the outage record cannot be written yet');
      later(self, { clock: self.real, afterMs: AGAIN_MS }, () => save(self));
    })
    .finally(() => {
      self.saving = null;
    });
}

async function saveAll(self: Self): Promise<void> {
  const { store, site } = self;
  for (let row = self.unsaved[0]; row !== undefined; row = self.unsaved[0]) {
    await store.appendTimeline(site, row);
    self.unsaved = self.unsaved.filter((other) => other !== row);
  }
  const known = self.unsavedPast;
  if (known !== null) await store.saveOutage({ site, ...known });
  if (self.unsavedPast === known) self.unsavedPast = null;
  const outage = self.unsavedOutage;
  if (outage === null) return;
  if (outage.endedMs === null) await store.saveOutage({ site, ...outage });
  else if (!(await finish(self, outage))) throw new Error('the restart after the outage could not be begun');
  if (self.unsavedOutage === outage) self.unsavedOutage = null;
}

/** The restart comes first: an outage that is on record as ended has had its restart, whatever dies in between. */
async function finish(self: Self, outage: Outage): Promise<boolean> {
  if (!(await self.onEnded())) return false;
  await self.store.saveOutage({ site: self.site, ...outage });
  const { open } = self.watch;
  // Lost again meanwhile: it goes on, and is saved as such next.
  if (open?.outage !== outage.outage || open.endedMs === null) return true;
  if (open !== outage) self.unsavedPast = open;
  self.watch = letGo(self.watch);
  self.past = [open, ...self.past].slice(0, SHOWN_OUTAGES);
  return true;
}
