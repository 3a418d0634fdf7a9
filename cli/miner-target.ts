import { isIP } from 'node:net';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { createMiners } from '../agent/index.ts';
import { FAMILY_NAMES } from '../config/families.ts';
import { loadAgentConfig, loadCatalogue } from '../config/load.io.ts';
import { didYouMean } from '../config/nearest.ts';
import { type Miner, PORT_NAMES, type PortName, type Ports } from '../config/site.ts';
import { RelightError } from '../shared/errors.ts';
import { minerId } from '../shared/ids.ts';
import { millis } from '../shared/units.ts';
import { type LoginFlags, loginFrom } from './login.ts';
import { whole } from './whole.ts';

/** What every command about one miner takes: where it is, what it is, and the password. */
export type TargetFlags = LoginFlags & Readonly<{ family?: string; port: Ports; deadlineMs: number; json?: boolean }>;
export type Miners = ReturnType<typeof createMiners>;
type Target = Parameters<Miners['read']>[0];

const DEADLINE_MS = 10_000;

export const withTarget = (command: Command): Command =>
  withLogin(
    command
      .addArgument(new Argument('<host>', 'its address or name').argParser(hostFrom))
      .addOption(familyOption('skip identification')),
  );

/** Commander lists all families and offers none. */
export const familyOption = (description: string): Option =>
  new Option('--family <name>', description).argParser((text: string) => {
    if (FAMILY_NAMES.includes(text)) return text;
    throw new InvalidArgumentError(`one of ${FAMILY_NAMES.join(', ')} is wanted${didYouMean(text, FAMILY_NAMES)}`);
  });

/** Ports and passwords alone, for commands that find out for themselves what is there. */
export function withLogin(command: Command): Command {
  return command
    .addOption(
      new Option('--port <name=n>', `${PORT_NAMES.join(', ')}: instead of the family’s own; may be given again`)
        .argParser(addPort)
        .default({}, 'the family’s own'),
    )
    .addOption(
      new Option('--config <file>', 'an agent’s own file: with the logins that this agent has').conflicts([
        'credentials',
        'user',
        'tryDefaultCredentials',
      ]),
    )
    .addOption(
      new Option('--credentials <file>', 'as the agent’s credentialsFile, mode 0600').conflicts([
        'user',
        'tryDefaultCredentials',
      ]),
    )
    .addOption(new Option('--user <name>', 'with --password-env').conflicts('tryDefaultCredentials'))
    .option('--password-env <name>', 'the environment variable that has the password')
    .option('--try-default-credentials', 'try the login that the maker ships, once')
    .addOption(new Option('--deadline-ms <n>', 'for one reading').argParser(whole(100, 120_000)).default(DEADLINE_MS));
}

const NAME = /^(?=.{1,253}$)(?:[\w-]{1,63}\.)*(?!\d+\.?$)[\w-]{1,63}\.?$/;

function hostFrom(text: string): string {
  if (isIP(text) !== 0 || NAME.test(text)) return text;
  const [, host = '', port = ''] = /^([^:/]+):(\d{1,5})$/.exec(text) ?? [];
  const wanted =
    isIP(host) !== 0 || NAME.test(host) ? `: ${host} --port http=${port} is meant, or --port rpc=${port}` : '';
  throw new InvalidArgumentError(`an address or a name alone is wanted${wanted}`);
}

const isPort = (name: string): name is PortName => (PORT_NAMES as readonly string[]).includes(name);

function addPort(text: string, before: Ports): Ports {
  const [name = '', number = ''] = text.split('=');
  if (!isPort(name)) {
    throw new InvalidArgumentError(
      `NAME=N with one of ${PORT_NAMES.join(', ')} is wanted${didYouMean(name, PORT_NAMES)}`,
    );
  }
  return { ...before, [name]: whole(1, 65_535)(number) };
}

/** For whoever is told that a password is wanted and has named none; null where one was named. */
export function loginHint({ config, credentials, user, tryDefaultCredentials }: TargetFlags): string | null {
  const named = config ?? credentials ?? user ?? tryDefaultCredentials;
  return named === undefined ? '--config, --user with --password-env, or --try-default-credentials gives one' : null;
}

/** Opens the way to miners for as long as `work` takes. */
export async function openMiners<T>(flags: TargetFlags, work: (miners: Miners) => Promise<T>): Promise<T> {
  const { createMiners, ...sources } = await import('../agent/index.ts');
  const credentials = loginFrom(flags, sources);
  const models = { catalogue: loadCatalogue(), rates: true };
  const miners = createMiners({ credentials, deadlineMs: millis(flags.deadlineMs), models });
  try {
    return await work(miners);
  } finally {
    await miners.close();
  }
}

/** The same, to one of them: as this agent's site file has it, but for what the flags say. */
export function atMiner<T>(
  host: string,
  flags: TargetFlags,
  work: (miners: Miners, target: Target) => Promise<T>,
): Promise<T> {
  const [known, other] = knownAt(flags)(host);
  if (other !== undefined) {
    throw new RelightError('USAGE', `several miners of the site have the address ${host}: --port rpc=… tells which`);
  }
  const { miner = minerId(host), ports = {}, family = null } = known ?? {};
  const target = { miner, address: host, ports: { ...ports, ...flags.port }, family: flags.family ?? family };
  return openMiners(flags, (miners) => work(miners, target));
}

/** The miners that the site file of `--config` has at an address; of several, those that the named ports fit. */
export function knownAt({ config, port }: TargetFlags): (address: string) => readonly Miner[] {
  if (config === undefined) return () => [];
  const byAddress = Map.groupBy(loadAgentConfig(config).site.miners.values(), ({ address }) => address);
  const named = Object.entries(port) as [PortName, number][];
  return (address) => {
    const all = byAddress.get(address) ?? [];
    if (all.length < 2) return all;
    return all.filter(({ ports }) => named.every(([name, number]) => ports[name] === number));
  };
}
