import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createRounds } from '../../../../agent/probe/rounds.io.ts';
import { judge, judgeParameters, newJudge } from '../../../../agent/verdict/judge.ts';
import type { Reachability } from '../../../../config/site.ts';
import { realClock } from '../../../../shared/clock.io.ts';
import { agentId } from '../../../../shared/ids.ts';
import { seededRandom } from '../../../../shared/random.ts';
import { millis } from '../../../../shared/units.ts';
import { net, UPLINKS, WORLD4, WORLD6 } from './plan.ts';

/*
 * The agent's side, in a process that `unshare` has put into namespaces of its own: it may make networks there, and all
 * that it makes goes with it. For each line of standard input it builds the networks anew, breaks what the line says, runs
 * one round of the production probes, and writes the verdicts as a line.
 */
export type Order = Readonly<{
  reachability: Reachability;
  /** Each a command of `ip`, after the networks are whole. */
  ip: readonly string[];
  /** Each a line for the shell. */
  sh: readonly string[];
  path: string;
}>;
export type Answer = Readonly<{ verdicts: readonly Judged[] }> | Readonly<{ error: string }>;
export type Judged = Readonly<{ verdict: string; evidence: readonly string[] }>;

const run = (program: string, args: readonly string[]): void =>
  void execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
const ip = (command: string): void => run('ip', command.split(' '));
const set = (key: string, value: string): string => `echo ${value} > /proc/sys/net/${key}`;
// Without them an IPv6 address is not usable for a second or two.
const AT_ONCE = ['all', 'default'].map((which) => set(`ipv6/conf/${which}/accept_dad`, '0'));
const FORWARD = [set('ipv4/ip_forward', '1'), set('ipv6/conf/all/forwarding', '1')];
const shell = (lines: readonly string[], within: readonly string[] = []): void => {
  const [program = 'sh', ...args] = [...within, 'sh', '-c', lines.join(' && ')];
  run(program, args);
};

function makeHost(): void {
  run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']); // `ip netns` keeps its names there; this one is ours alone
  run('mount', ['-t', 'sysfs', 'sysfs', '/sys']); // that of the namespace that it is mounted in
  shell(AT_ONCE);
  ip('link set lo up');
  addNamespace('world');
  for (const address of WORLD4) ip(`-n world addr add ${address}/32 dev lo`);
  for (const address of WORLD6) ip(`-n world addr add ${address}/128 dev lo`);
}

function addNamespace(name: string): void {
  ip(`netns add ${name}`);
  shell([...AT_ONCE, ...FORWARD], ['ip', 'netns', 'exec', name]);
  ip(`-n ${name} link set lo up`);
}

/** The gateways are made anew under new names: what is left of the old ones goes in its own time. */
let builds = 0;
function build(): void {
  if (builds > 0) tearDown();
  builds += 1;
  for (const n of UPLINKS) {
    addNamespace(gateway(n));
    wire(`wan${n}`, { ns: gateway(n), name: 'lan' }, { hop: 9, uplink: n });
    wire('out', { ns: 'world', name: `up${n}` }, { hop: 8, uplink: n, from: gateway(n) });
    ip(`-n ${gateway(n)} route add default via ${net(8, n, 2)}`);
    ip(`-n ${gateway(n)} -6 route add default via ${net(8, n, 2, 6)}`);
    ip(`-n world route add ${net(9, n, 0)}/24 via ${net(8, n, 1)}`);
    ip(`-n world -6 route add ${net(9, n, 0, 6)}/64 via ${net(8, n, 1, 6)}`);
    // Each source address leaves by its own way; whatever is bound to none, by the first.
    for (const family of [4, 6] as const) {
      ip(`-${family} route add default via ${net(9, n, 1, family)} table 10${n}`);
      ip(`-${family} rule add from ${net(9, n, 2, family)} table 10${n}`);
    }
  }
  for (const family of [4, 6] as const) ip(`-${family} route add default via ${net(9, 1, 1, family)}`);
}

const gateway = (n: number): string => `gw${n}-${builds}`;

type Wire = Readonly<{ hop: 8 | 9; uplink: number; from?: string }>;
/** A pair of links; the end nearer to the agent has the higher address on its own side, the gateway `.1` on both. */
function wire(name: string, peer: Readonly<{ ns: string; name: string }>, { hop, uplink, from }: Wire): void {
  const here = from === undefined ? '' : `-n ${from} `;
  ip(`${here}link add ${name} type veth peer name ${peer.name} netns ${peer.ns}`);
  const [near, far] = from === undefined ? [2, 1] : [1, 2];
  for (const [at, dev, host] of [
    [here, name, near],
    [`-n ${peer.ns} `, peer.name, far],
  ] as const) {
    ip(`${at}addr add ${net(hop, uplink, host)}/24 dev ${dev}`);
    ip(`${at}link set ${dev} up`);
    ip(`${at}addr add ${net(hop, uplink, host, 6)}/64 dev ${dev} nodad`);
  }
}

function tearDown(): void {
  const quietly = (command: string): void => {
    try {
      ip(command);
    } catch {
      // The order before may have taken it away.
    }
  };
  shell([set('ipv6/conf/all/disable_ipv6', '0')]);
  for (const n of UPLINKS) {
    quietly(`link del wan${n}`);
    quietly(`-n world link del up${n}`);
    quietly(`netns del ${gateway(n)}`);
    for (const family of [4, 6]) quietly(`-${family} rule del table 10${n}`);
  }
  for (const family of [4, 6]) quietly(`-${family} route flush root default`);
  for (const type of ['blackhole', 'unreachable', 'prohibit']) quietly(`route del ${type} default`);
}

async function startWorld(): Promise<ChildProcess> {
  const file = new URL('./world.ts', import.meta.url).pathname;
  const child = spawn('ip', ['netns', 'exec', 'world', process.execPath, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function round({ reachability, ip: commands, sh, path }: Order): Promise<readonly Judged[]> {
  build();
  const named = (command: string): string => command.replaceAll(/\bgw([12])\b/g, (_, n) => gateway(Number(n)));
  for (const command of commands) ip(named(command));
  shell(['true', ...sh.map(named)]);
  process.env.PATH = path;
  const random = seededRandom(1);
  const rounds = createRounds({ reachability, agent: agentId('a'), clock: realClock, random, onRound() {} });
  try {
    const parameters = judgeParameters(reachability);
    return (await rounds.once()).map((one) => {
      // A machine that is busy with other tests may stand still; that is another test.
      const [, { state, label, whyNot, evidence }] = judge(
        newJudge(one.uplink, parameters),
        { ...one, lagMs: millis(0) },
        realClock.monoMs(),
      );
      return {
        verdict: `${one.uplink}: ${state} ${label} ${whyNot}`,
        evidence: evidence.map(({ layer, target, finding }) => {
          const why = finding.is === 'up' ? '' : ` ${finding.why}`;
          return `${layer} ${target}: ${finding.is}${why}, ${finding.detail ?? ''}`;
        }),
      };
    });
  } finally {
    await rounds.stop();
  }
}

makeHost();
const world = await startWorld();
process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const answer: Answer = await round(JSON.parse(line) as Order).then(
    (verdicts) => ({ verdicts }),
    (error: unknown) => ({ error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
world.kill('SIGKILL');
process.exit();
