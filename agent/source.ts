import type { Clock } from '../shared/clock.ts';
import { type MinerId, minerId } from '../shared/ids.ts';
import type { HostVitals } from '../shared/messages.ts';
import type { Sighting } from '../shared/sighting.ts';
import type { Executor } from './execute/executor.ts';
import type { History } from './history/history.io.ts';
import type { Host, Vitals } from './host/vitals.io.ts';
import type { ReportSource } from './link/reports.ts';
import type { HealthDiagnosis } from './miner/health.ts';
import type { HealthBook } from './miner/health-book.ts';
import type { Polled, Poller } from './miner/poller.io.ts';
import type { Outbox } from './outbox/outbox.io.ts';
import type { Part } from './part.ts';
import type { Uplinks } from './uplinks.ts';

const TEXT_MAX = 256; // of the schema
const DEGRADED_MAX = 16;

export type SourceOptions = Readonly<{
  part: Part;
  poller: Pick<Poller, 'latest'>;
  health: Pick<HealthBook, 'of'>;
  uplinks: Uplinks;
  host: Host;
  outbox: Outbox;
  executor: Executor;
  history: Pick<History, 'fault'>;
  /** Site time. */
  clock: Clock;
}>;

/** Where the link finds the latest of everything. */
export function reportSource(options: SourceOptions): ReportSource {
  const { part, poller, health, uplinks, host, outbox, executor, history, clock } = options;
  return {
    miners: part.ids,
    sighting(miner) {
      const id = minerId(miner);
      const polled = poller.latest(id);
      if (polled === null) return null;
      const nowMs = clock.monoMs();
      return { ...toSighting(id, polled, clock), ...toHealth(health.of(id, nowMs), nowMs) };
    },
    verdicts: uplinks.verdicts,
    vitals: () =>
      toHostVitals(host.latest(), {
        outboxRecords: outbox.counts().records,
        degraded: [outbox.degraded(), executor.degraded(), history.fault()],
      }),
  };
}

/** A reading as it travels; ages are those of the moment of sending. */
export function toSighting(miner: MinerId, polled: Polled, clock: Clock): Sighting {
  const nowMs = clock.monoMs();
  const ageOf = (atMs: number): number => Math.max(0, Math.round(nowMs - atMs));
  return {
    miner,
    unreadable: polled.unreadable,
    detail: polled.detail === null ? null : polled.detail.slice(0, TEXT_MAX),
    ageMs: ageOf(polled.atMs),
    snapshot: polled.snapshot,
    snapshotAgeMs: polled.snapshot === null || polled.snapshotAtMs === null ? null : ageOf(polled.snapshotAtMs),
  };
}

/** Likewise of the diagnosis; nothing where there is none. */
export function toHealth(of: HealthDiagnosis | null, nowMs: number): Pick<Sighting, 'health'> {
  if (of === null) return {};
  const { condition, rung, since, evidence } = of;
  const sinceAgeMs = since === null ? null : Math.max(0, Math.round(nowMs - since));
  return { health: { condition, evidence: [...evidence], rung, sinceAgeMs } };
}

/** The host's vitals with the agent's own: what does not work must be seen on the page, not only in a log. */
export function toHostVitals(
  host: Vitals | null,
  own: Readonly<{ outboxRecords: number; degraded: readonly (string | null)[] }>,
): HostVitals {
  const { degraded: hostFaults, ...measured } = host ?? NOTHING_YET;
  const words = [...own.degraded, ...hostFaults].flatMap((text) => (text === null ? [] : [text.slice(0, TEXT_MAX)]));
  return { ...measured, outboxRecords: own.outboxRecords, degraded: words.slice(0, DEGRADED_MAX) };
}

const NOTHING_YET: Vitals = {
  cpuPct: null,
  memoryUsedPct: null,
  diskUsedPct: null,
  temperatureC: null,
  uptimeS: null,
  eventLoopLagMs: null,
  degraded: [],
};
