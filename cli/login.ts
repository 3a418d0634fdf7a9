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
const SHIPPED: Readonly<Record<string, Readonly<{ user: string; password: string }>>> = {
  'antminer-stock': { user: 'root', password: 'root' },
  'whatsminer-v2': { user: 'admin', password: 'admin' },
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
