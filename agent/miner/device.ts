import type { Unreadable } from '../../shared/sighting.ts';
import type { Answer } from './link.ts';
import type { Challenge } from './transport/digest.ts';

/** What the agent remembers of one device between requests. Nothing of it outlives the process. */
export type Device = {
  /** When our last connection to it was closed, real monotonic ms. */
  closedMs: number | null;
  challenge: Challenge | null;
  /** How often the challenge's nonce has been used. */
  nonceCount: number;
  /** It has refused our password: not tried again until the configuration, or the device, changes. */
  refused: string | null;
  readonly replies: Map<string, Readonly<{ answer: Answer; atMs: number }>>;
  readonly kept: { session: unknown };
  /** The session of a family that has a `login`. */
  session: string | null;
  /** What it was identified as, where the site file does not say it. */
  family: string | null;
  /** Its identity as last read; a change means another device, or another firmware, at this address. */
  print: string | null;
  uptimeS: number | null;
  lastRead: Readonly<{ unreadable: Unreadable | null; atMs: number }> | null;
};

export const newDevice = (): Device => ({
  closedMs: null,
  challenge: null,
  nonceCount: 0,
  refused: null,
  replies: new Map(),
  kept: { session: null },
  session: null,
  family: null,
  print: null,
  uptimeS: null,
  lastRead: null,
});

/** Another device at the address, or another firmware on it: nothing that was learned holds. */
export function forget(device: Device): void {
  device.challenge = null;
  device.nonceCount = 0;
  device.refused = null;
  device.replies.clear();
  device.kept.session = null;
  device.session = null;
  device.family = null;
  device.print = null;
  device.uptimeS = null;
}

/** A page or command that the firmware does not have is not asked for at every reading. */
const ABSENT_KEEP_MS = 10 * 60_000;

export function keptAnswer(device: Device, query: { name: string; keepMs?: number }, nowMs: number): Answer | null {
  const kept = device.replies.get(query.name);
  if (kept === undefined) return null;
  const keepMs = kept.answer.ok ? (query.keepMs ?? 0) : ABSENT_KEEP_MS;
  return nowMs - kept.atMs < keepMs ? kept.answer : null;
}

export function keepAnswer(
  device: Device,
  query: { name: string; keepMs?: number },
  kept: { answer: Answer; atMs: number },
): void {
  const worth = kept.answer.ok ? query.keepMs !== undefined : kept.answer.why === 'absent';
  if (worth) device.replies.set(query.name, kept);
}
