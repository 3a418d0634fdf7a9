import type { Reachability, Uplink } from '../../config/site.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { millis } from '../../shared/units.ts';
import { roundPeriod, watchesLeft } from './pacing.ts';
import type { Round, RoundKind } from './probe.ts';
import { type AskUplink, createAskUplink } from './uplink.io.ts';

/*
 * INVARIANTS
 * 1. Rounds of one kind on one uplink never overlap: each is a loop that waits for its own round.
 * 2. Full and watch rounds run side by side, so that a full round that waits for its deadlines delays no watch.
 * 3. After stop() has resolved, no round is delivered and no socket is open.
 */
export type Rounds = Readonly<{
  start(): void;
  stop(): Promise<void>;
  /** One full round on every uplink, delivered nowhere else. */
  once(): Promise<readonly Round[]>;
}>;

export type RoundsOptions = Readonly<{
  reachability: Reachability;
  agent: AgentId;
  /** Site time. */
  clock: Clock;
  random: Random;
  onRound(round: Round): void;
}>;

/** Probes this agent's uplinks, and keeps one connection to each pool between rounds. Nothing starts before start(). */
export function createRounds({ reachability, agent, clock, random, onRound }: RoundsOptions): Rounds {
  const stopping = new AbortController();
  const mine = reachability.uplinks.filter((uplink) => uplink.agent === null || uplink.agent === agent);
  const asks = mine.map((uplink: Uplink) => createAskUplink({ reachability, uplink, clock, random }));
  const running: Promise<void>[] = [];

  const pace = async (kind: RoundKind, run: () => Promise<void>): Promise<void> => {
    while (!stopping.signal.aborted) {
      const dueMs = clock.monoMs() + roundPeriod(kind, reachability, random);
      await run();
      await sleep(clock, millis(Math.max(0, dueMs - clock.monoMs())), stopping.signal);
    }
  };

  const attend = (uplink: AskUplink): readonly Promise<void>[] => {
    let watches = 0;
    const run = async (kind: RoundKind): Promise<void> => {
      const round = await uplink.round(kind, stopping.signal);
      if (round === null) return;
      watches = watchesLeft(watches, { kind, isUp: isJobUp(round) });
      onRound(round);
    };
    return [pace('full', () => run('full')), pace('watch', async () => (watches > 0 ? run('watch') : undefined))];
  };

  return {
    start() {
      for (const uplink of asks) running.push(...attend(uplink));
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
      for (const uplink of asks) uplink.close();
    },
    async once() {
      const rounds = await Promise.all(asks.map((uplink) => uplink.round('full', stopping.signal)));
      return rounds.filter((round) => round !== null);
    },
  };
}

const isJobUp = ({ evidence }: Round): boolean =>
  evidence.some(({ layer, finding }) => layer === 'job' && finding.is === 'up');
