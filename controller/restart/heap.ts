/** A binary heap: `before(a, b)` says that a comes out first. */
export type Heap<T> = Readonly<{
  push(item: T): void;
  pop(): T | undefined;
  peek(): T | undefined;
}>;

export function newHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];
  const at = (index: number): T => items[index] as T; // only ever called with an index inside the heap

  const swap = (a: number, b: number): void => {
    const kept = at(a);
    items[a] = at(b);
    items[b] = kept;
  };
  const siftUp = (from: number): void => {
    for (let low = from; low > 0; ) {
      const above = (low - 1) >> 1;
      if (!before(at(low), at(above))) return;
      swap(low, above);
      low = above;
    }
  };
  const siftDown = (): void => {
    for (let high = 0; ; ) {
      const left = 2 * high + 1;
      if (left >= items.length) return;
      const right = left + 1;
      const best = right < items.length && before(at(right), at(left)) ? right : left;
      if (!before(at(best), at(high))) return;
      swap(best, high);
      high = best;
    }
  };

  return {
    push(item) {
      items.push(item);
      siftUp(items.length - 1);
    },
    pop() {
      const top = items[0];
      const last = items.pop();
      if (items.length > 0) {
        items[0] = last as T;
        siftDown();
      }
      return top;
    },
    peek: () => items[0],
  };
}
