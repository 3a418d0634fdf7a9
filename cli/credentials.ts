import { type Command, Option } from 'commander';
import type { Listed } from '../agent/index.ts';
import { loadAgentConfig } from '../config/load.io.ts';
import { RelightError } from '../shared/errors.ts';
import { group } from './group.ts';
import { familyOption } from './miner-target.ts';
import { jsonOption, print } from './output.ts';
import { type PasswordFlags, takePassword } from './password.ts';
import { table } from './text/units.ts';

type ScopeFlags = Readonly<{ site?: boolean; family?: string; range?: string; miner?: string }>;
type Flags = ScopeFlags & Readonly<{ config: string; json?: boolean }>;
type SetFlags = Flags & PasswordFlags & Readonly<{ user: string }>;

const ABOUT = `
For each miner its own is used, else that of the narrowest range it stands in, else its family's, else the site's; where
the store has none, the agent's credentialsFile is asked. A running agent knows of a change within seconds.

The store is credentials.sealed in the agent's stateDir. What it was sealed with is the credential relight-master-key
that systemd hands over, else master.key beside it, which is made when it is first needed. Keep the two apart in backups.
`;

const EXAMPLES = `
Examples:
  relight credentials set --config agent.yaml --family antminer-stock --user root
  relight credentials set --config agent.yaml --range 10.1.1.0/24 --user root --password-env MINER_PASSWORD
  pass show farm | relight credentials set --config agent.yaml --site --user admin --password-stdin

--user "" is for families that have none (epic, vnish). On a terminal the password is asked for, twice and unseen.
`;

export function registerCredentials(program: Command): void {
  const credentials = group(program, 'credentials', 'passwords of miners, in the agent’s own sealed store');
  credentials.addHelpText('after', ABOUT);
  withScope(credentials.command('set').description('keeps a login for one scope, in place of the one it had'))
    .requiredOption('--user <name>', 'the user’s name at the miner')
    .addOption(
      new Option('--password-env <name>', 'the environment variable that has the password').conflicts([
        'passwordStdin',
        'emptyPassword',
      ]),
    )
    .addOption(new Option('--password-stdin', 'takes it from standard input, one line').conflicts('emptyPassword'))
    .option('--empty-password', 'the miners have none')
    .addHelpText('after', EXAMPLES)
    .action(set);
  withConfig(credentials.command('list').description('scopes, users and when they were set; never a password')).action(
    list,
  );
  withScope(credentials.command('remove').description('forgets the login of one scope')).action(remove);
}

const withConfig = (command: Command): Command =>
  command.requiredOption('--config <file>', 'the agent’s own file: its stateDir has the store').addOption(jsonOption());

const withScope = (command: Command): Command =>
  withConfig(command)
    .option('--site', 'for every miner of this agent')
    .addOption(familyOption('for one family'))
    .option('--range <range>', 'for 10.1.1.0/24, or 10.1.1.5-10.1.2.9')
    .option('--miner <id>', 'for one miner: its address, or address:port as in the site file');

async function storeOf({ config }: Flags) {
  const { stateDir } = loadAgentConfig(config);
  const { sealedStore } = await import('../agent/index.ts');
  return sealedStore({ stateDir });
}

/** One scope and no more: a login for two would be two logins. */
async function scopeFrom({ site, family, range, miner }: ScopeFlags) {
  const { parseScope } = await import('../agent/index.ts');
  const texts = [
    ...(site ? ['site'] : []),
    ...(family === undefined ? [] : [`family ${family}`]),
    ...(range === undefined ? [] : [`range ${range}`]),
    ...(miner === undefined ? [] : [`miner ${miner}`]),
  ];
  const [text, ...more] = texts;
  if (text === undefined || more.length > 0) {
    throw new RelightError('USAGE', 'exactly one of --site, --family, --range and --miner is needed');
  }
  const scope = parseScope(text);
  if (scope !== null) return scope;
  const expected =
    range === undefined ? 'an address, or address:port' : '10.1.1.0/24, 10.1.1.1-10.1.2.40 or one address';
  throw new RelightError('USAGE', `--${text} is not understood: ${expected} is expected`);
}

async function set(flags: SetFlags): Promise<void> {
  const [store, scope] = [await storeOf(flags), await scopeFrom(flags)];
  const password = await takePassword(flags);
  const { listed, replaced } = store.set(scope, { user: flags.user, password });
  print(flags, { ...shown(listed), replaced }, () =>
    replaced ? `the login for ${listed.scope} is another now` : `a login for ${listed.scope} is kept`,
  );
  if (!(await coversAny(flags, scope))) {
    process.stderr.write(
      `relight: no miner of this agent is covered by ${listed.scope}: the site file has none there\n`,
    );
  }
}

/** Kept it is all the same: the site file may get its miners later. A family may also be told by the miners alone. */
async function coversAny({ config }: Flags, scope: Scope): Promise<boolean> {
  if (scope.of === 'site' || scope.of === 'family') return true;
  const { credentialsOf } = await import('../agent/index.ts');
  const { site, agent } = loadAgentConfig(config);
  const ids = site.agents.find((part) => part.agent === agent)?.miners ?? [...site.miners.keys()];
  const kept = credentialsOf([{ scope, credential: { user: '', password: '' } }]);
  return ids.some((id) => {
    const miner = site.miners.get(id);
    return miner !== undefined && kept.of(miner, miner.family ?? '') !== null;
  });
}

type Scope = Awaited<ReturnType<typeof scopeFrom>>;

async function list(flags: Flags): Promise<void> {
  const store = await storeOf(flags);
  const entries = store.list().map(shown);
  print(flags, { store: store.file, entries }, () =>
    entries.length === 0
      ? `none in ${store.file}`
      : table(
          ['for', 'user', 'set'],
          entries.map(({ scope, user, setAt }) => [scope, user === '' ? '–' : user, setAt]),
        ),
  );
}

async function remove(flags: Flags): Promise<void> {
  const [store, scope] = [await storeOf(flags), await scopeFrom(flags)];
  const { scopeText } = await import('../agent/index.ts');
  const text = scopeText(scope);
  if (!store.remove(scope)) {
    throw new RelightError('USAGE', `${store.file} has no login for ${text}: relight credentials list shows them`);
  }
  print(flags, { scope: text, removed: true }, () => `the login for ${text} is forgotten`);
}

const shown = ({ scope, user, since }: Listed) => ({ scope, user, setAt: since });
