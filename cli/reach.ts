import type { Command } from 'commander';
import { loadReach, type Reach } from '../config/load.io.ts';
import { realClock } from '../shared/clock.io.ts';
import { RelightError } from '../shared/errors.ts';
import { type Evidence, LAYERS } from '../shared/finding.ts';
import type { Verdict } from '../shared/verdict.ts';
import { onlyCommands } from './group.ts';
import { jsonOption, print } from './output.ts';
import { registerExplain } from './reach-explain.ts';
import { registerHistory } from './reach-history.ts';
import { registerReplay } from './reach-replay.ts';
import { registerScenarios } from './reach-scenarios.ts';
import { registerScore } from './reach-score.ts';
import { NOBODY, onEveryUplink } from './reach-uplinks.ts';
import { registerWatch } from './reach-watch.ts';
import { reachText } from './text/reach.ts';

type Flags = Readonly<{ config?: string; json?: boolean }>;

export function registerReach(program: Command): void {
  const command = program
    .command('reach')
    .description('runs every probe once from this host, and explains what that means')
    .option('--config <file>', 'an agent’s file, for its uplinks; or a site file, for all of them')
    .addOption(jsonOption());
  onlyCommands(command, () => reach(command.opts<Flags>()));
  registerExplain(command);
  registerWatch(command);
  registerHistory(command);
  registerReplay(command);
  registerScenarios(command);
  registerScore(command);
}

async function reach(flags: Flags): Promise<void> {
  if (flags.config === undefined) {
    throw new RelightError('USAGE', 'reach needs --config <file>: the pools and uplinks that it asks stand there');
  }
  const asked = loadReach(flags.config);
  const verdicts = await probeOnce(asked);
  if (verdicts.length === 0) {
    throw new RelightError('CONFIG_REFERENCE', `${flags.config}: no uplink is probed by agent ${asked.agent}`);
  }
  const { site, agent, reachability } = asked;
  print(flags, { site, agent, verdicts }, () => reachText(verdicts, reachability.holdMs));
}

// Probes answer in the order of chance; a reader looks for the first layer that is missing.
const fromTheCableUp = (a: Evidence, b: Evidence): number =>
  LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer) || a.target.localeCompare(b.target);

async function probeOnce({ reachability, agent }: Reach): Promise<readonly Verdict[]> {
  const { createRounds, judge, judgeParameters, newJudge } = await import('../agent/index.ts');
  const asked = agent === null ? onEveryUplink(reachability) : reachability;
  const rounds = createRounds({
    reachability: asked,
    agent: agent ?? NOBODY,
    clock: realClock,
    random: Math.random,
    onRound() {},
  });
  try {
    const parameters = judgeParameters(reachability);
    return (await rounds.once()).map((round) => {
      const [, verdict] = judge(newJudge(round.uplink, parameters), round, realClock.monoMs());
      return { ...verdict, evidence: [...verdict.evidence].sort(fromTheCableUp) };
    });
  } finally {
    await rounds.stop();
  }
}
