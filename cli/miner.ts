import { type Command, InvalidArgumentError, Option } from 'commander';
import { FAMILY_NAMES } from '../config/families.ts';
import { RelightError } from '../shared/errors.ts';
import { minerId } from '../shared/ids.ts';
import { millis } from '../shared/units.ts';
import { group } from './group.ts';
import { type LoginFlags, loginFrom } from './login.ts';
import { jsonOption, print } from './output.ts';
import { minerText } from './text/miner.ts';

type Flags = LoginFlags &
  Readonly<{
    family?: string;
    rpcPort?: number;
    httpPort?: number;
    deadlineMs: number;
    json?: boolean;
  }>;

const DEADLINE_MS = 10_000;

export function registerMiner(program: Command): void {
  const miner = group(program, 'miner', 'one miner, asked directly');
  miner
    .command('read <host>')
    .description('one snapshot; without a login, only what the miner tells anyone')
    .addOption(new Option('--family <name>', 'skip identification').choices(FAMILY_NAMES))
    .addOption(new Option('--rpc-port <n>', 'instead of the family’s own').argParser(port))
    .addOption(new Option('--http-port <n>', 'instead of the family’s own').argParser(port))
    .addOption(
      new Option('--credentials <file>', 'as the agent’s credentialsFile, mode 0600').conflicts([
        'user',
        'tryDefaultCredentials',
      ]),
    )
    .addOption(new Option('--user <name>', 'with --password-env').conflicts('tryDefaultCredentials'))
    .option('--password-env <name>', 'the environment variable that has the password')
    .option('--try-default-credentials', 'try the login that the maker ships, once')
    .addOption(new Option('--deadline-ms <n>', 'for the whole reading').argParser(deadline).default(DEADLINE_MS))
    .addOption(jsonOption())
    .action(read);
}

const whole = (text: string, [low, high]: readonly [number, number]): number => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new InvalidArgumentError(`a whole number from ${low} to ${high} is wanted`);
};
const port = (text: string): number => whole(text, [1, 65_535]);
const deadline = (text: string): number => whole(text, [100, 120_000]);

async function read(host: string, flags: Flags): Promise<void> {
  const { createMiners, loadCredentials } = await import('../agent/index.ts');
  const credentials = loginFrom(flags, loadCredentials);
  const miners = createMiners({ credentials, deadlineMs: millis(flags.deadlineMs) });
  try {
    const { family = null, rpcPort, httpPort } = flags;
    const ports = {
      ...(rpcPort === undefined ? {} : { rpc: rpcPort }),
      ...(httpPort === undefined ? {} : { http: httpPort }),
    };
    const reading = await miners.read({ miner: minerId(host), address: host, ports, family });
    const why = [reading.unreadable, reading.detail].filter(Boolean).join(': ');
    if (reading.snapshot === null) {
      throw new RelightError('MINER_UNREADABLE', `${host} could not be read: ${why}`, {
        host,
        unreadable: reading.unreadable,
      });
    }
    if (why !== '') process.stderr.write(`relight: ${host} was read in part: ${why}\n`);
    const { snapshot } = reading;
    print(flags, snapshot, () => minerText(snapshot));
  } finally {
    await miners.close();
  }
}
