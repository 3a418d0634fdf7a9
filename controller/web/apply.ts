import type { LiveMessage, MinerView, SiteView } from '../../shared/view.ts';

/** The view after one message of the stream. A change before the first whole view says nothing: null stays null. */
export function applyMessage(view: SiteView | null, message: LiveMessage): SiteView | null {
  if (message.kind === 'whole') return message.view;
  if (view === null) return null;
  return { ...view, ...message.view, miners: mergeMiners(view.miners, message.miners) };
}

/** Miners keep their places, so that a cell never moves; those not seen before come last. */
function mergeMiners(before: readonly MinerView[], changed: readonly MinerView[]): readonly MinerView[] {
  if (changed.length === 0) return before;
  const byId = new Map(changed.map((miner) => [miner.miner, miner]));
  const merged = before.map((miner) => {
    const newer = byId.get(miner.miner);
    if (newer === undefined) return miner;
    byId.delete(miner.miner);
    return newer;
  });
  return [...merged, ...byId.values()];
}
