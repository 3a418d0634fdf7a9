import type { DriverDefinition, Query, Source } from '../../../../agent/miner/driver.ts';
import type { Json } from '../../../../agent/miner/json.ts';
import { integer, pick, type Random } from '../../../../shared/random.ts';

/** A place in a reply that a reader looked at, and found nothing. */
type Wanted = Readonly<{ holder: Record<string, unknown>; key: string }>;
type JsonRoot = { [key: string]: Json };
type Reader = (reply: Json) => unknown;

const STEPS = 40;

/**
 * A reply that nobody has published, grown from nothing: whatever the readers of a query look for in vain is given to
 * them, again and again. For pages without a capture, whose readers nothing else would reach.
 */
export function grown(driver: DriverDefinition, query: Query, random: Random): string {
  const readers = readersOf(driver, query);
  // Without it, API V3 has said no.
  const root: JsonRoot = query.via === 'v3' ? { code: 0 } : {};
  for (let left = integer(random, 1, STEPS); left > 0; left--) {
    const wanted = wantedBy(readers, query, root);
    if (wanted.length === 0) break;
    const { holder, key } = pick(random, wanted);
    holder[key] = pick(random, PLAUSIBLE)(random);
  }
  return JSON.stringify(random() < 0.1 ? [root] : root);
}

function readersOf({ fields }: DriverDefinition, query: Query): readonly Reader[] {
  const sources = Object.values(fields).flatMap((field) => field as Source<unknown> | readonly Source<unknown>[]);
  return sources.filter(({ ask }) => [ask].flat().includes(query)).map(({ read }) => read);
}

function wantedBy(readers: readonly Reader[], { shape, ours }: Query, root: JsonRoot): readonly Wanted[] {
  const wanted: Wanted[] = [];
  const reply = watched(root, { wanted, giver: root });
  attempt(() => ours?.(reply));
  const shaped = watched(attempt(() => shape?.(reply)) ?? reply, { wanted, giver: root });
  for (const read of readers) attempt(() => read(shaped));
  return wanted.filter(({ holder, key }) => (Array.isArray(holder) ? /^\d$/.test(key) : !(key in {})));
}

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

type Watch = Readonly<{ wanted: Wanted[]; giver: object }>;

/** The same value, noting what is looked for in it and is not there, and who would have to give it. */
function watched<T>(value: T, { wanted, giver }: Watch): T {
  if (!isObject(value)) return value;
  const holder = value as Record<string, unknown>;
  const look = (key: string | symbol): void => {
    if (typeof key === 'string' && !(key in holder)) wanted.push({ holder: giver as Record<string, unknown>, key });
  };
  return new Proxy(value, {
    get: (_, key) => {
      look(key);
      const inner: unknown = Reflect.get(holder, key);
      return isObject(inner) ? watched(inner, { wanted, giver: inner }) : inner;
    },
    getOwnPropertyDescriptor: (_, key) => {
      look(key);
      return Reflect.getOwnPropertyDescriptor(holder, key);
    },
  });
}

const of = (value: unknown) => (): unknown => structuredClone(value);

/** Mostly what holds more: a leaf ends the search. */
const PLAUSIBLE: readonly ((random: Random) => unknown)[] = [
  of({}),
  of({}),
  of([{}]),
  of([{}]),
  of([{}, {}, {}]),
  of([40, 50.5, 60]),
  (random) => integer(random, 0, 10),
  (random) => integer(random, 20, 45),
  (random) => integer(random, 0, 4_000),
  (random) => random() * 1e6,
  (random) => `${integer(random, 0, 200)}.5`,
  of(true),
  of(false),
  of('Alive'),
  of('mining'),
  of('1'),
  of('e'),
  of('temp'),
  of('inlet'),
  of('outlet'),
  of('985.31G'),
  of('3250 W'),
  of('2940 rpm / 2940 rpm'),
  of('02:03:04:05'),
  of('0a:1b:2c:3d:4e:5f'),
  of('stratum+tcp://pool.example:3333'),
  of('Antminer S19 (vendor)'),
];
