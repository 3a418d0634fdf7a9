import type { Random } from '../../shared/random.ts';

/** Logins of one device that prove themselves by a token. */
export type Sessions = Readonly<{
  open(nowMs: number): string;
  /** Whether this token was given and is still good; with `idle`, asking makes it good for another life. */
  alive(token: string | undefined, nowMs: number): boolean;
  /** All of them end, as when the device starts anew. */
  clear(): void;
}>;

export type SessionOptions = Readonly<{
  random: Random;
  lifeMs: number;
  /** A life counts from the last use, not from the login. */
  idle: boolean;
  /** Older ones end where there would be more. */
  max?: number;
}>;

const TOKEN_DIGITS = 32;

export function newSessions({ random, lifeMs, idle, max = Number.POSITIVE_INFINITY }: SessionOptions): Sessions {
  const since = new Map<string, number>();
  return {
    open(nowMs) {
      const token = hexOf(random, TOKEN_DIGITS);
      since.set(token, nowMs);
      for (const old of since.keys()) if (since.size > max) since.delete(old);
      return token;
    },
    alive(token, nowMs) {
      const fromMs = token === undefined ? undefined : since.get(token);
      if (token === undefined || fromMs === undefined) return false;
      if (nowMs - fromMs >= lifeMs) {
        since.delete(token);
        return false;
      }
      if (idle) since.set(token, nowMs);
      return true;
    },
    clear: () => since.clear(),
  };
}

export const hexOf = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
