import type { Evidence, Finding, Layer } from '../../shared/finding.ts';
import type { UplinkId } from '../../shared/ids.ts';
import type { Millis, UnixMs } from '../../shared/units.ts';

/** A full round asks everything; a watch round only whether the path that the jobs come over is alive. */
export type RoundKind = 'full' | 'watch';

/** One question of a round. Both times are real milliseconds: they belong to sockets. */
export type ProbeSpec = Readonly<{
  layer: Layer;
  uplink: UplinkId;
  /** As `targets.ts` writes it; the probe finds in its configuration what belongs to it. */
  target: string;
  kind: Evidence['kind'];
  /** From the start of the round. */
  delayMs: Millis;
  timeoutMs: Millis;
}>;

/** Never rejects: whatever happens is a finding. Keeps its own deadline, and ends at once when the signal aborts. */
export type Probe = (spec: ProbeSpec, signal: AbortSignal) => Promise<Finding>;
export type Probes = Readonly<Record<Layer, Probe>>;

export type Round = Readonly<{
  uplink: UplinkId;
  kind: RoundKind;
  /** Site time at the start: what the round found was true no earlier than this. */
  atMs: Millis;
  wallMs: UnixMs;
  evidence: readonly Evidence[];
  /** The longest that this process's event loop stood still during the round, real time. */
  lagMs: Millis;
}>;
