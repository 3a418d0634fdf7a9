import { RelightError } from '../../shared/errors.ts';

/**
 * INVARIANTS
 * - At most one commit runs at a time; callers are answered only after the commit that holds their item.
 * - Items are committed in the order of the calls.
 * - A commit that fails fails every caller in it, and nobody else.
 */
export type GroupOptions<Item, Result> = Readonly<{
  /** Commits all or nothing; answers in the order of the items. */
  commit(items: readonly Item[]): Promise<readonly Result[]>;
  /** Lets what has arrived meanwhile arrive: one turn of the event loop. */
  turn(): Promise<void>;
  /** How much an item counts against `groupMax` and `waitingMax`. */
  weight(item: Item): number;
  groupMax: number;
  waitingMax: number;
}>;

type Waiting<Item, Result> = Readonly<{
  item: Item;
  weight: number;
  done(result: Result): void;
  failed(error: unknown): void;
}>;

/**
 * One commit for all who come within one turn or while a commit runs. Waiting for the disk dominates a commit, so
 * the more agents report at once, the cheaper each report becomes.
 */
export function groupCommits<Item, Result>(options: GroupOptions<Item, Result>): (item: Item) => Promise<Result> {
  const { commit, turn, weight, groupMax, waitingMax } = options;
  const waiting: Waiting<Item, Result>[] = [];
  let waitingWeight = 0;
  let draining = false;

  const take = (): Waiting<Item, Result>[] => {
    let total = 0;
    let count = 0;
    for (const one of waiting) {
      if (count > 0 && total + one.weight > groupMax) break;
      total += one.weight;
      count += 1;
    }
    waitingWeight -= total;
    return waiting.splice(0, count);
  };

  const drain = async (): Promise<void> => {
    draining = true;
    await turn();
    while (waiting.length > 0) {
      await settle(take(), commit);
    }
    draining = false;
  };

  return (item) => {
    const itemWeight = weight(item);
    if (waitingWeight + itemWeight > waitingMax) {
      return Promise.reject(new RelightError('STORE', 'the store is not keeping up', { waitingMax }));
    }
    waitingWeight += itemWeight;
    return new Promise((done, failed) => {
      waiting.push({ item, weight: itemWeight, done, failed });
      if (!draining) void drain();
    });
  };
}

async function settle<Item, Result>(
  group: readonly Waiting<Item, Result>[],
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<void> {
  try {
    const results = await commit(group.map(({ item }) => item));
    for (const [index, one] of group.entries()) one.done(results[index] as Result);
  } catch (error) {
    for (const one of group) one.failed(error);
  }
}
