import { closest, distance } from 'fastest-levenshtein';
import { parse } from 'yaml';
import { RelightError } from '../../shared/errors.ts';
import type { Credential } from './link.ts';
import type { Target } from './reading.ts';

/** Passwords of miners. They never leave the agent, and never get into a log. */
export type Credentials = Readonly<{
  /** The miner's own first, then its family's; null: none is configured, and none is guessed. */
  of(target: Target, family: string): Credential | null;
}>;

export const noCredentials: Credentials = { of: () => null };

type Table = Readonly<Record<string, unknown>>;

/**
 * `families: { antminer-stock: { user, password } }`, `miners: { "10.1.1.1": { user, password } }`; a miner is named by
 * its id or its address. Throws RelightError naming the key.
 */
export function parseCredentials(text: string, file: string): Credentials {
  const root = table(parsed(text, file), file, '');
  known(root, ['families', 'miners'], { file });
  const families = entries(root.families ?? {}, file, 'families');
  const miners = entries(root.miners ?? {}, file, 'miners');
  return {
    of(target, family) {
      const own = namesOf(target).map((name) => miners.get(name));
      return own.find((one) => one !== undefined) ?? families.get(family) ?? null;
    },
  };
}

/** What a miner may be called where its password stands: its id, its address with the port of its RPC, its address. */
export const namesOf = ({ miner, address, ports }: Target): readonly string[] => [
  miner,
  ...(ports.rpc === undefined ? [] : [`${address}:${ports.rpc}`]),
  address,
];

function parsed(text: string, file: string): unknown {
  try {
    return parse(text) ?? {};
  } catch (error) {
    // The parser quotes the line, and the line may be the password's: only the place is told.
    const where = error instanceof Error ? (/at line \d+, column \d+/.exec(error.message)?.[0] ?? '') : '';
    throw new RelightError('CONFIG_SYNTAX', `${file} is not YAML ${where}`.trim(), { file });
  }
}

function entries(value: unknown, file: string, key: string): ReadonlyMap<string, Credential> {
  return new Map(
    Object.entries(table(value, file, key)).map(([name, one]) => [name, entry(one, file, `${key}.${name}`)]),
  );
}

function entry(value: unknown, file: string, key: string): Credential {
  const one = table(value, file, key);
  known(one, ['user', 'password'], { file, under: key });
  return { user: word(one.user, file, `${key}.user`), password: word(one.password, file, `${key}.password`) };
}

function word(value: unknown, file: string, key: string): string {
  if (typeof value === 'string') return value;
  const problem = value === undefined ? 'is missing' : 'must be a text in quotes';
  throw new RelightError(value === undefined ? 'CONFIG_MISSING' : 'CONFIG_VALUE', `${file}: ${key} ${problem}`, {
    key,
  });
}

function table(value: unknown, file: string, key: string): Table {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table;
  throw new RelightError('CONFIG_VALUE', `${file}: ${key === '' ? 'the file' : key} must be a mapping`, { key });
}

function known(of: Table, keys: readonly string[], at: { file: string; under?: string }): void {
  const { file, under = '' } = at;
  const odd = Object.keys(of).find((key) => !keys.includes(key));
  if (odd === undefined) return;
  const near = closest(odd, keys);
  const hint = distance(odd, near) <= 3 ? `; did you mean ${near}?` : '';
  const path = under === '' ? odd : `${under}.${odd}`;
  throw new RelightError('CONFIG_UNKNOWN_KEY', `${file}: ${path} is not a key of this file${hint}`, { key: path });
}
