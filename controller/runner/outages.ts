import type { Cancel, Clock } from '../../shared/clock.ts';
import { RelightError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { millis } from '../../shared/units.ts';
import { type Connectivity, newConnectivity, type Rules, rulesOf, step } from '../connectivity/connectivity.ts';
import {
  letGo,
  lostUnseen,
  newOutageWatch,
  type Outage,
  type OutageWatch,
  watchOutage,
} from '../connectivity/outage.ts';
import { heardOf } from '../connectivity/votes.ts';
import type { LiveSite } from '../site/live.ts';
import type { Store, StoredOutage, TimelineRow } from '../store/store.ts';
import type { SiteTime } from './time.ts';

/** Watches the site's connectivity and keeps its record. */
export type Outages = Readonly<{
  connectivity(): Connectivity;
  open(): Outage | null;
  /** Newest first, bounded; the open one included. */
  outages(): readonly Outage[];
  /** Oldest first, bounded. */
  timeline(): readonly TimelineRow[];
  /** Verdicts have come in: the votes are counted anew, once for all that come within a moment. */
  heard(): void;
  /** An agent says, after the fact, that it lost an uplink. */
  lost(uplink: string, wallMs: number): void;
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
  onRestored(restored: boolean, why: string | null): void;
  /** What follows from the end of an outage. False: not done yet, ask again. */
  onEnded(): Promise<boolean>;
  log: Log;
}>;

export const SHOWN_OUTAGES = 50;
export const SHOWN_TIMELINE = 500;
const CONFIRM_ROUNDS = 3; // as many as an agent needs to be sure of its first verdict
const LOOK_MS = 1_000; // of site time: votes grow old and holds end without a message
const SOON_MS = 10; // of real time: of a fleet that reports at once, each would otherwise count all votes
const AGAIN_MS = 1_000; // of real time, after the store has refused
const UNSAVED_MAX = 1_000; // lines of the timeline while the store is full; the oldest go first

type Self = OutagesOptions & {
  readonly site: string;
  readonly rules: Rules;
  readonly confirmMs: number;
  now: Connectivity;
  watch: OutageWatch;
  past: Outage[];
  shown: TimelineRow[];
  unsaved: TimelineRow[];
  unsavedOutage: Outage | null;
  saving: Promise<void> | null;
  cancels: Set<Cancel>;
  looksSoon: boolean;
  stopped: boolean;
};

export function outagesOf(options: OutagesOptions): Outages {
  const { loaded, time, live, clock } = options;
  const { reachability, site } = live.site;
  if (reachability === null) {
    throw new RelightError('CONFIG_MISSING', 'reachability.pools: only a pool that serves work can restore a site');
  }
  const rules = rulesOf(reachability, clock.rate);
  const stored = loaded.outages.map(({ site: _, ...outage }) => outage);
  const open = stored.find(({ endedMs }) => endedMs === null) ?? null;
  const last = Math.max(0, ...stored.map(({ outage }) => outage));
  const self: Self = {
    ...options,
    site,
    rules,
    // A probe's deadline is real time, however fast the site's clock runs.
    confirmMs: CONFIRM_ROUNDS * (reachability.roundMs + reachability.probeTimeoutMs * clock.rate),
    now: newConnectivity(rules, time.now()),
    watch: newOutageWatch(open, last),
    past: stored.filter((one) => one !== open),
    shown: [...loaded.timeline],
    unsaved: [],
    unsavedOutage: null,
    saving: null,
    cancels: new Set(),
    looksSoon: false,
    stopped: false,
  };
  return {
    connectivity: () => self.now,
    open: () => openOf(self),
    outages: () => [...(self.watch.open === null ? [] : [self.watch.open]), ...self.past].slice(0, SHOWN_OUTAGES),
    timeline: () => self.shown,
    heard() {
      if (self.looksSoon) return;
      self.looksSoon = true;
      later(self, { clock: self.real, afterMs: SOON_MS }, () => {
        self.looksSoon = false;
        look(self);
      });
    },
    lost(uplink, wallMs) {
      const hasVote = rules.uplinks.some((one) => one === uplink);
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
    },
  };
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
  if (before.state !== self.now.state || before.label !== self.now.label) note(self);
  if (before.restored !== self.now.restored) {
    self.log.info({ state: self.now.state, whyNot: self.now.whyNot, ...self.now.count }, 'connectivity changed');
    self.onRestored(self.now.restored, self.now.whyNot);
  }
  save(self);
}

function note(self: Self): void {
  const { state, label, whyNot, sinceMs } = self.now;
  const row = { atMs: self.time.toWall(sinceMs), state, label, whyNot };
  self.shown = [...self.shown, row].slice(-SHOWN_TIMELINE);
  self.unsaved = [...self.unsaved, row].slice(-UNSAVED_MAX);
}

function save(self: Self): void {
  if (self.saving !== null || (self.unsaved.length === 0 && self.unsavedOutage === null)) return;
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
  if (self.watch.open !== outage) return true; // lost again meanwhile: it goes on, and is saved as such next
  self.watch = letGo(self.watch);
  self.past = [outage, ...self.past].slice(0, SHOWN_OUTAGES);
  return true;
}
