import type { Miner, Site } from '../../config/site.ts';
import type { Command, JournalEntry } from '../../shared/command.ts';
import { type MinerId, minerId } from '../../shared/ids.ts';
import { integer, type Random } from '../../shared/random.ts';
import type { MiningState } from '../../shared/snapshot.ts';
import type { Seen } from '../site/seen.ts';
import { dealFates, type Fate } from './fates.ts';
import { newHeap } from './heap.ts';
import { done, missingBoard, reading } from './readings.ts';
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

// A halt wakes a person, who looks at the failures and goes on.
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

type Happening = Readonly<{ atMs: number; order: number; run: (nowMs: number) => RestartEvent | null }>;

/** A farm with faults, dealt by a seed: late and lone starters, hung miners, dead boards, lost orders and answers. */
export function seededWorld(site: Site, random: Random): World & Readonly<{ starts: () => readonly WorldStart[] }> {
  const fates = dealFates(site, random);
  const plants = new Map<MinerId, Plant>();
  for (const [id, fate] of fates) plants.set(id, newPlant(site.miners.get(id) as Miner, fate));
  const agenda = newHeap<Happening>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));
  const starts: WorldStart[] = [];
  const journal = new Map<string, JournalEntry>();
  let order = 0;

  const at = (atMs: number, run: Happening['run']): void => agenda.push({ atMs, order: order++, run });
  const poll = (nowMs: number): RestartEvent => {
    at(nowMs + POLL_MS, poll);
    return { kind: 'seen', seen: [...plants.values()].map((plant) => look(plant, nowMs)) };
  };
  const begin = (plant: Plant, by: { ordered: boolean; attempt: number; grantedAtMs: number; atMs: number }): void => {
    if (plant.start !== null) plant.start.offAtMs = Math.min(plant.start.offAtMs, by.atMs);
    plant.start = { miner: plant.miner.miner, ...by, bootedAtMs: by.atMs + plant.fate.bootMs, offAtMs: Infinity };
    plant.upSinceMs = by.atMs;
    starts.push(plant.start);
  };
  const act = (plant: Plant, command: Command, grantedAtMs: number): Happening['run'] => {
    return (nowMs) => {
      const entry = done(command, nowMs);
      plant.pushed += 1;
      begin(plant, { ordered: true, attempt: command.attempt, grantedAtMs, atMs: nowMs });
      if (!cured(plant) && plant.start !== null) plant.start.offAtMs = plant.start.bootedAtMs;
      journal.set(command.cmdId, entry);
      return plant.fate.losses[plant.orders - 1] === 'answer' ? null : { kind: 'journal', entry };
    };
  };
  const perform = (effect: Effect, nowMs: number): void => {
    if (effect.kind === 'order') {
      const plant = plants.get(minerId(effect.command.miner));
      if (plant === undefined) throw new Error(`${effect.command.miner} is not in the site file`);
      plant.orders += 1;
      if (plant.fate.losses[plant.orders - 1] === 'order') return;
      at(nowMs + integer(random, ...DELIVERY_MS), act(plant, effect.command, nowMs));
    } else if (effect.kind === 'log' && effect.log === 'state' && effect.body.to === 'HALTED') {
      at(nowMs + LOOKED_AT_MS, () => ACKNOWLEDGED);
    } else if (effect.kind === 'ask') {
      const { miner, cmdId } = effect;
      at(nowMs + DELIVERY_MS[0], () => {
        const entry = journal.get(cmdId);
        return entry === undefined ? { kind: 'absent', miner, cmdId } : { kind: 'journal', entry };
      });
    }
  };

  at(0, poll);
  for (const plant of plants.values()) {
    if (plant.fate.startsAtMs === Infinity) continue;
    at(plant.fate.startsAtMs, (nowMs) => {
      if (plant.start === null) begin(plant, { ordered: false, attempt: 0, grantedAtMs: nowMs, atMs: nowMs });
      return null;
    });
  }
  return {
    starts: () => starts,
    perform,
    nextMs: () => agenda.peek()?.atMs ?? null,
    take(nowMs) {
      for (let next = agenda.peek(); next !== undefined && next.atMs <= nowMs; next = agenda.peek()) {
        agenda.pop();
        const event = next.run(nowMs);
        if (event !== null) return event;
      }
      return null;
    },
  };
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
