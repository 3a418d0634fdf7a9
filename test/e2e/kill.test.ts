import { expect, test } from '@jest/globals';
import { type Running, runDemo } from '../../cli/demo/run.ts';
import type { Scene } from '../../cli/demo/script.ts';
import { pick, type Random, seededRandom, uniform } from '../../shared/random.ts';

const GIVE_UP_MS = 400_000; // ends the run, so that a failure is told and nothing is left running
const RUN_MS = 410_000;
const KILLS_A_RUN = 6;
// Real time between two kills: long enough for the dead to be started again, short enough to fall into every phase.
const BETWEEN_MS = [3_000, 8_000] as const;

/** Kills the controller or an agent with SIGKILL at random instants after the cut, as often as asked. */
function killer(random: Random, kills: number) {
  const killed: string[] = [];
  let running: Running | null = null;
  let timer: NodeJS.Timeout | null = null;
  const next = (): void => {
    if (killed.length >= kills) return;
    timer = setTimeout(
      () => {
        const alive = (running?.processes ?? []).filter((one) => one.pid() !== null);
        const victim = alive.length === 0 ? undefined : pick(random, alive);
        const pid = victim?.pid();
        if (victim && pid) {
          process.kill(pid, 'SIGKILL');
          killed.push(victim.name);
        }
        next();
      },
      uniform(random, ...BETWEEN_MS),
    );
  };
  return {
    killed,
    onRunning(all: Running): void {
      running = all;
    },
    // What is killed before the story has begun has nothing to lose yet.
    progress: {
      scene({ scene }: Scene): void {
        if (scene === 'cut') next();
      },
      note() {},
      update() {},
      stop() {},
    },
    stop: () => timer && clearTimeout(timer),
  };
}

// Each takes over a minute; RELIGHT_KILL_SEEDS=13,14 runs others.
const seeds = (process.env.RELIGHT_KILL_SEEDS ?? '11,12').split(',').map(Number);

test.each(seeds)(
  'seed %i: killed at random instants, the restart finishes and every promise holds',
  async (seed) => {
    const reaper = killer(seededRandom(seed), KILLS_A_RUN);
    const demo = await runDemo({
      story: 'outage',
      miners: 240,
      seed,
      fast: true,
      progress: reaper.progress,
      signal: AbortSignal.timeout(GIVE_UP_MS),
      onRunning: reaper.onRunning,
    }).finally(reaper.stop);
    await demo.stop();
    const broken = demo.summary.promises.filter(({ held }) => !held);
    const { state, haltReason } = demo.summary.restart ?? {};
    const told = { seed, killed: reaper.killed };
    const well = { state: 'COMPLETED_WITH_FAILURES', haltReason: null, broken: [] };
    expect({ ...told, state, haltReason, broken }).toEqual({ ...told, ...well });
    expect(reaper.killed).toHaveLength(KILLS_A_RUN);
    expect(demo.summary).toMatchObject({ trips: 0, doubleRestarts: 0, restartsWhileDown: 0, capViolations: 0 });
  },
  RUN_MS,
);
