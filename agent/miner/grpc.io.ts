import { type Refused, refusal } from './answer.ts';
import type { Device } from './device.ts';
import type { GrpcQuery } from './driver.ts';
import type { Json } from './json.ts';
import type { Line } from './line.io.ts';
import { type Credential, NO_PASSWORD } from './link.ts';
import type { GrpcApi } from './login.ts';
import type { Broken } from './transport/exchange.ts';
import { type GrpcCall, type GrpcReply, STATUS } from './transport/grpc.io.ts';
import { codecOf } from './transport/protobuf.ts';
import { deny, SESSIONS_MAX, WITHOUT } from './web.io.ts';

export type Called = Readonly<{ ok: true; reply: Json }> | Broken | Refused;
export type CallOptions = Readonly<{
  line: Line;
  device: Device;
  grpc: GrpcApi | undefined;
  credential: Credential | null;
}>;
export type Asked = Pick<GrpcQuery, 'path' | 'request' | 'open'> & Pick<GrpcCall, 'timeoutMs'>;

/** A device's calls over gRPC, in a session of its own where it wants one. */
export type Calls = Readonly<{ call(asked: Asked): Promise<Called> }>;

/** INVARIANTS: a password goes to the family's own login only; once refused, there or on a page, it is not tried again. */
export function createCalls({ grpc, ...options }: CallOptions): Calls {
  return {
    async call(asked) {
      if (grpc === undefined) return refusal('absent', 'its family has no gRPC');
      const session = { ...options, grpc };
      if (asked.open === true || grpc.login === undefined) return decoded(grpc, asked, await once(session, asked, {}));
      if (options.device.refused !== null) return refusal('auth_failed', options.device.refused);
      return inSession({ ...session, login: grpc.login }, asked);
    },
  };
}

type Speaking = Omit<CallOptions, 'grpc'> & Readonly<{ grpc: GrpcApi }>;
type InSession = Speaking & Readonly<{ login: NonNullable<GrpcApi['login']> }>;

async function once({ line, grpc }: Speaking, asked: Asked, metadata: GrpcCall['metadata']): Promise<GrpcReply> {
  const { path, request = {}, timeoutMs } = asked;
  return line.grpc({ path, message: codecOf(grpc.messages).encode(path, request), metadata, timeoutMs });
}

function decoded(grpc: GrpcApi, { path }: Asked, reply: GrpcReply): Called {
  if (!reply.ok) return reply;
  const value = codecOf(grpc.messages).decode(path, reply.message);
  return value === null
    ? { ok: false, sent: true, why: 'garbage', detail: 'no message of its kind' }
    : { ok: true, reply: value };
}

async function inSession(options: InSession, asked: Asked): Promise<Called> {
  const { device, login, grpc } = options;
  for (let tried = 0; tried < SESSIONS_MAX; tried++) {
    const remembered = device.calls.loginless;
    const opened = await sessionOf(options, asked.timeoutMs);
    if (typeof opened !== 'string' && !WITHOUT.has(opened.why)) return opened;
    const reply = await once(options, asked, typeof opened === 'string' ? login.metadata(opened) : {});
    if (reply.ok || reply.status !== STATUS.UNAUTHENTICATED) return decoded(grpc, asked, reply);
    device.calls.loginless = false;
    // It had no login when it was asked last, and has one now.
    if (typeof opened !== 'string' && remembered) continue;
    if (typeof opened !== 'string') return opened;
    device.calls.session = null;
  }
  return deny(options);
}

/** `denied` by its login is a wrong password. */
const WRONG: ReadonlySet<number | undefined> = new Set([STATUS.UNAUTHENTICATED, STATUS.PERMISSION_DENIED]);

async function sessionOf(options: InSession, timeoutMs: GrpcCall['timeoutMs']): Promise<string | Refused | Broken> {
  const { device, login, grpc, credential } = options;
  if (device.calls.session !== null) return device.calls.session;
  if (credential === null) return refusal('no_credentials', NO_PASSWORD);
  if (device.calls.loginless) return refusal('absent', 'it has no login');
  const asked = { path: login.path, request: login.request(credential), timeoutMs };
  const reply = await once(options, asked, {});
  device.calls.loginless = !reply.ok && reply.why === 'absent';
  if (!reply.ok && WRONG.has(reply.status)) return deny(options);
  // The login came to nothing, so what was asked has not left.
  if (!reply.ok) return { ...reply, sent: false };
  const answer = decoded(grpc, asked, reply);
  const session = answer.ok ? login.session(answer.reply) : null;
  if (session === null) return refusal('garbage', 'login: an answer without a session');
  device.calls.session = session;
  return session;
}
