import type { Clock } from '../../shared/clock.ts';
import type { SiteView } from '../../shared/view.ts';

/** What the script can do to the world, and see of it. */
export type Stage = Readonly<{
  clock: Clock;
  /** Everything up, everything down, or only names resolving. */
  internet(state: 'up' | 'down' | 'dns-only'): Promise<void>;
  /** The controller's newest view; null while it does not answer. */
  view(): SiteView | null;
  pushes(): number;
  say(scene: Scene): void;
  /** Resolves true when the condition holds, false when `withinMs` of site time have passed. Rejects when aborted. */
  until(holds: () => boolean, withinMs: number): Promise<boolean>;
}>;

export type Scene = Readonly<{ scene: string; text: string }>;

export type ScriptResult = Readonly<{
  cutMs: number;
  backMs: number;
  /** What went otherwise than it must, in plain words; empty when the story was told to its end. */
  surprises: readonly string[];
}>;

const READY_WITHIN_MS = 1_200_000; // processes start in real time, however fast the clock, and some are killed and start again
const NOTICED_WITHIN_MS = 1_200_000; // also by a controller that was just killed, and agents that find it again within a minute
const RESTORED_WITHIN_MS = 1_200_000; // likewise: a hold begins again with whoever kept it
const ENDED_WITHIN_MS = 1_800_000; // also with processes killed under it
const OUTAGE_MS = 5_000;
const DNS_ONLY_MS = 10_000;
const FLAP_MS = 7_000;
const AFTER_FLAP_MS = 5_000;

/** An outage as in January 2022, told in minutes: gone, names first, a flap, and then for good. */
export async function playOutage(stage: Stage): Promise<ScriptResult> {
  const surprises: string[] = [];
  const expectTrue = (held: boolean, surprise: string): void => {
    if (!held) surprises.push(surprise);
  };
  stage.say({ scene: 'normal', text: 'the farm hashes; the agents report' });
  expectTrue(await stage.until(() => farmHashes(stage.view()), READY_WITHIN_MS), 'the farm was not seen hashing');

  const cutMs = stage.clock.wallMs();
  await stage.internet('down');
  stage.say({ scene: 'cut', text: 'the internet is cut: nothing beyond the gateway answers' });
  expectTrue(await stage.until(() => state(stage) === 'DOWN', NOTICED_WITHIN_MS), 'the loss was not noticed');
  await pass(stage, OUTAGE_MS);

  await stage.internet('dns-only');
  stage.say({ scene: 'dns', text: 'names resolve again, and nothing else: no reason to restart' });
  await pass(stage, DNS_ONLY_MS);

  await stage.internet('up');
  stage.say({ scene: 'flap', text: 'everything is back for a moment: shorter than the hold, no reason to restart' });
  await pass(stage, FLAP_MS);
  await stage.internet('down');
  stage.say({ scene: 'gone', text: 'gone again' });
  await stage.until(() => state(stage) === 'DOWN', NOTICED_WITHIN_MS);
  await pass(stage, AFTER_FLAP_MS);
  expectTrue(stage.pushes() === 0, `${stage.pushes()} miners were pushed before the internet was back`);

  const backMs = stage.clock.wallMs();
  await stage.internet('up');
  stage.say({ scene: 'back', text: 'back for good: the hold runs, then the restart begins' });
  expectTrue(await stage.until(() => state(stage) === 'RESTORED', RESTORED_WITHIN_MS), 'RESTORED was never reached');
  stage.say({ scene: 'restart', text: 'restored and held: the farm comes back in stages' });
  expectTrue(await stage.until(() => ended(stage.view()), ENDED_WITHIN_MS), 'the restart did not end');
  return { cutMs, backMs, surprises };
}

const state = (stage: Stage): string | null => stage.view()?.connectivity.state ?? null;

const pass = (stage: Stage, forMs: number): Promise<boolean> => stage.until(() => false, forMs);

// Of all miners, as faults that have nothing to do with the outage may be there from the start.
const HASHING_PCT = 85;

function farmHashes(view: SiteView | null): boolean {
  if (view === null || view.connectivity.state !== 'RESTORED') return false;
  const hashing = view.miners.filter(({ look }) => look === 'hashing').length;
  return hashing * 100 >= HASHING_PCT * view.miners.length;
}

const ENDED = new Set(['COMPLETED', 'COMPLETED_WITH_FAILURES', 'ABORTED', 'EXPIRED', 'HALTED']);

const ended = (view: SiteView | null): boolean => view?.restart !== null && ENDED.has(view?.restart.state ?? '');
