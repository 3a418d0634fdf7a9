import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
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
/** Many at once in one namespace: most of what a command costs is its process. */
const all = (ns: string | null, commands: readonly string[], family: 4 | 6 = 4): void => {
  const input = `${commands.join('\n')}\n`;
  const of = family === 6 ? ['-6'] : [];
  execFileSync('ip', [...of, ...(ns === null ? [] : ['-n', ns]), '-batch', '-'], {
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
};
const set = (key: string, value: string): string => `echo ${value} > /proc/sys/net/${key}`;
// Without them an IPv6 address is not usable for a second or two.
const AT_ONCE = ['all', 'default'].map((which) => set(`ipv6/conf/${which}/accept_dad`, '0'));
const FORWARD = [
  set('ipv4/ip_forward', '1'),
  set('ipv6/conf/all/forwarding', '1'),
  set('ipv4/icmp_ratelimit', '0'), // one source asks a dozen hosts at once, and each refusal is to arrive
];
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
  const addresses = [...WORLD4.map((one) => `${one}/32`), ...WORLD6.map((one) => `${one}/128`)];
  all(
    'world',
    addresses.map((one) => `addr add ${one} dev lo`),
  );
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
  for (const n of UPLINKS) addNamespace(gateway(n));
  const inEach = <T>(of: (n: 1 | 2) => readonly T[]): readonly T[] => UPLINKS.flatMap(of);
  all(
    null,
    inEach((n) => [`link add wan${n} type veth peer name lan netns ${gateway(n)}`, ...end(`wan${n}`, net9(n, 2))]),
  );
  for (const n of UPLINKS) {
    const out = `link add out type veth peer name out${n} netns world`;
    all(gateway(n), [...end('lan', net9(n, 1)), out, ...end('out', net8(n, 1))]);
  }
  all(
    'world',
    inEach((n) => [
      ...end(`out${n}`, net8(n, 2)),
      ...FAMILIES.map((family) => `route add ${networkOf(n, family)} via ${net(8, n, 1, family)}`),
    ]),
  );
  for (const n of UPLINKS)
    all(
      gateway(n),
      FAMILIES.map((family) => `route add default via ${net(8, n, 2, family)}`),
    );
  // Each source address leaves by its own way; whatever is bound to none, by the first.
  for (const family of FAMILIES) {
    const ways = inEach((n) => [
      `route add default via ${net(9, n, 1, family)} table 10${n}`,
      `rule add from ${net(9, n, 2, family)} table 10${n}`,
    ]);
    all(null, [...ways, `route add default via ${net(9, 1, 1, family)}`], family);
  }
}

const FAMILIES = [4, 6] as const;
type Ends = Readonly<Record<4 | 6, string>>;
const net9 = (n: 1 | 2, host: number): Ends => ({ 4: net(9, n, host), 6: net(9, n, host, 6) });
const net8 = (n: 1 | 2, host: number): Ends => ({ 4: net(8, n, host), 6: net(8, n, host, 6) });
const networkOf = (n: 1 | 2, family: 4 | 6): string => `${net(9, n, 0, family)}/${family === 4 ? 24 : 64}`;
/** One end of a cable, with its addresses. */
const end = (dev: string, at: Ends): readonly string[] => [
  `link set ${dev} up`,
  `addr add ${at[4]}/24 dev ${dev}`,
  `addr add ${at[6]}/64 dev ${dev} nodad`,
];

const gateway = (n: number): string => `gw${n}-${builds}`;

/** What the order before has taken away already is no matter. */
function tearDown(): void {
  const force = (options: readonly string[], commands: readonly string[]): void =>
    void spawnSync('ip', [...options, '-force', '-batch', '-'], { input: `${commands.join('\n')}\n`, stdio: 'pipe' });
  shell([set('ipv6/conf/all/disable_ipv6', '0')]);
  const rules = UPLINKS.map((n) => `rule del table 10${n}`);
  const routes = ['blackhole', 'unreachable', 'prohibit'].map((type) => `route del ${type} default`);
  force(['-6'], [...rules, 'route flush root default']);
  force([], [...rules, 'route flush root default', ...routes, ...UPLINKS.map((n) => `link del wan${n}`)]);
  force(
    ['-n', 'world'],
    UPLINKS.map((n) => `link del out${n}`),
  );
  force(
    [],
    UPLINKS.map((n) => `netns del ${gateway(n)}`),
  );
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
