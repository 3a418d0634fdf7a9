import { pick, type Random } from '../../../shared/random.ts';
import { type Keys, signOf } from './cipher.ts';

/** Limits of the V2 API (protocol sheet, 4.1). */
export const TOKEN_LIFE_MS = 30 * 60_000;
export const TOKENS_PER_CLIENT = 32;
export const CLIENTS_MAX = 16;

const SALT_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

type Token = Readonly<{ client: string; issuedMs: number; time: string; newsalt: string }>;
export type Granted = Readonly<{ ok: true; time: string; newsalt: string }>;
export type Refused = Readonly<{ ok: false; code: number; msg: string }>;

export type Tokens = Readonly<{
  grant(client: string, now: Readonly<{ monoMs: number; wallS: number }>): Granted | Refused;
  /** Whether `sign` is that of a token that was granted to this client and is still alive. */
  accepts(client: string, sign: string, monoMs: number): boolean;
}>;

/** The tokens of one device. `keys` is called when first needed: hashing a password takes milliseconds. */
export function newTokens(keys: () => Keys, random: Random): Tokens {
  let alive: readonly Token[] = [];
  const signs = new Map<Token, string>();
  const sign = (token: Token): string => {
    const known = signs.get(token) ?? signOf(keys(), token.time, token.newsalt);
    signs.set(token, known);
    return known;
  };
  const dropOld = (monoMs: number): void => {
    alive = alive.filter(({ issuedMs }) => monoMs - issuedMs < TOKEN_LIFE_MS);
    for (const token of signs.keys()) if (!alive.includes(token)) signs.delete(token);
  };
  return {
    grant(client, { monoMs, wallS }) {
      dropOld(monoMs);
      const clients = new Set(alive.map((token) => token.client));
      if (!clients.has(client) && clients.size >= CLIENTS_MAX) return { ok: false, code: 136, msg: 'over max connect' };
      if (alive.filter((token) => token.client === client).length >= TOKENS_PER_CLIENT) {
        return { ok: false, code: 136, msg: 'token over max times' };
      }
      const time = String(wallS % 10_000).padStart(4, '0');
      const newsalt = saltOf(random);
      alive = [...alive, { client, issuedMs: monoMs, time, newsalt }];
      return { ok: true, time, newsalt };
    },
    accepts(client, given, monoMs) {
      dropOld(monoMs);
      return alive.some((token) => token.client === client && sign(token) === given);
    },
  };
}

export const saltOf = (random: Random): string =>
  Array.from({ length: 8 }, () => pick(random, [...SALT_CHARS])).join('');
