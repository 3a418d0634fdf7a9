/** What falls due when: a binary heap, ordered by time and then by the order of entry. */
export type Agenda<Item> = Readonly<{
  add(atMs: number, item: Item): void;
  /** Time of the first entry; Infinity when there is none. */
  nextMs(): number;
  take(): Item | undefined;
}>;

type Entry<Item> = Readonly<{ atMs: number; order: number; item: Item }>;

export function newAgenda<Item>(): Agenda<Item> {
  const heap: Entry<Item>[] = [];
  let order = 0;
  return {
    add(atMs, item) {
      heap.push({ atMs, order: order++, item });
      rise(heap, heap.length - 1);
    },
    nextMs: () => heap[0]?.atMs ?? Number.POSITIVE_INFINITY,
    take() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first?.item;
      heap[0] = last;
      sink(heap, 0);
      return first.item;
    },
  };
}

const before = <Item>(a: Entry<Item>, b: Entry<Item>): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function rise<Item>(heap: Entry<Item>[], from: number): void {
  const above = (from - 1) >> 1;
  if (from > 0 && swapIf(heap, from, above)) rise(heap, above);
}

function sink<Item>(heap: Entry<Item>[], from: number): void {
  const [left, right] = [heap[2 * from + 1], heap[2 * from + 2]];
  if (left === undefined) return;
  const least = right !== undefined && before(right, left) ? 2 * from + 2 : 2 * from + 1;
  if (swapIf(heap, least, from)) sink(heap, least);
}

/** Swaps the two where `lower` belongs above `upper`. */
function swapIf<Item>(heap: Entry<Item>[], lower: number, upper: number): boolean {
  const [low, up] = [heap[lower], heap[upper]];
  if (low === undefined || up === undefined || !before(low, up)) return false;
  heap[lower] = up;
  heap[upper] = low;
  return true;
}
