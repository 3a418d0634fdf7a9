import type { createMiners } from '../agent/index.ts';
import { RelightError } from '../shared/errors.ts';

type Credentials = Parameters<typeof createMiners>[0]['credentials'];

export type LoginFlags = Readonly<{
  credentials?: string;
  user?: string;
  passwordEnv?: string;
  tryDefaultCredentials?: boolean;
}>;

// As shipped (protocol reference, section 0). Only tried where someone asks for it by name.
const ROOT = { user: 'root', password: 'root' };
const ADMIN = { user: 'admin', password: 'admin' };
const SHIPPED: Readonly<Record<string, Readonly<{ user: string; password: string }>>> = {
  'antminer-stock': ROOT,
  'whatsminer-v1': ADMIN,
  'whatsminer-v2': ADMIN,
  'whatsminer-v3': { user: 'super', password: 'super' },
  auradine: ADMIN,
  avalon: ROOT,
  braiins: { user: 'root', password: '' },
  dragonmint: ADMIN,
  elphapex: ROOT,
  epic: { user: '', password: 'letmein' },
  goldshell: { user: 'admin', password: '123456789' },
  hammer: ROOT,
  hiveon: ROOT,
  iceriver: { user: 'admin', password: '12345678' },
  innosilicon: ADMIN,
  marathon: ROOT,
  mskminer: ROOT,
  vnish: { user: '', password: 'admin' },
  volcminer: { user: 'root', password: 'ltc@dog' },
};

/** A password never stands on the command line, where every user of the machine can read it. */
export function loginFrom(flags: LoginFlags, loadFile: (file: string | null) => Credentials): Credentials {
  const { credentials, user, passwordEnv, tryDefaultCredentials } = flags;
  if ((user === undefined) !== (passwordEnv === undefined)) {
    throw new RelightError('USAGE', '--user and --password-env go together');
  }
  if (user !== undefined && passwordEnv !== undefined) {
    const password = process.env[passwordEnv];
    if (password === undefined) throw new RelightError('USAGE', `--password-env: ${passwordEnv} is not set`);
    return { of: () => ({ user, password }) };
  }
  if (tryDefaultCredentials) return { of: (_target, family) => SHIPPED[family] ?? null };
  return loadFile(credentials ?? null);
}
