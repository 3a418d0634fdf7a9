import type { Site } from '../../config/site.ts';
import { createBook } from './admission.ts';
import type { Demand } from './demand.ts';
import { newHeap } from './heap.ts';

/**
 * When the last one is healthy if all are started in this order, in one wave and without a fault; null: never. Only for
 * a site on which all of them fit.
 */
export function trialMs(site: Site, demands: readonly Demand[]): number | null {
  const agedMs = site.restart.agedMs ?? demands.reduce((longest, { bootMs }) => Math.max(longest, bootMs), 0);
  const book = createBook(site, demands, { deliveryMs: 0, agedMs, held: new Map() });
  const boots = newHeap<Readonly<{ atMs: number; demand: Demand }>>((a, b) => a.atMs < b.atMs);
  for (const demand of demands) book.offer(demand);
  let [started, makespanMs] = [0, 0];
  for (let nowMs: number | null = 0; nowMs !== null && nowMs !== Infinity; nowMs = nextMs(boots.peek(), book)) {
    for (let boot = boots.peek(); boot !== undefined && boot.atMs <= nowMs; boot = boots.peek()) {
      boots.pop();
      book.hold(boot.demand, 'steady', nowMs);
    }
    for (const demand of book.admit(nowMs)) {
      started += 1;
      boots.push({ atMs: nowMs + demand.bootMs, demand });
      makespanMs = Math.max(makespanMs, nowMs + demand.tailMs);
    }
  }
  return started === demands.length ? makespanMs : null;
}

function nextMs(boot: Readonly<{ atMs: number }> | undefined, book: { nextTimerMs(): number | null }): number | null {
  const timerMs = book.nextTimerMs();
  if (boot === undefined) return timerMs;
  return timerMs === null ? boot.atMs : Math.min(boot.atMs, timerMs);
}
