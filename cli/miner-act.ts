import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { perform } from '../agent/index.ts';
import { poolFault } from '../config/pool.ts';
import { RelightError } from '../shared/errors.ts';
import type { MinerSnapshot } from '../shared/snapshot.ts';
import { millis } from '../shared/units.ts';
import { atMiner, loginHint, type TargetFlags, withTarget } from './miner-target.ts';
import { jsonOption, paint, print } from './output.ts';
import { passwordFromEnv } from './password.ts';
import { duration } from './text/units.ts';
import { whole } from './whole.ts';

type Order = Parameters<typeof perform>[0]['order'];
type Performed = Awaited<ReturnType<typeof perform>>;
type PoolFlags = Readonly<{ pool: readonly string[]; poolPasswordEnv?: string }>;
type Flags = TargetFlags & Partial<PoolFlags> & Readonly<{ off?: boolean; graceS?: number }>;

const PLAIN = [
  ['restart', 'restarts the mining process, and waits until that shows'],
  ['reboot', 'reboots the device, and waits until that shows'],
  ['sleep', 'puts the miner to sleep: boards off, controller on'],
  ['wake', 'ends the sleep, and waits until it hashes'],
] as const;

export function registerActs(miner: Command): void {
  for (const [action, description] of PLAIN) {
    act(miner.command(action).description(description), () => ({ action }));
  }
  act(
    miner.command('locate').description('blinks its light; --off ends that').option('--off', 'no longer'),
    ({ off }) => ({ action: 'locate', on: off !== true }),
  );
  withOutcome(
    miner.command('limit').description('limits its power; a family of steps takes the highest that is not above it'),
  )
    .addArgument(new Argument('<watts>', 'whole watts').argParser(whole(1, 100_000)))
    .action((host: string, powerW: number, flags: Flags) => run(host, flags, { action: 'powerLimit', powerW }));
  act(
    miner
      .command('pools')
      .description('writes its pools, all of them, in this order')
      .addOption(new Option('--pool <url,worker>', 'may be given again').argParser(collect).makeOptionMandatory())
      .option('--pool-password-env <name>', 'the environment variable with the pools’ password; "x" where left out'),
    (flags) => ({ action: 'pools', pools: poolsFrom({ pool: [], ...flags }) }),
  );
}

function act(command: Command, orderOf: (flags: Flags) => Order): void {
  withOutcome(command).action((host: string, flags: Flags) => run(host, flags, orderOf(flags)));
}

const withOutcome = (command: Command): Command =>
  withTarget(command)
    .addOption(
      new Option('--grace-s <n>', 'how long the effect may take to show; the family’s own where left out').argParser(
        whole(1, 86_400),
      ),
    )
    .addOption(jsonOption());

const collect = (text: string, before: readonly string[] = []): readonly string[] => {
  const [url = '', worker = '', ...more] = text.split(',');
  const fault = poolFault(url);
  // Not an error of commander's, which repeats the whole value: a login may be in it.
  if (fault !== null) throw new RelightError('USAGE', `the URL in --pool ${fault}`);
  if (/^\S+$/.test(worker) && more.length === 0) return [...before, text];
  throw new InvalidArgumentError('URL,WORKER is wanted, as in stratum+tcp://pool.example:3333,account.worker');
};

function poolsFrom({ pool, poolPasswordEnv }: PoolFlags): Extract<Order, { action: 'pools' }>['pools'] {
  const password = poolPasswordEnv === undefined ? 'x' : passwordFromEnv(poolPasswordEnv, '--pool-password-env');
  return pool.map((one) => {
    const [url = '', worker = ''] = one.split(',');
    return { url, worker, password };
  });
}

async function run(host: string, flags: Flags, order: Order): Promise<void> {
  const { perform } = await import('../agent/index.ts');
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const done = await atMiner(host, flags, (miners, target) =>
    perform({
      miners,
      target,
      order,
      signal: stopping.signal,
      ...(flags.graceS === undefined ? {} : { graceMs: millis(flags.graceS * 1_000) }),
      onLook: (seen, leftMs) => process.stderr.write(`relight: ${look(seen)}; ${duration(leftMs)} left\n`),
    }),
  );
  process.off('SIGINT', stop).off('SIGTERM', stop);
  if (stopping.signal.aborted) {
    const left = done.ordered ? 'no longer watched; the order may still take effect' : 'given up; nothing was ordered';
    process.stderr.write(`relight: ${left}\n`);
  }
  const hint = done.result === 'auth_failed' ? loginHint(flags) : null;
  if (hint !== null) process.stderr.write(`relight: no password was named: ${hint}\n`);
  print(flags, { host, action: order.action, ...done }, () => text(host, order, done));
  if (done.result !== 'done') process.exitCode = 1;
}

const look = (seen: MinerSnapshot | null): string =>
  seen === null ? 'it does not answer yet' : `${seen.miningState}, up ${duration((seen.uptimeS ?? 0) * 1_000)}`;

function text(host: string, { action }: Order, { result, detail, tookMs }: Performed): string {
  const tone = result === 'done' ? 'good' : 'bad';
  const why = detail === null ? '' : `: ${detail}`;
  const command = action === 'powerLimit' ? 'limit' : action;
  return `${host} ${command} ${paint(tone, result.replaceAll('_', ' '))} after ${duration(tookMs)}${why}`;
}
