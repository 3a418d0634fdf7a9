import { type Refused, refusal } from './answer.ts';
import { type Credential, NO_PASSWORD } from './link.ts';
import type { Broken } from './transport/exchange.ts';

/** What is remembered of a device's login, over its pages or over gRPC. */
export type Session = {
  /** null: none is open. */
  token: string | null;
  /** It has no login, so that no session is tried before every request. */
  loginless: boolean;
};

export const newSession = (): Session => ({ token: null, loginless: false });

/** One session that has run out, and a fresh one. */
const SESSIONS_MAX = 2;
/** No password, or no login at all: some builds answer everybody, and only those that do not are refused. */
const WITHOUT: ReadonlySet<Refused['why']> = new Set(['no_credentials', 'absent']);

/** `auth_failed`: the password is wrong, and is not tried again. */
export type Opened = Readonly<{ ok: true; session: string }> | Refused | Broken;

export type InSession<Reply> = Readonly<{
  session: Session;
  credential: Credential | null;
  /** Logs in. Never throws. */
  open(credential: Credential): Promise<Opened>;
  /** `token: null` goes out as it is. */
  send(token: string | null): Promise<Reply>;
  /** The reply that means "log in again". */
  ranOut(reply: Reply): boolean;
  /** The password was refused: what is told of that, now and later. */
  deny(): Refused;
}>;

/** One request in a device's session, which is opened at the first that needs one, and once more where it has run out. */
export async function inSession<Reply>(asking: InSession<Reply>): Promise<Reply | Refused | Broken> {
  const { session, send, ranOut, deny } = asking;
  for (let tried = 0; tried < SESSIONS_MAX; tried++) {
    const remembered = session.loginless;
    const opened = await tokenOf(asking);
    if (!opened.ok && !WITHOUT.has(opened.why)) return opened;
    const reply = await send(opened.ok ? opened.session : null);
    if (!ranOut(reply)) return reply;
    session.loginless = false;
    // It had no login when it was asked last, and has one now.
    if (!opened.ok && remembered) continue;
    if (!opened.ok) return opened;
    session.token = null;
  }
  return deny();
}

async function tokenOf<Reply>({ session, credential, open, deny }: InSession<Reply>): Promise<Opened> {
  if (session.token !== null) return { ok: true, session: session.token };
  if (credential === null) return refusal('no_credentials', NO_PASSWORD);
  if (session.loginless) return refusal('absent', 'it has no login');
  const opened = await open(credential);
  session.loginless = !opened.ok && opened.why === 'absent';
  if (opened.ok) session.token = opened.session;
  if (opened.ok || opened.why !== 'auth_failed') return opened.ok ? opened : unsent(opened);
  return deny();
}

/** The login came to nothing, so what was asked has not left. */
const unsent = (failed: Exclude<Opened, { ok: true }>): Broken => ({ ...failed, sent: false });
