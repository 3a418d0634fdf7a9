import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRounds } from '../../../../agent/probe/rounds.io.ts';
import { judge, judgeParameters, newJudge } from '../../../../agent/verdict/judge.ts';
import type { Reachability } from '../../../../config/site.ts';
import { realClock } from '../../../../shared/clock.io.ts';
import { agentId } from '../../../../shared/ids.ts';
import { seededRandom } from '../../../../shared/random.ts';

/*
 * An agent's probes and judge in a process of their own, which can be made to fail: it takes every file descriptor that it
 * may have, or stands still in the middle of a round. A line of standard input is an order, a line of output the verdict.
 */
const reachability = JSON.parse(process.argv[2] ?? '') as Reachability;
const random = seededRandom(1);
const rounds = createRounds({ reachability, agent: agentId('a'), clock: realClock, random, onRound() {} });

const held: number[] = [];
function takeAll(): void {
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch {
    // None is left, which was the order.
  }
}

const standStill = (forMs: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
};

async function round(stallMs: number): Promise<string> {
  const asked = rounds.once();
  if (stallMs > 0) setImmediate(() => standStill(stallMs)); // once the questions have left
  const [one] = await asked;
  if (one === undefined) return 'no round';
  const [, verdict] = judge(newJudge(one.uplink, judgeParameters(reachability)), one, realClock.monoMs());
  return `${verdict.state} ${verdict.label} ${verdict.whyNot}`;
}

const orders: Readonly<Record<string, (ms: number) => Promise<string> | string>> = {
  round: () => round(0),
  stalled: round,
  exhaust() {
    takeAll();
    return 'exhausted';
  },
  release() {
    for (const one of held.splice(0)) closeSync(one);
    return 'released';
  },
};

await rounds.once(); // whatever is loaded at its first use is loaded
for await (const line of createInterface({ input: process.stdin })) {
  const [order = '', ms = '0'] = line.split(' ');
  process.stdout.write(`${await orders[order]?.(Number(ms))}\n`);
}
await rounds.stop();
process.exit();
