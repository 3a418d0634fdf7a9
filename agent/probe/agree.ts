import type { Job } from './job.ts';

/** A pool's newest valid job, by target. */
export type Offers = ReadonlyMap<string, Job>;

/** What earlier rounds have shown of the chain. */
export type ChainMemory = Readonly<{
  last: Offers;
  /** Every prevhash seen, oldest first, bounded. */
  seen: readonly string[];
  /** Pools that went on to a block that nobody had shown before, since all last agreed. */
  moved: ReadonlySet<string>;
  /** The highest that was seen, and whose it is: it counts on when its pool has gone away. */
  highest: Readonly<{ target: string; height: number }> | null;
}>;

export const newChainMemory: ChainMemory = { last: new Map(), seen: [], moved: new Set(), highest: null };

const SEEN_MAX = 256; // more than a day of blocks

/**
 * Which pools' jobs count. Pools that are more than `lagBlocks` apart are on different chains, or one is stuck, and
 * nobody can say which: none counts until they agree, a majority breaks the tie, or one of them moves on to a block
 * not seen before, which cannot be replayed.
 */
export function crossCheck(
  memory: ChainMemory,
  offers: Offers,
  lagBlocks: number,
): Readonly<{ memory: ChainMemory; counted: ReadonlySet<string> }> {
  const moved = new Set([...memory.moved, ...movers(memory, offers)]);
  const voters = withGhost(memory, offers);
  const heights = [...voters.values()];
  const agreed = heights.length > 0 && Math.max(...heights) - Math.min(...heights) <= lagBlocks;
  const counted = agreed
    ? new Set(offers.keys())
    : new Set([...offers.keys()].filter((target) => moved.has(target) || inMajority(target, voters, lagBlocks)));
  const next = { last: new Map([...memory.last, ...offers]), seen: remember(memory.seen, offers) };
  const highest = counted.size > 0 ? highestOf(offers, counted) : higher(memory.highest, highestOf(offers));
  return { memory: { ...next, moved: agreed ? new Set() : moved, highest }, counted };
}

function movers({ last, seen }: ChainMemory, offers: Offers): readonly string[] {
  return [...offers].flatMap(([target, { prevHash }]) => {
    const before = last.get(target)?.prevHash;
    return before !== undefined && before !== prevHash && !seen.includes(prevHash) ? [target] : [];
  });
}

/** Heights by pool; a pool that has gone votes on with the highest block, so that one left behind cannot win alone. */
function withGhost({ highest }: ChainMemory, offers: Offers): ReadonlyMap<string, number> {
  const voters = new Map([...offers].map(([target, { height }]) => [target, height]));
  if (highest === null || voters.has(highest.target) || offers.size === 0) return voters;
  const now = Math.max(...voters.values());
  return highest.height > now ? voters.set(highest.target, highest.height) : voters;
}

function inMajority(target: string, voters: ReadonlyMap<string, number>, lagBlocks: number): boolean {
  const mine = voters.get(target) ?? 0;
  const beside = [...voters.values()].filter((height) => Math.abs(height - mine) <= lagBlocks);
  return beside.length * 2 > voters.size;
}

function remember(seen: readonly string[], offers: Offers): readonly string[] {
  const fresh = [...offers.values()].map(({ prevHash }) => prevHash).filter((hash) => !seen.includes(hash));
  return fresh.length === 0 ? seen : [...seen, ...new Set(fresh)].slice(-SEEN_MAX);
}

type Highest = ChainMemory['highest'];

function highestOf(offers: Offers, among: ReadonlySet<string> = new Set(offers.keys())): Highest {
  const ranked = [...offers].filter(([target]) => among.has(target)).sort(([, a], [, b]) => b.height - a.height);
  const [first] = ranked;
  return first === undefined ? null : { target: first[0], height: first[1].height };
}

function higher(a: Highest, b: Highest): Highest {
  if (a === null || b === null) return a ?? b;
  return b.height >= a.height ? b : a;
}
