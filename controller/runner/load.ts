import type { Log } from '../../shared/log.ts';
import type { Header } from '../restart/codec.ts';
import { ENDED, type Restart } from '../restart/restart.ts';
import type { LiveSite } from '../site/live.ts';
import type { Store, StoredOutage, StoredRestart, TimelineRow } from '../store/store.ts';
import { SHOWN_OUTAGES, SHOWN_TIMELINE } from './outages.ts';
import { loadRestart } from './work.ts';

/** What an earlier process left. */
export type Loaded = Readonly<{
  epoch: number;
  restart: Readonly<{ restart: Restart; version: number }> | null;
  /** The newest instant of monotonic site time that was saved. */
  lastMs: number;
  outages: readonly StoredOutage[];
  timeline: readonly TimelineRow[];
  /** What the operator must know about it. */
  notes: readonly string[];
}>;

export type LoadOptions = Readonly<{ store: Store; live: LiveSite; holder: string; log: Log }>;

/** Takes the site over: from here on, what an older process still writes is refused. */
export async function loadSiteState({ store, live, holder, log }: LoadOptions): Promise<Loaded> {
  const { site } = live.site;
  const epoch = await store.takeSite(site, holder);
  const stored = await store.newestRestart(site);
  const found = stored === null ? null : loadRestart(stored, live);
  const notes: string[] = [];
  if (stored !== null && found === null && !stored.ended) {
    await endForeign(store, stored, { site, epoch });
    notes.push(`restart ${stored.restart} was ended: it had been planned for another site file`);
    log.warn({ restart: stored.restart }, 'the site file has changed: the open restart is ended');
  }
  return {
    epoch,
    restart: stored === null || found === null ? null : { restart: found, version: stored.version },
    lastMs: (stored?.header as Header | undefined)?.nowMs ?? 0,
    outages: await store.outages(site, SHOWN_OUTAGES),
    timeline: await store.timeline(site, SHOWN_TIMELINE),
    notes,
  };
}

/**
 * Its miners, feeds and limits may not exist any more, so it cannot be decided on. Orders of it that may still be
 * under way have expired long before a new restart has held and observed.
 */
async function endForeign(
  store: Store,
  stored: StoredRestart,
  { site, epoch }: Readonly<{ site: string; epoch: number }>,
): Promise<void> {
  const header = stored.header as Header;
  await store.saveDecision({
    site,
    epoch,
    restart: stored.restart,
    expectedVersion: stored.version,
    state: 'ABORTED',
    ended: true,
    header: { ...header, state: 'ABORTED', endedMs: header.nowMs },
    jobs: [],
    effects: [],
    log: [
      {
        atMs: header.nowMs,
        kind: 'state',
        body: { from: stored.state, to: 'ABORTED', why: 'the site file has changed' },
      },
    ],
    appliedRecords: [],
  });
  const pending = await store.pendingEffects(site);
  await store.markPerformed(pending.filter(({ restart }) => restart === stored.restart).map(({ id }) => id));
}

export const isOpen = (loaded: Loaded): boolean => loaded.restart !== null && !ENDED.has(loaded.restart.restart.state);
