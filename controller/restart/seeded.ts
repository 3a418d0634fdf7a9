import type { Miner, Site } from '../../config/site.ts';
import type { Command, JournalEntry } from '../../shared/command.ts';
import { type MinerId, minerId } from '../../shared/ids.ts';
import { integer, type Random } from '../../shared/random.ts';
import type { MiningState } from '../../shared/snapshot.ts';
import type { Seen } from '../site/seen.ts';
import { dealFates, type Fate } from './fates.ts';
import { type Heap, newHeap } from './heap.ts';
import { done, missingBoard, notNeeded, reading } from './readings.ts';
import type { Effect, RestartEvent } from './restart.ts';
import type { World } from './virtual.ts';

/** One start in this world: what the proof is made from. */
export type WorldStart = {
  readonly miner: MinerId;
  readonly ordered: boolean;
  readonly attempt: number;
  readonly grantedAtMs: number;
  readonly atMs: number;
  bootedAtMs: number;
  offAtMs: number;
};

const POLL_MS = 20_000; // how often an agent reads each of its miners
const DELIVERY_MS = [200, 4_000] as const; // from the order to the act; within every order's lifetime

// A halt, or a part that was closed, wakes a person, who looks at the failures and goes on.
const LOOKED_AT_MS = 5 * 60_000;
const ACKNOWLEDGED: RestartEvent = {
  kind: 'operator',
  act: 'resume',
  actor: 'rehearsal',
  reason: 'the failures have been looked at',
};

type Plant = {
  readonly miner: Miner;
  readonly fate: Fate;
  start: WorldStart | null;
  /** Its process has run since. */
  upSinceMs: number;
  /** Pushes that it has been given. */
  pushed: number;
  orders: number;
};

type Happening = Readonly<{ atMs: number; order: number; run: Run }>;
type Run = (nowMs: number) => RestartEvent | null;

type Farm = {
  readonly random: Random;
  readonly plants: ReadonlyMap<MinerId, Plant>;
  readonly agenda: Heap<Happening>;
  readonly starts: WorldStart[];
  readonly journal: Map<string, JournalEntry>;
  planned: number;
};

/** A farm with faults, dealt by a seed: late and lone starters, hung miners, dead boards, lost orders and answers. */
export function seededWorld(site: Site, random: Random): World & Readonly<{ starts: () => readonly WorldStart[] }> {
  const fates = dealFates(site, random);
  const farm: Farm = {
    random,
    plants: new Map([...fates].map(([id, fate]) => [id, newPlant(site.miners.get(id) as Miner, fate)])),
    agenda: newHeap((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)),
    starts: [],
    journal: new Map(),
    planned: 0,
  };
  plan(farm, 0, (nowMs) => poll(farm, nowMs));
  for (const plant of farm.plants.values()) planSelfStart(farm, plant);
  return {
    starts: () => farm.starts,
    perform: (effect, nowMs) => perform(farm, effect, nowMs),
    nextMs: () => farm.agenda.peek()?.atMs ?? null,
    take(nowMs) {
      for (let next = farm.agenda.peek(); next !== undefined && next.atMs <= nowMs; next = farm.agenda.peek()) {
        farm.agenda.pop();
        const event = next.run(nowMs);
        if (event !== null) return event;
      }
      return null;
    },
  };
}

function plan(farm: Farm, atMs: number, run: Run): void {
  farm.agenda.push({ atMs, order: farm.planned, run });
  farm.planned += 1;
}

function poll(farm: Farm, nowMs: number): RestartEvent {
  plan(farm, nowMs + POLL_MS, (atMs) => poll(farm, atMs));
  return { kind: 'seen', seen: [...farm.plants.values()].map((plant) => look(plant, nowMs)) };
}

function planSelfStart(farm: Farm, plant: Plant): void {
  if (plant.fate.startsAtMs === Infinity) return;
  plan(farm, plant.fate.startsAtMs, (atMs) => {
    if (plant.start === null) begin(farm, plant, { ordered: false, attempt: 0, grantedAtMs: atMs, atMs });
    return null;
  });
}

type Begin = Pick<WorldStart, 'ordered' | 'attempt' | 'grantedAtMs' | 'atMs'>;

function begin(farm: Farm, plant: Plant, by: Begin): void {
  if (plant.start !== null) plant.start.offAtMs = Math.min(plant.start.offAtMs, by.atMs);
  const bootedAtMs = by.atMs + plant.fate.bootMs;
  // A push that does not help ends with the miner idle.
  const offAtMs = by.ordered && !cured(plant) ? bootedAtMs : Infinity;
  plant.start = { miner: plant.miner.miner, ...by, bootedAtMs, offAtMs };
  plant.upSinceMs = by.atMs;
  farm.starts.push(plant.start);
}

function perform(farm: Farm, effect: Effect, nowMs: number): void {
  if (effect.kind === 'order') return deliver(farm, effect.command, nowMs);
  if (effect.kind === 'ask') return answer(farm, effect, nowMs);
  if (effect.kind === 'log' && wakesSomebody(effect)) plan(farm, nowMs + LOOKED_AT_MS, () => ACKNOWLEDGED);
}

const wakesSomebody = ({ log, body }: Extract<Effect, { kind: 'log' }>): boolean =>
  log === 'scope' || (log === 'state' && body.to === 'HALTED');

function deliver(farm: Farm, command: Command, grantedAtMs: number): void {
  const plant = farm.plants.get(minerId(command.miner));
  if (plant === undefined) throw new Error(`${command.miner} is not in the site file`);
  const loss = plant.fate.losses[plant.orders];
  plant.orders += 1;
  if (loss === 'order') return;
  plan(farm, grantedAtMs + integer(farm.random, ...DELIVERY_MS), (atMs) => {
    // An agent looks once more before it acts: who hashes is not pushed.
    const refused = stateOf(plant, atMs) === 'hashing';
    const entry = refused ? notNeeded(command, atMs) : done(command, atMs);
    farm.journal.set(command.cmdId, entry);
    if (!refused) {
      plant.pushed += 1;
      begin(farm, plant, { ordered: true, attempt: command.attempt, grantedAtMs, atMs });
    }
    return loss === 'answer' ? null : { kind: 'journal', entry };
  });
}

function answer(farm: Farm, { miner, cmdId }: Extract<Effect, { kind: 'ask' }>, nowMs: number): void {
  plan(farm, nowMs + DELIVERY_MS[0], () => {
    const entry = farm.journal.get(cmdId);
    return entry === undefined ? { kind: 'absent', miner, cmdId } : { kind: 'journal', entry };
  });
}

const newPlant = (miner: Miner, fate: Fate): Plant => ({
  miner,
  fate,
  start: null,
  upSinceMs: 0,
  pushed: 0,
  orders: 0,
});

function cured({ fate, pushed }: Plant): boolean {
  return fate.kind === 'stubborn' ? pushed >= 2 : fate.kind !== 'board';
}

function look(plant: Plant, nowMs: number): Seen {
  const seen = reading(plant.miner, { state: stateOf(plant, nowMs), atMs: nowMs, upSinceMs: plant.upSinceMs });
  return plant.fate.kind === 'board' ? missingBoard(seen) : seen;
}

function stateOf({ start, fate }: Plant, nowMs: number): MiningState {
  if (fate.kind === 'board') return 'error';
  if (start === null || nowMs >= start.offAtMs) return 'idle';
  return nowMs < start.bootedAtMs ? 'starting' : 'hashing';
}
