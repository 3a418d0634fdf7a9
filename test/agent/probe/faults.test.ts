import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRounds } from '../../../agent/probe/rounds.io.ts';
import { type JudgeState, judge, judgeParameters, newJudge } from '../../../agent/verdict/judge.ts';
import type { Endpoint, Reachability } from '../../../config/site.ts';
import { scaledClock } from '../../../shared/clock.io.ts';
import type { Clock } from '../../../shared/clock.ts';
import { agentId, uplinkId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import type { Verdict } from '../../../shared/verdict.ts';
import { notifyLine } from './jobs.ts';
import {
  closedPort,
  dnsServer,
  HOST,
  httpServer,
  poolServer,
  type Running,
  servingPool,
  tcpServer,
} from './servers.ts';
import { anUplink, aPool, aReachability } from './site.ts';

/* Faults of the agent's own, in a world where all is well or all is cut: `unknown` then, never `down`, never `restored`. */

const running: Running[] = [];
const children: ChildProcess[] = [];
const start = async (server: Promise<Running>): Promise<Endpoint> => {
  const one = await server;
  running.push(one);
  return one.at;
};
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise((resolve) => void child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  await Promise.all(running.splice(0).map((one) => one.close()));
});

const HEADER = 'x-relight-challenge';
/** The base world, with pools by name, so that the resolver has a part in everything. */
async function site(is: 'well' | 'cut', change: Partial<Reachability> = {}): Promise<Reachability> {
  const at = (open: () => Promise<Running>): Promise<Endpoint> => (is === 'well' ? start(open()) : closedPort());
  const pool = await at(() => poolServer(servingPool(notifyLine)));
  const http = await at(() =>
    httpServer((request, response) => response.writeHead(204, { [HEADER]: String(request.headers[HEADER]) }).end()),
  );
  return aReachability({
    pools: [aPool({ ...pool, host: 'pool.example' })],
    anchors: [{ ...(await at(() => tcpServer(() => {}))), kind: 'foreign' }],
    resolvers: [await at(() => dnsServer((name) => (name === 'pool.example' ? HOST : 'nxdomain')))],
    dnsZone: 'nonce.example',
    http: [{ url: `http://check.example:${http.port}/c`, address: http, challengeHeader: HEADER }],
    uplinks: [anUplink({ gateway: await closedPort() })],
    subscribeSpacingMs: millis(0),
    probeTimeoutMs: millis(1_000),
    roundMs: millis(1_001),
    ...change,
  });
}

type Agent = (order: string) => Promise<string>;
const DESCRIPTORS = 64; // a limit of the process's own, so that nobody else runs out
async function anAgent(reachability: Reachability): Promise<Agent> {
  const file = new URL('./faults/agent.ts', import.meta.url).pathname;
  const script = `ulimit -n ${DESCRIPTORS}; exec "$0" "$1" "$2"`;
  const args = ['-c', script, process.execPath, file, JSON.stringify(reachability)];
  const child = spawn('sh', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (order) => {
    child.stdin.write(`${order}\n`);
    const { value, done } = await lines.next();
    return done === true ? 'ended' : value;
  };
}

describe('an agent without a file descriptor', () => {
  test.each(['well', 'cut'] as const)(
    'knows nothing in a world that is %s, and goes on when it has some',
    async (is) => {
      const agent = await anAgent(await site(is));
      const before = await agent('round');
      expect(before).toBe(is === 'well' ? 'PARTIAL HOLDING hold.remaining' : 'DOWN GATEWAY_ONLY tcp.refused');
      await agent('exhaust');
      // A connection that is kept is no new socket: its job may still count.
      expect(await agent('round')).toMatch(/^UNKNOWN SELF_FAULT self\.EMFILE$|^PARTIAL HOLDING/);
      expect(await agent('round')).not.toMatch(/^DOWN|^RESTORED/);
      await agent('release');
      expect(await agent('round')).toBe(before);
    },
  );
});

describe('an agent that stands still', () => {
  test('in the middle of a round calls nothing down that it may have missed', async () => {
    const agent = await anAgent(await site('cut'));
    expect(await agent('stalled 1200')).toBe('UNKNOWN SELF_FAULT self.eventLoopLag');
    expect(await agent('round')).toBe('DOWN GATEWAY_ONLY tcp.refused');
  });
  test('believes what it has seen pass', async () => {
    const agent = await anAgent(await site('well'));
    expect(await agent('stalled 1200')).toMatch(/^UNKNOWN SELF_FAULT self.eventLoopLag$|^PARTIAL HOLDING/);
    expect(await agent('round')).toBe('PARTIAL HOLDING hold.remaining');
  });
});

describe('a wall clock that jumps by a day in the hold', () => {
  const DAY_MS = 86_400_000;
  const HOLD_MS = 20_000;
  const RATE = 10;
  let base: Clock;
  beforeEach(() => {
    base = scaledClock(RATE, unixMs(Date.now()));
  });

  test.each([
    ['forward', DAY_MS],
    ['back', -DAY_MS],
  ])('%s neither ends the hold nor begins it anew', async (_, stepMs) => {
    let offMs = 0;
    const clock: Clock = { ...base, wallMs: () => unixMs(base.wallMs() + offMs) };
    const reachability = await site('well', {
      holdMs: millis(HOLD_MS),
      roundMs: millis(4_000),
      subscribeSpacingMs: millis(1_000),
    });
    let state: JudgeState = newJudge(uplinkId('isp-1'), judgeParameters(reachability, RATE));
    const seen: Verdict[] = [];
    let holdBeganMs: number | null = null;
    const restoredMs = await new Promise<number>((resolve) => {
      const rounds = createRounds({
        ...{ reachability, clock, agent: agentId('a'), random: seededRandom(1) },
        onRound(round) {
          // A machine that is busy with other tests may stand still; that is another test.
          const [next, verdict] = judge(state, { ...round, lagMs: millis(0) }, clock.monoMs());
          state = next;
          seen.push(verdict);
          if (verdict.holdRemainingMs !== null && holdBeganMs === null) {
            holdBeganMs = clock.monoMs();
            offMs = stepMs;
          }
          if (verdict.state === 'RESTORED') void rounds.stop().then(() => resolve(clock.monoMs()));
        },
      });
      rounds.start();
    });
    expect(new Set(seen.map((verdict) => `${verdict.state} ${verdict.whyNot}`))).toEqual(
      new Set(['PARTIAL hold.remaining', 'RESTORED null']),
    );
    expect(restoredMs - (holdBeganMs ?? 0)).toBeGreaterThanOrEqual(HOLD_MS);
  });
});
