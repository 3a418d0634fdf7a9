import type { Site } from '../../config/site.ts';
import type { JournalEntry } from '../../shared/command.ts';
import type { MinerId } from '../../shared/ids.ts';
import { minerId } from '../../shared/ids.ts';
import { millis } from '../../shared/units.ts';
import { type Heap, newHeap } from './heap.ts';
import { demandOf } from './ranked.ts';
import { done, reading } from './readings.ts';
import type { RestartEvent } from './restart.ts';
import type { World } from './virtual.ts';

// So long that no deadline of a device ever comes, and a sum of two of them is still exact.
const NEVER_MS = millis(2 ** 50);

/**
 * The policy in a world where nothing fails: one reading tells the truth for ever, nobody starts without an order,
 * and there is nothing to wait for. Limits, waves, gates and soak are the site's own.
 */
export function idealSite(site: Site): Site {
  const patient = { waitMs: millis(0), graceMs: NEVER_MS, hashDeadlineMs: NEVER_MS };
  return {
    ...site,
    restart: {
      ...site.restart,
      observationMs: millis(0),
      freshSamples: 1,
      freshMs: NEVER_MS,
      lateSelfStartPct: 0,
      approval: { ...site.restart.approval, mode: 'policy' },
      families: new Map([['unknown', patient]]),
    },
  };
}

type Boot = Readonly<{ miner: MinerId; atMs: number }>;

/** Every miner sleeps at 0; an order arrives at once, and the miner hashes exactly its `bootMs` later. */
export function idealWorld(site: Site): World {
  const boots: Heap<Boot> = newHeap((a, b) => a.atMs < b.atMs);
  const answers: JournalEntry[] = [];
  let answered = 0;

  const bootedBy = (nowMs: number): readonly MinerId[] => {
    const all: MinerId[] = [];
    for (let boot = boots.peek(); boot !== undefined && boot.atMs <= nowMs; boot = boots.peek()) {
      boots.pop();
      all.push(boot.miner);
    }
    return all;
  };
  return {
    nextMs: () => boots.peek()?.atMs ?? null,
    take(nowMs): RestartEvent | null {
      const booted = bootedBy(nowMs);
      if (booted.length > 0) return { kind: 'seen', seen: booted.map((miner) => hashing(site, miner, nowMs)) };
      const entry = answers[answered];
      if (entry === undefined) return null;
      answered += 1;
      return { kind: 'journal', entry };
    },
    perform(effect, nowMs) {
      if (effect.kind !== 'order') return;
      answers.push(done(effect.command, nowMs));
      const miner = minerId(effect.command.miner);
      boots.push({ miner, atMs: nowMs + demandOf(site, miner).bootMs });
    },
  };
}

function hashing(site: Site, miner: MinerId, nowMs: number) {
  const one = site.miners.get(miner);
  if (one === undefined) throw new Error(`${miner} is not in the site file`);
  return reading(one, { state: 'hashing', atMs: nowMs, upSinceMs: nowMs });
}
