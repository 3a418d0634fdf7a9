import type { createMiners, loadCredentials, openCredentials } from '../agent/index.ts';
import { loadAgentConfig } from '../config/load.io.ts';
import { RelightError } from '../shared/errors.ts';
import { silentLog } from '../shared/log.ts';
import { passwordFromEnv } from './password.ts';

type Credentials = Parameters<typeof createMiners>[0]['credentials'];

export type LoginFlags = Readonly<{
  config?: string;
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

type Sources = Readonly<{ loadCredentials: typeof loadCredentials; openCredentials: typeof openCredentials }>;

/** Nothing is tried that was not named: no login where no flag says one. */
export function loginFrom(flags: LoginFlags, sources: Sources): Credentials {
  const { config, credentials, user, passwordEnv, tryDefaultCredentials } = flags;
  if ((user === undefined) !== (passwordEnv === undefined)) {
    throw new RelightError('USAGE', '--user and --password-env go together');
  }
  if (user !== undefined && passwordEnv !== undefined) {
    const password = passwordFromEnv(passwordEnv);
    return { of: () => ({ user, password }) };
  }
  if (tryDefaultCredentials) return { of: (_target, family) => SHIPPED[family] ?? null };
  if (config !== undefined) return sources.openCredentials({ ...loadAgentConfig(config), log: silentLog });
  return sources.loadCredentials(credentials ?? null);
}
