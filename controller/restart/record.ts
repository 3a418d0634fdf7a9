import type { Site } from '../../config/site.ts';
import { type MinerId, minerId } from '../../shared/ids.ts';
import type { Rung } from '../../shared/outcome.ts';
import type { ProofStart } from './proof.ts';
import { demandOf } from './ranked.ts';
import type { RehearsedStart } from './rehearse.ts';
import type { Effect, Restart } from './restart.ts';
import type { WorldStart } from './seeded.ts';

type Order = Readonly<{ miner: MinerId; attempt: number; rung: Rung; atMs: number }>;
export type RecordedStart = RehearsedStart & Readonly<{ proof: ProofStart }>;

/** Writes down what a rehearsal does, for the report and the proof. */
export function recorder(site: Site): Readonly<{
  note(effect: Effect, nowMs: number): void;
  /** Why it stopped for a person, each time. */
  halts(): readonly string[];
  /** `world`: what physically happened, where that is not exactly what was ordered. */
  starts(world: readonly WorldStart[] | null, last: Restart): readonly RecordedStart[];
}> {
  const orders = new Map<string, Order>();
  const healthyMs = new Map<MinerId, number>();
  const noticedMs = new Map<MinerId, number>();
  const halts: string[] = [];

  return {
    note(effect, nowMs) {
      if (effect.kind === 'order') {
        const { miner, attempt, action } = effect.command;
        orders.set(`${miner} ${attempt}`, { miner: minerId(miner), attempt, rung: action, atMs: nowMs });
      } else if (effect.kind === 'log') {
        if (effect.log === 'state' && effect.body.to === 'HALTED') halts.push(String(effect.body.why ?? 'unknown'));
        const miner = minerId(String(effect.body.miner ?? ''));
        if (effect.log === 'healthy' || effect.log === 'alone') healthyMs.set(miner, nowMs);
        if (effect.log === 'uncommanded' && !noticedMs.has(miner)) noticedMs.set(miner, nowMs);
      }
    },
    halts: () => halts,
    starts(world, last) {
      const all = world ?? [...orders.values()].map((order) => asOrdered(site, order));
      const latest = new Map(all.map((start) => [start.miner, start]));
      endAtNextOrder(all);
      return all.flatMap((start) => {
        const noticed = start.ordered ? start.atMs : noticedMs.get(start.miner);
        if (noticed === undefined) return []; // came up after the end, or unseen
        const rung = start.ordered ? (orders.get(`${start.miner} ${start.attempt}`)?.rung ?? 'wait') : 'wait';
        const healthyAtMs = latest.get(start.miner) === start ? (healthyMs.get(start.miner) ?? null) : null;
        return [recorded(site, last, { start, noticed, rung, healthyAtMs })];
      });
    },
  };
}

/** A miner that is ordered again draws for its new start from then on, and no longer for the old one. */
function endAtNextOrder(starts: readonly WorldStart[]): void {
  const before = new Map<MinerId, WorldStart>();
  for (const start of starts) {
    const last = before.get(start.miner);
    if (last !== undefined) last.offAtMs = Math.min(last.offAtMs, start.grantedAtMs);
    before.set(start.miner, start);
  }
}

function asOrdered(site: Site, { miner, attempt, atMs }: Order): WorldStart {
  const bootedAtMs = atMs + demandOf(site, miner).bootMs;
  return { miner, ordered: true, attempt, grantedAtMs: atMs, atMs, bootedAtMs, offAtMs: Infinity };
}

function recorded(
  site: Site,
  last: Restart,
  of: { start: WorldStart; noticed: number; rung: Rung; healthyAtMs: number | null },
): RecordedStart {
  const { miner, ordered, attempt, atMs, grantedAtMs, bootedAtMs, offAtMs } = of.start;
  const { feedPath, steadyW, bootOverheadW } = demandOf(site, miner);
  const job = last.jobs.get(miner);
  const wave = ordered ? (job?.wave ?? null) : null;
  const at = ordered ? { grantedAtMs, atMs } : { grantedAtMs: of.noticed, atMs: of.noticed };
  const ends = { bootedAtMs: Math.max(at.grantedAtMs, bootedAtMs), offAtMs };
  return {
    miner,
    feedPath,
    wave,
    attempt,
    rung: of.rung,
    atMs,
    steadyW,
    bootOverheadW,
    bootMs: bootedAtMs - atMs,
    healthyAtMs: of.healthyAtMs,
    outcome: job?.end ?? 'quarantined',
    proof: { miner, feedPath, wave, ordered, ...at, steadyW, bootOverheadW, ...ends },
  };
}
