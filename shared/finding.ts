import type { UplinkId } from './ids.ts';
import type { Millis } from './units.ts';

/** From the cable to the proof that a pool serves work. Only `job` can restore; the others name what is missing. */
export const LAYERS = ['link', 'gateway', 'dns', 'ntp', 'icmp', 'tcp', 'tls', 'http', 'stratum', 'job'] as const;
export type Layer = (typeof LAYERS)[number];

/** Reasons a probe has for `down`: the world answered, or did not, and that says something about the world. */
export type DownReason =
  | 'timeout'
  | 'refused'
  | 'unreachable'
  | 'noRoute'
  | 'noAddress'
  | 'noCarrier'
  | 'noNeighbour'
  | 'unresolved'
  | 'reset'
  | 'closed'
  | 'wrongAnswer'
  | 'falseAnswer'
  | 'notVerified'
  | 'intercepted'
  | 'unsynchronised'
  | 'kissOfDeath'
  | 'redirect'
  | 'challengeMissing'
  | 'status511'
  | 'initialising'
  | 'unauthorized'
  | 'noJob'
  | 'malformed'
  | 'difficultyTooLow'
  | 'ntimeOutOfRange'
  | 'tooOld'
  | 'heightDisagrees'
  | 'notCrossChecked';

/** Reasons for `unknown`: nothing was learned about the world. */
export type UnknownReason = 'notPermitted' | 'notConfigured' | 'ownFault' | 'lagging' | 'aborted';

/** What one probe learned. `unknown` is never `down`: a host that may not ask has learned nothing. */
export type Finding =
  /** `offsetMs`, of `ntp`, and of `http` by its date: what this host's clock lacks; negative where it is ahead. */
  | Readonly<{ is: 'up'; tookMs: Millis; detail?: string; offsetMs?: number }>
  | Readonly<{ is: 'down'; why: DownReason; tookMs: Millis; detail?: string }>
  | Readonly<{ is: 'unknown'; why: UnknownReason; detail?: string }>;

/** A finding with the question it answers. */
export type Evidence = Readonly<{
  uplink: UplinkId;
  layer: Layer;
  /** What was asked, as an operator wrote it: `1.1.1.1:53`, `stratum+tcp://pool:3333`. Never with a password. */
  target: string;
  /** Inside or outside the country, where the configuration says it. */
  kind: 'domestic' | 'foreign' | null;
  finding: Finding;
}>;
