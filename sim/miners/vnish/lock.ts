import type { Random } from '../../../shared/random.ts';
import { newSessions } from '../sessions.ts';

/** Who has unlocked one device, by password or by key (protocol sheet, section 9). */
export type Lock = Readonly<{
  unlock(right: boolean, nowMs: number): Unlocked;
  /** By the header's token, with or without `Bearer`, or by a key. */
  opens(given: Readonly<{ authorization: string | undefined; key: string | undefined }>, nowMs: number): boolean;
  addKey(key: string): void;
  /** A start of the device voids tokens, and keeps keys. */
  forget(): void;
}>;

export type Unlocked =
  | Readonly<{ status: 200; token: string }>
  | Readonly<{ status: 403; timeoutS: number }>
  | Readonly<{ status: 429 }>;

// The sheet has the answers and not the numbers; these are such that a client that asks in a loop meets them.
export const TRIES_MAX = 3;
export const LOCKED_MS = 60_000;
export const TOKEN_LIFE_MS = 3_600_000;

export function newLock(random: Random): Lock {
  const sessions = newSessions({ random, lifeMs: TOKEN_LIFE_MS, idle: false });
  const keys = new Set<string>();
  let wrong = 0;
  let lockedUntilMs = 0;
  return {
    unlock(right, nowMs) {
      if (nowMs < lockedUntilMs) return { status: 429 };
      if (right) {
        wrong = 0;
        return { status: 200, token: sessions.open(nowMs) };
      }
      wrong += 1;
      if (wrong < TRIES_MAX) return { status: 403, timeoutS: 0 };
      wrong = 0;
      lockedUntilMs = nowMs + LOCKED_MS;
      return { status: 403, timeoutS: LOCKED_MS / 1_000 };
    },
    opens: ({ authorization, key }, nowMs) =>
      (key !== undefined && keys.has(key)) || sessions.alive(authorization?.replace(/^Bearer /, ''), nowMs),
    addKey: (key) => void keys.add(key),
    forget: () => sessions.clear(),
  };
}
