import { minerId } from '../../shared/ids.ts';
import type { OutageView, SiteView } from '../../shared/view.ts';
import type { MeterReport } from '../../sim/index.ts';
import type { ScriptResult } from './script.ts';
import type { Story } from './story.ts';

export type Promise5 = Readonly<{ promise: string; held: boolean; why: string }>;

/** The demo's document: what the plant's own meter saw, beside what the controller says. Times are site time. */
export type DemoSummary = Readonly<{
  seed: number;
  story: string;
  trips: number;
  doubleRestarts: number;
  restartsWhileDown: number;
  capViolations: number;
  miners: Readonly<{
    total: number;
    hashing: number;
    recoveredAlone: number;
    pushed: number;
    ticketed: number;
    quarantined: number;
  }>;
  /** `windows`: how often work was served in it, too short to be restored. */
  outage: Readonly<{ startedMs: number; endedMs: number | null; lastedMs: number | null; windows: number }>;
  makespanMs: number | null;
  lowerBoundMs: number;
  bindingConstraint: Readonly<{ feed: string; kind: string }> | null;
  feeds: readonly Readonly<{ feed: string; capW: number; peakW: number }>[];
  restart: Readonly<{ state: string; haltReason: string | null }> | null;
  /** `dealt`: what the story had given the miner, which the controller does not know. */
  tickets: readonly Readonly<{ miner: string; reason: string; dealt: string }>[];
  promises: readonly Promise5[];
}>;

export type Facts = Readonly<{ story: Story; script: ScriptResult; meter: MeterReport; view: SiteView }>;

export function summarise(facts: Facts): DemoSummary {
  const { story, meter, view, script } = facts;
  const restart = view.restart;
  const outage = view.outages.find(({ startedMs }) => startedMs >= script.cutMs) ?? view.outages[0] ?? null;
  const miners = countMiners(facts);
  const lastedMs = outage?.endedMs == null ? null : outage.endedMs - outage.startedMs;
  return {
    seed: story.seed,
    story: story.name,
    trips: meter.trips.length,
    doubleRestarts: meter.doubleRestarts,
    restartsWhileDown: meter.restartsWhileDown,
    capViolations: meter.capViolations.length,
    miners,
    outage: {
      startedMs: outage?.startedMs ?? script.cutMs,
      endedMs: outage?.endedMs ?? null,
      lastedMs,
      windows: outage === null ? 0 : windowsIn(outage),
    },
    makespanMs: makespanMs(view),
    lowerBoundMs: restart?.lowerBoundMs ?? 0,
    bindingConstraint: restart?.bindingConstraint ?? null,
    feeds: meter.feeds.map(({ feed, capW, peakW }) => ({ feed, capW, peakW })),
    restart: restart === null ? null : { state: restart.state, haltReason: restart.haltReason },
    tickets: (restart?.tickets ?? []).map(({ miner, reason }) => ({ miner, reason, dealt: dealtTo(story, miner) })),
    promises: judgePromises(facts, miners),
  };
}

// One uplink serves work, or a quorum does and its hold runs; anything less is no return.
const SERVING: ReadonlySet<string | null> = new Set(['ONE_UPLINK', 'HOLDING']);

/**
 * The record has an entry for every change of what answered; names alone are no return, two entries without a gap are
 * one. The first may be the loss itself, which two uplinks notice one after the other; the last, which the outage ended
 * with, is the return for good.
 */
export function windowsIn({ windows, startedMs, endedMs }: OutageView): number {
  const serving = windows.filter(({ label }) => SERVING.has(label));
  const starts = serving.filter(({ fromMs }, i) => serving[i - 1]?.toMs !== fromMs && fromMs !== startedMs).length;
  const last = serving.at(-1);
  return endedMs !== null && last?.toMs === endedMs ? Math.max(0, starts - 1) : starts;
}

const dealtTo = (story: Story, miner: string): string => story.faults.get(minerId(miner)) ?? 'none';

function countMiners({ story, view }: Facts): DemoSummary['miners'] {
  const restart = view.restart;
  const ticketed = restart?.tickets.length ?? 0;
  const quarantined = restart?.quarantined.length ?? 0;
  return {
    total: story.miners.length,
    hashing: view.miners.filter(({ look }) => look === 'hashing').length,
    recoveredAlone: restart?.recoveredAlone ?? 0,
    pushed: restart?.pushed ?? 0,
    ticketed,
    quarantined,
  };
}

/** From the first wave's opening to the end of the restart; null when it did not end. */
function makespanMs({ restart }: SiteView): number | null {
  if (restart?.startedAtMs == null || restart.endedAtMs === null) return null;
  return restart.endedAtMs - restart.startedAtMs;
}

const HASHING_PCT = 90;

function judgePromises({ meter, script, story, view }: Facts, miners: DemoSummary['miners']): Promise5[] {
  const over = meter.feeds.filter(({ capW, peakW }) => peakW > capW).map(({ feed }) => feed);
  const accounted = miners.hashing + miners.ticketed + miners.quarantined;
  return [
    {
      promise: 'restored means a pool serves work',
      held: meter.restartsWhileDown === 0 && script.surprises.length === 0,
      why: script.surprises.join('; ') || `${meter.restartsWhileDown} restarts while down`,
    },
    {
      promise: 'no limit is ever exceeded',
      held: meter.trips.length === 0 && meter.capViolations.length === 0 && meter.limitBreaches.length === 0,
      why:
        over.length > 0
          ? `above its cap: ${over.join(', ')}`
          : `${meter.limitBreaches.length} starts beyond a boot limit`,
    },
    {
      promise: 'nothing is restarted twice, and nothing is lost',
      held: meter.doubleRestarts === 0,
      why: `${meter.doubleRestarts} pushed again without need`,
    },
    {
      promise: 'success is observed, never claimed',
      held: story.name !== 'outage' || (miners.hashing === meter.hashing && accounted === miners.total),
      why: `the controller counts ${miners.hashing} hashing, the meter ${meter.hashing}; ${accounted} of ${miners.total} accounted for`,
    },
    outcome(view, story, miners),
  ];
}

function outcome(view: SiteView, story: Story, miners: DemoSummary['miners']): Promise5 {
  if (story.name === 'bad-feed') {
    const held = view.restart?.state === 'HALTED' && (view.restart.haltReason ?? '') !== '';
    return { promise: 'a bad feed halts the restart', held, why: view.restart?.haltReason ?? 'it did not halt' };
  }
  const held = miners.hashing * 100 >= HASHING_PCT * miners.total;
  return {
    promise: 'the least push that works',
    held,
    why: `${miners.hashing} of ${miners.total} hash: ${miners.recoveredAlone} alone, ${miners.pushed} pushed`,
  };
}
