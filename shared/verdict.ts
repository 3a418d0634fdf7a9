import type { Evidence } from './finding.ts';
import type { UplinkId } from './ids.ts';
import type { Millis, UnixMs } from './units.ts';

export const VERDICT_STATES = ['RESTORED', 'PARTIAL', 'DOWN', 'UNKNOWN'] as const;
export type VerdictState = (typeof VERDICT_STATES)[number];

export const VERDICT_LABELS = [
  'HOLDING',
  'SELF_FAULT',
  'PORTAL',
  'LOSSY',
  'DNS_FAULT',
  'DOMESTIC_ONLY',
  'PORT_FILTERED',
  'POOL_DOWN',
  'DNS_ONLY',
  'ICMP_ONLY',
  'LINK_ONLY',
  'GATEWAY_ONLY',
  'NO_LINK',
  'ONE_UPLINK',
] as const;
export type VerdictLabel = (typeof VERDICT_LABELS)[number];

/** An agent's judgement of one uplink. */
export type Verdict = Readonly<{
  uplink: UplinkId;
  state: VerdictState;
  label: VerdictLabel | null;
  /** `layer.reason` of what is missing; null only when RESTORED. */
  whyNot: string | null;
  /** The loss watch has alarmed and no hold has been completed since. */
  lossAlarm: boolean;
  sinceMs: UnixMs;
  /** What is left of the hold; null when none runs. */
  holdRemainingMs: Millis | null;
  evidence: readonly Evidence[];
}>;
