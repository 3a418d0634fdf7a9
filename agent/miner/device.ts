import type { PortName } from '../../config/site.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { Answer, Credential, Fault } from './link.ts';
import { newSession, type Session } from './session.ts';
import type { Identity } from './strangers.ts';
import type { Challenge } from './transport/digest.ts';
import type { Way } from './way.ts';

/** What the agent remembers of one device between requests. Nothing of it outlives the process. */
export type Device = {
  /** When our last connection to it was closed, real monotonic ms. */
  closedMs: number | null;
  /** When its last whole reading was over, real monotonic ms. */
  wholeMs: number | null;
  /** How its ports for HTTP are spoken to, by the port that its address names. */
  readonly ways: Map<number, Way>;
  /** Somebody else answers at its address: nothing but identification may be sent, until that has named it anew. */
  doubted: boolean;
  challenge: Challenge | null;
  /** How often the challenge's nonce has been used. */
  nonceCount: number;
  /** What it is asked with; null: nothing, or nothing yet. */
  credential: Credential | null;
  /** Since when who answers here does not say who it is, though it may be another than before; real monotonic ms. */
  unsureMs: number | null;
  /** It has refused our password: not tried again until the password, or the device, changes. */
  refused: string | null;
  readonly replies: Map<string, Readonly<{ answer: Answer; atMs: number }>>;
  readonly kept: { session: unknown };
  /** Of a family that has a `login`: over its pages, and over gRPC. */
  readonly sessions: Readonly<{ web: Session; grpc: Session }>;
  /** What it was identified as, where the site file does not say it. */
  family: string | null;
  /** Its identity as last read; a change means another device, or another firmware, at this address. */
  print: string | null;
  /** As last read; `atMs` in site time. */
  uptime: Readonly<{ s: number; atMs: number }> | null;
  /** Who answered last, whatever has been forgotten since. */
  identity: Identity | null;
  /** When it was last asked for by itself; real monotonic ms. */
  witnessedMs: number | null;
  /** The last change of that; real monotonic ms. */
  stranger: Readonly<{ was: Identity; now: Identity; both: boolean; atMs: number }> | null;
  lastRead: Readonly<{ unreadable: Unreadable | null; atMs: number }> | null;
};

export const newDevice = (): Device => ({
  closedMs: null,
  wholeMs: null,
  ways: new Map(),
  doubted: false,
  challenge: null,
  nonceCount: 0,
  credential: null,
  refused: null,
  replies: new Map(),
  kept: { session: null },
  sessions: { web: newSession(), grpc: newSession() },
  family: null,
  print: null,
  uptime: null,
  identity: null,
  witnessedMs: null,
  unsureMs: null,
  stranger: null,
  lastRead: null,
});

/**
 * Another device at the address, or another firmware on it: nothing that was learned holds. How its ports are spoken to
 * is checked by whoever speaks to them, so that stays.
 */
export function forget(device: Device): void {
  device.challenge = null;
  device.nonceCount = 0;
  device.refused = null;
  device.replies.clear();
  device.kept.session = null;
  for (const session of Object.values(device.sessions)) Object.assign(session, newSession());
  device.family = null;
  device.print = null;
  device.uptime = null;
}

/**
 * Another certificate than before, or none: whoever answers now is identified anew before anything else is sent, an
 * order or a password least of all.
 */
export function strange(device: Device): void {
  forget(device);
  device.ways.clear();
  device.lastRead = null;
  device.doubted = true;
}

/** Another password, or the same set again: whatever came of the one before no longer holds, a refusal least of all. */
export function useCredential(device: Device, credential: Credential | null): void {
  if (!isSame(device.credential, credential)) {
    device.refused = null;
    device.kept.session = null;
    for (const session of Object.values(device.sessions)) session.token = null;
    device.lastRead = null;
  }
  device.credential = credential;
}

const isSame = (one: Credential | null, other: Credential | null): boolean =>
  one?.user === other?.user && one?.password === other?.password && one?.since === other?.since;

/** A page or command that the firmware does not have is not asked for at every reading. */
const ABSENT_KEEP_MS = 10 * 60_000;

type Kept = Readonly<{ name: string; keepMs?: number; sign?: true; extra?: true; port?: PortName }>;

/** All pages of a port that most firmware has not are absent together. */
const portOf = ({ port = 'http' }: Kept): string => `all of port ${port}`;

export function keptAnswer(device: Device, query: Kept, nowMs: number): Answer | null {
  const kept = device.replies.get(query.name) ?? (query.extra ? device.replies.get(portOf(query)) : undefined);
  if (kept === undefined) return null;
  const keepMs = kept.answer.ok ? (query.keepMs ?? 0) : ABSENT_KEEP_MS;
  return nowMs - kept.atMs < keepMs ? kept.answer : null;
}

/** Nobody who speaks this API listens, or somebody who speaks another. */
const NOBODY: ReadonlySet<Fault> = new Set(['refused', 'silent', 'closed_early', 'garbage']);

export function keepAnswer(device: Device, query: Kept, kept: { answer: Answer; atMs: number }): void {
  const { answer } = kept;
  if (answer.ok) {
    if (query.keepMs !== undefined) device.replies.set(query.name, kept);
    return;
  }
  const absent = answer.why === 'absent' || query.extra === true || (query.sign === true && NOBODY.has(answer.why));
  if (!absent) return;
  const whole = query.extra === true && (answer.why === 'refused' || answer.why === 'silent');
  device.replies.set(whole ? portOf(query) : query.name, kept);
}
