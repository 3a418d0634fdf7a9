import type { Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import type { Demand } from './demand.ts';
import { type Heap, newHeap } from './heap.ts';
import { type Account, type Ledger, shortageAt, waitAt } from './ledger.ts';

/**
 * Where jobs wait to start. They queue at the feed that their miners hang on, and only the head of a queue competes.
 * A head that does not fit parks at the lowest feed that lacks something, and what comes free there wakes one parked
 * head; what that one does not use is handed on to the next.
 *
 * INVARIANTS: a unit is ready, or parked at one feed, or its queue is empty. What the heaps hold of a unit carries its
 * stamp; whatever moves the unit raises it, so that older entries are dead. A feed is kept free for at most one unit,
 * and against those later in the order only; the order is total, so no two units can keep feeds from each other.
 */
export type Yard = Readonly<{
  ledger: Ledger;
  agedMs: number;
  nodes: ReadonlyMap<FeedId, Node>;
  units: Map<FeedId, Unit>;
  ready: Heap<Stamped>;
  timers: Heap<Timer>;
}>;

export type Constraint = 'cap' | 'slots' | 'closed' | 'ramp' | 'spacing' | 'held';

/** Why a job does not start: which feed lacks what, since when. */
export type Refusal = Readonly<{
  feed: FeedId;
  constraint: Constraint;
  neededW: number | null;
  freeW: number | null;
  sinceMs: number;
}>;

/** `holds`: how much of a start its miner holds already. */
export type Entry = { readonly demand: Demand; readonly holds: 'all' | 'watts' | 'less'; live: boolean };

type Stamped = Readonly<{ unit: Unit; entry: Entry; stamp: number }>;
type Timer = Readonly<{ atMs: number; unit: Unit; stamp: number }>;

type Node = {
  readonly account: Account;
  readonly parked: Heap<Stamped>;
  /** Kept free for this unit. */
  keptFor: Unit | null;
};

/** The queue of one feed that miners hang on. */
export type Unit = {
  /** From the feed itself up to the root. */
  readonly path: readonly Node[];
  readonly queue: Heap<Entry>;
  stamp: number;
  parkedAt: Node | null;
  /** The feed whose release woke it. */
  wokenBy: Node | null;
  /** Since when its head has lacked watts or a slot. */
  lackingSinceMs: number | null;
  refusal: Refusal | null;
};

/** `waitMs`: time alone ends it; null where something must be released. */
type Block = Readonly<{
  node: Node;
  constraint: Constraint;
  waitMs: number | null;
  neededW: number | null;
  freeW: number | null;
}>;

/**
 * A miner that holds its slot goes first: nobody else could have that slot, and its remedy is what frees it. Then
 * whoever holds its watts: behind one that lacks just those watts it would wait for itself.
 */
const goesFirst = (a: Entry, b: Entry): boolean =>
  a.holds === b.holds ? a.demand.rank < b.demand.rank : TURN[a.holds] < TURN[b.holds];

const TURN = { all: 0, watts: 1, less: 2 } as const;
const HOLDS = { full: 'all', watts: 'watts', steady: 'less', none: 'less' } as const;

const newStampedHeap = (): Heap<Stamped> => newHeap((a, b) => goesFirst(a.entry, b.entry));

export function createYard(site: Site, ledger: Ledger, agedMs: number): Yard {
  const nodes = new Map(
    [...site.feeds.keys()].map((feed) => [
      feed,
      { account: ledger.account(feed), parked: newStampedHeap(), keptFor: null },
    ]),
  );
  return {
    ledger,
    agedMs,
    nodes,
    units: new Map(),
    ready: newStampedHeap(),
    timers: newHeap((a, b) => a.atMs < b.atMs),
  };
}

export function enqueue(yard: Yard, demand: Demand): Entry {
  const entry = { demand, holds: HOLDS[yard.ledger.holding(demand.miner)], live: true };
  const unit = unitOf(yard, demand);
  unit.queue.push(entry);
  if (headOf(unit) === entry) refresh(yard, unit);
  return entry;
}

export function dequeue(yard: Yard, entry: Entry): void {
  const unit = unitOf(yard, entry.demand);
  const led = headOf(unit) === entry;
  entry.live = false;
  if (led) refresh(yard, unit);
}

function unitOf(yard: Yard, demand: Demand): Unit {
  const leaf = demand.feedPath.at(-1);
  if (leaf === undefined) throw new Error(`${demand.miner} hangs on no feed`);
  const known = yard.units.get(leaf);
  if (known !== undefined) return known;
  const path = demand.feedPath.map((feed) => nodeOf(yard, feed)).reverse();
  const unit: Unit = {
    path,
    queue: newHeap(goesFirst),
    stamp: 0,
    parkedAt: null,
    wokenBy: null,
    lackingSinceMs: null,
    refusal: null,
  };
  yard.units.set(leaf, unit);
  return unit;
}

function nodeOf(yard: Yard, feed: FeedId): Node {
  const node = yard.nodes.get(feed);
  if (node === undefined) throw new Error(`no such feed: ${feed}`);
  return node;
}

/** The first live entry of a queue; dead ones before it are dropped. */
function headOf(unit: Unit): Entry | undefined {
  for (let top = unit.queue.peek(); top !== undefined; top = unit.queue.peek()) {
    if (top.live) return top;
    unit.queue.pop();
  }
  return undefined;
}

/** The unit has another head than before: what the old one kept free is given back, and the new one competes. */
function refresh(yard: Yard, unit: Unit): void {
  const { wokenBy } = unit;
  unit.lackingSinceMs = null;
  unit.refusal = null;
  giveBack(yard, unit, null);
  makeReady(yard, unit, null);
  if (wokenBy !== null) wakeOne(yard, wokenBy);
}

function makeReady(yard: Yard, unit: Unit, wokenBy: Node | null): void {
  unit.stamp += 1;
  unit.parkedAt = null;
  unit.wokenBy = wokenBy;
  const entry = headOf(unit);
  if (entry !== undefined) yard.ready.push({ unit, entry, stamp: unit.stamp });
}

function giveBack(yard: Yard, unit: Unit, except: Node | null): void {
  for (const node of unit.path) {
    if (node.keptFor !== unit || node === except) continue;
    node.keptFor = null;
    wakeOne(yard, node);
  }
}

/** Something came free on these feeds, leaf last in the path and first to be served. */
export function wakePath(yard: Yard, feedPath: readonly FeedId[]): void {
  for (let i = feedPath.length - 1; i >= 0; i -= 1) wakeOne(yard, nodeOf(yard, feedPath[i] as FeedId));
}

function wakeOne(yard: Yard, node: Node): void {
  for (let top = node.parked.pop(); top !== undefined; top = node.parked.pop()) {
    if (top.stamp !== top.unit.stamp) continue;
    makeReady(yard, top.unit, node);
    return;
  }
}

/** Starts everything that fits at this instant, best first. `start` reserves before the next one is looked at. */
export function run(yard: Yard, nowMs: number, start: (entry: Entry) => void): void {
  for (let due = yard.timers.peek(); due !== undefined && due.atMs <= nowMs; due = yard.timers.peek()) {
    yard.timers.pop();
    if (due.stamp === due.unit.stamp) makeReady(yard, due.unit, due.unit.parkedAt);
  }
  for (let best = yard.ready.pop(); best !== undefined; best = yard.ready.pop()) {
    if (best.stamp !== best.unit.stamp) continue;
    const block = blockOf(yard, best, nowMs);
    if (block === null) advance(yard, best, start);
    else park(yard, best, { ...block, nowMs });
  }
}

function advance(yard: Yard, { unit, entry }: Stamped, start: (entry: Entry) => void): void {
  start(entry);
  entry.live = false;
  refresh(yard, unit);
}

function park(yard: Yard, { unit, entry }: Stamped, block: Block & { nowMs: number }): void {
  const { node, constraint, waitMs, neededW, freeW, nowMs } = block;
  const { wokenBy } = unit;
  const aged = unit.lackingSinceMs !== null && nowMs >= unit.lackingSinceMs + yard.agedMs;
  giveBack(yard, unit, waitMs !== null || aged ? node : null);
  unit.stamp += 1;
  unit.parkedAt = node;
  unit.wokenBy = null;
  node.parked.push({ unit, entry, stamp: unit.stamp });
  const same = unit.refusal?.constraint === constraint && unit.refusal.feed === node.account.feed.feed;
  const sinceMs = same ? (unit.refusal?.sinceMs ?? nowMs) : nowMs;
  unit.refusal = { feed: node.account.feed.feed, constraint, neededW, freeW, sinceMs };
  if (waitMs !== null) keepForTimer(yard, unit, { node, entry, atMs: nowMs + waitMs });
  else if (constraint === 'cap' || constraint === 'slots') keepWhenAged(yard, unit, { node, nowMs });
  if (wokenBy !== null && wokenBy !== node) wakeOne(yard, wokenBy);
}

/** Whoever waits for the ramp or the spacing keeps its feed at once: smaller starts would take its tokens for ever. */
function keepForTimer(yard: Yard, unit: Unit, at: { node: Node; entry: Entry; atMs: number }): void {
  const other = at.node.keptFor === null ? undefined : headOf(at.node.keptFor);
  if (other === undefined || goesFirst(at.entry, other)) at.node.keptFor = unit;
  unit.lackingSinceMs = null;
  yard.timers.push({ atMs: at.atMs, unit, stamp: unit.stamp });
}

/** Whoever lacks watts or a slot keeps its feed only after a long wait: until then smaller starts may pass. */
function keepWhenAged(yard: Yard, unit: Unit, at: { node: Node; nowMs: number }): void {
  unit.lackingSinceMs ??= at.nowMs;
  const agedAtMs = unit.lackingSinceMs + yard.agedMs;
  if (at.nowMs < agedAtMs) yard.timers.push({ atMs: agedAtMs, unit, stamp: unit.stamp });
  else at.node.keptFor ??= unit;
}

/** Resources before time, so that a job which cannot start anyway keeps no ramp from others. */
function blockOf(yard: Yard, { unit, entry }: Stamped, nowMs: number): Block | null {
  const hold = yard.ledger.holding(entry.demand.miner);
  for (const node of unit.path) {
    const other = node.keptFor === null || node.keptFor === unit ? undefined : headOf(node.keptFor);
    if (other !== undefined && goesFirst(other, entry)) {
      return { node, constraint: 'held', waitMs: null, neededW: null, freeW: null };
    }
    const shortage = shortageAt(node.account, entry.demand, hold);
    if (shortage !== null) return { node, waitMs: null, neededW: null, freeW: null, ...shortage };
  }
  return longestWait(unit, entry, nowMs);
}

function longestWait(unit: Unit, { demand }: Entry, nowMs: number): Block | null {
  let longest: Block | null = null;
  for (const node of unit.path) {
    const { constraint, ms } = waitAt(node.account, demand, nowMs);
    if (ms > (longest?.waitMs ?? 0)) longest = { node, constraint, waitMs: ms, neededW: null, freeW: null };
  }
  return longest;
}

/** The next instant at which time alone may let something start; null when nothing waits for time. */
export function nextTimerMs(yard: Yard): number | null {
  for (let top = yard.timers.peek(); top !== undefined; top = yard.timers.peek()) {
    if (top.stamp === top.unit.stamp) return top.atMs;
    yard.timers.pop();
  }
  return null;
}

/** By miner, for the head of every queue that waits. */
export function refusals(yard: Yard): ReadonlyMap<MinerId, Refusal> {
  const all = new Map<MinerId, Refusal>();
  for (const unit of yard.units.values()) {
    const head = headOf(unit);
    if (head !== undefined && unit.refusal !== null) all.set(head.demand.miner, unit.refusal);
  }
  return all;
}
