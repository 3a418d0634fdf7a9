import type { Random } from '../../../shared/random.ts';
import { hexOf } from '../sessions.ts';

/** The one session that a device has at a time: a lock, not a password (protocol sheet, section 8). */
export type Session = Readonly<{
  /** null: another one is active. */
  open(nowMs: number): string | null;
  /** The one that is active, without prolonging it. */
  active(nowMs: number): string | null;
  /** Whether this is the active one; asking prolongs it. */
  holds(sid: string, nowMs: number): boolean;
  close(): void;
}>;

export const IDLE_MS = 60_000;
const SID_DIGITS = 8;

export function newSession(random: Random): Session {
  let now: { sid: string; usedMs: number } | null = null;
  const active = (nowMs: number): typeof now => {
    if (now !== null && nowMs - now.usedMs >= IDLE_MS) now = null;
    return now;
  };
  return {
    open(nowMs) {
      if (active(nowMs) !== null) return null;
      now = { sid: hexOf(random, SID_DIGITS), usedMs: nowMs };
      return now.sid;
    },
    active: (nowMs) => active(nowMs)?.sid ?? null,
    holds(sid, nowMs) {
      const held = active(nowMs);
      if (held === null || held.sid !== sid) return false;
      now = { sid, usedMs: nowMs };
      return true;
    },
    close() {
      now = null;
    },
  };
}
