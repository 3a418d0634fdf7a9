import type { MinerId } from '../../shared/ids.ts';
import { addStretch } from '../connectivity/cost.ts';
import type { Outage } from '../connectivity/outage.ts';
import { watchPower } from '../connectivity/power.ts';
import type { Restart } from '../restart/restart.ts';
import type { LiveSite } from '../site/live.ts';

/** How often the miners are looked at for the record, in site time: their agents read them no more often. */
export const COUNT_EVERY_MS = 10_000;
const ORDERED_BEFORE_MS = 10 * 60_000; // a reboot that was ordered shortly before the loss may show in it

export type RecordAt = Readonly<{ nowMs: number; toWall(monoMs: number): number }>;

/** Keeps what an outage costs, and what the miners show of the power, on its record. */
export type RecordKeeper = Readonly<{
  /** The same object while there is nothing to add. */
  look(outage: Outage, at: RecordAt): Outage;
}>;

type Options = Readonly<{ live: LiveSite; restart(): Restart | null }>;

export function createRecordKeeper({ live, restart }: Options): RecordKeeper {
  let counted: Readonly<{ outage: number; atMs: number; over: boolean }> | null = null;

  return {
    look(outage, { nowMs, toWall }) {
      const last = counted?.outage === outage.outage ? counted : null;
      const over = outage.endedMs !== null;
      const wallMs = outage.endedMs ?? toWall(nowMs);
      const ending = over && last?.over === false;
      if (last !== null && nowMs - last.atMs < COUNT_EVERY_MS && !ending) return outage;
      counted = { outage: outage.outage, atMs: nowMs, over };
      const { site } = live;
      const seen = live.seen();
      const ours = orderedSince(restart(), { fromMs: outage.startedMs - ORDERED_BEFORE_MS, toWall });
      const power = watchPower(outage.power, { site, seen, nowMs, toWall, outage, ours });
      if (outage.cost === null || (over && !ending)) return power === outage.power ? outage : { ...outage, power };
      // Another process counted up to here: its monotonic time is gone, and the wall clock tells how long ago it was.
      const elapsedMs = last === null ? wallMs - outage.cost.toMs : nowMs - last.atMs;
      return { ...outage, power, cost: addStretch(outage.cost, { site, seen, nowMs, elapsedMs, toMs: wallMs }) };
    },
  };
}

/** Miners that an order of ours may have restarted since then. */
function orderedSince(
  restart: Restart | null,
  { fromMs, toWall }: Readonly<{ fromMs: number; toWall(monoMs: number): number }>,
): ReadonlySet<MinerId> {
  const jobs = [...(restart?.jobs.values() ?? [])];
  const pushed = jobs.filter(({ pushes }) => {
    const grantedMs = pushes.at(-1)?.grantedMs;
    return grantedMs !== undefined && toWall(grantedMs) >= fromMs;
  });
  return new Set(pushed.map(({ miner }) => miner));
}
