import { type Command, Option } from 'commander';
import { loadReach, type Reach } from '../config/load.io.ts';
import { realClock } from '../shared/clock.io.ts';
import { RelightError } from '../shared/errors.ts';
import type { UplinkId } from '../shared/ids.ts';
import { millis } from '../shared/units.ts';
import type { Verdict } from '../shared/verdict.ts';
import { NOBODY, onEveryUplink } from './reach-uplinks.ts';
import { lineText, type Watched, watchText } from './text/watch.ts';
import { meaningOf } from './text/why.ts';

type Flags = Readonly<{ config: string; json?: boolean }>;

const REDRAW_MS = millis(1_000); // a hold that runs down is watched by the second
const CLEAR = '\u001b[2J\u001b[H';
const [HIDE_CURSOR, SHOW_CURSOR] = ['\u001b[?25l', '\u001b[?25h'];
const AGAIN = 130; // a second Ctrl-C means now

export function registerWatch(reach: Command): void {
  reach
    .command('watch')
    .description('probes on and on from this host as the agent does, and says what is missing, until Ctrl-C')
    .requiredOption('--config <file>', 'an agent’s file, for its uplinks; or a site file, for all of them')
    .addOption(new Option('--json', 'one JSON line for each round'))
    .addHelpText('after', MEANING)
    .action(watch);
}

const MEANING = `
On a terminal the picture is drawn anew with every round: the verdict of each uplink, what it lacks and where to look, how much
of the hold is left, and the layers from the cable up. Elsewhere every change of a verdict is a line. With --json every round is
a line of its own: { at, uplink, kind, state, label, whyNot, meaning, lossAlarm, holdRemainingMs, changed, evidence }.

It judges by itself, from its first round on: RESTORED takes three good rounds and the whole hold here too, whatever the agent
says. It opens its own connections to the pools, beside those of an agent that runs. A way up:
  PARTIAL/HOLDING  a pool serves work; the hold runs, and a second round in a row that fails begins it anew
  RESTORED         it has held; the waves of a restart may go
  DOWN             nothing beyond the gateway answers; the layer that fails first is where to look
`;

async function watch(flags: Flags): Promise<void> {
  const asked = loadReach(flags.config);
  const stopped = stopAsked();
  const show = flags.json ? jsonLines() : process.stdout.isTTY ? picture(asked) : changeLines();
  const rounds = await start(asked, show.saw);
  rounds.start();
  await stopped;
  await rounds.stop();
  show.end();
}

type Show = Readonly<{ saw(watched: Watched): void; end(): void }>;

async function start({ reachability, agent }: Reach, saw: Show['saw']) {
  const { createRounds, judge, judgeParameters, newJudge } = await import('../agent/index.ts');
  const asked = agent === null ? onEveryUplink(reachability) : reachability;
  const parameters = judgeParameters(reachability);
  const states = new Map<UplinkId, ReturnType<typeof newJudge>>();
  const mine = asked.uplinks.filter((uplink) => uplink.agent === null || uplink.agent === agent);
  if (mine.length === 0) throw new RelightError('CONFIG_REFERENCE', `no uplink is probed by agent ${agent}`);
  return createRounds({
    reachability: asked,
    agent: agent ?? NOBODY,
    clock: realClock,
    random: Math.random,
    onRound(round) {
      const before = states.get(round.uplink) ?? newJudge(round.uplink, parameters);
      const [state, verdict] = judge(before, round, realClock.monoMs());
      states.set(round.uplink, state);
      saw({ verdict, kind: round.kind, wallMs: realClock.wallMs(), changed: isChange(before.verdict, verdict) });
    },
  });
}

const isChange = (before: Verdict | null, now: Verdict): boolean =>
  before === null || before.state !== now.state || before.label !== now.label || before.whyNot !== now.whyNot;

function jsonLines(): Show {
  return {
    saw({ verdict, kind, wallMs, changed }) {
      const { uplink, state, label, whyNot, lossAlarm, holdRemainingMs, evidence } = verdict;
      const at = new Date(wallMs).toISOString();
      const said = { at, uplink, kind, state, label, whyNot, meaning: meaningOf(whyNot), lossAlarm, holdRemainingMs };
      process.stdout.write(`${JSON.stringify({ ...said, changed, evidence })}\n`);
    },
    end() {},
  };
}

function changeLines(): Show {
  return {
    saw(watched) {
      if (watched.changed) process.stdout.write(`${lineText(watched)}\n`);
    },
    end() {},
  };
}

/** Only what changed is kept: one verdict an uplink, and the latest changes. */
function picture({ site, reachability: { holdMs } }: Reach): Show {
  const latest = new Map<UplinkId, Watched>();
  const changes: Watched[] = [];
  const draw = (): void => {
    const text = watchText({ site, holdMs, latest: [...latest.values()], changes, wallMs: realClock.wallMs() });
    process.stdout.write(`${CLEAR}${text}\n`);
  };
  process.stdout.write(HIDE_CURSOR);
  const drawing = setInterval(draw, REDRAW_MS);
  draw();
  return {
    saw(watched) {
      latest.set(watched.verdict.uplink, watched);
      if (watched.changed) changes.push(watched);
      if (changes.length > CHANGES_KEPT) changes.shift();
      draw();
    },
    end() {
      clearInterval(drawing);
      process.stdout.write(SHOW_CURSOR);
    },
  };
}

const CHANGES_KEPT = 8; // under the uplinks there is little room

function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    let before = false;
    const onSignal = (): void => {
      if (before) {
        if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR);
        process.exit(AGAIN);
      }
      before = true;
      resolve();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}
