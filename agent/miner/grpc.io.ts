import { type Refused, refusal } from './answer.ts';
import type { Device } from './device.ts';
import type { GrpcQuery } from './driver.ts';
import type { Json } from './json.ts';
import type { Line } from './line.io.ts';
import type { Credential } from './link.ts';
import type { GrpcApi } from './login.ts';
import { inSession, type Opened } from './session.ts';
import type { Broken } from './transport/exchange.ts';
import { type GrpcCall, type GrpcReply, STATUS } from './transport/grpc.io.ts';
import { codecOf } from './transport/protobuf.ts';
import { deny } from './web.io.ts';

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
      return withLogin({ ...session, login: grpc.login }, asked);
    },
  };
}

type Speaking = Omit<CallOptions, 'grpc'> & Readonly<{ grpc: GrpcApi }>;
type ApiLogin = NonNullable<GrpcApi['login']>;

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

/** `denied` by its login is a wrong password. */
const WRONG: ReadonlySet<number | undefined> = new Set([STATUS.UNAUTHENTICATED, STATUS.PERMISSION_DENIED]);

async function withLogin(options: Speaking & Readonly<{ login: ApiLogin }>, asked: Asked): Promise<Called> {
  const { device, login, grpc, credential } = options;
  const came = await inSession<GrpcReply>({
    session: device.sessions.grpc,
    credential,
    open: (known) => logIn(options, { path: login.path, request: login.request(known), timeoutMs: asked.timeoutMs }),
    send: (token) => once(options, asked, token === null ? {} : login.metadata(token)),
    ranOut: (reply) => !reply.ok && reply.status === STATUS.UNAUTHENTICATED,
    deny: () => deny(options),
  });
  return 'message' in came ? decoded(grpc, asked, came) : came;
}

async function logIn(options: Speaking & Readonly<{ login: ApiLogin }>, asked: Asked): Promise<Opened> {
  const { login, grpc } = options;
  const reply = await once(options, asked, {});
  if (!reply.ok) return WRONG.has(reply.status) ? { ...reply, why: 'auth_failed' } : reply;
  const answer = decoded(grpc, asked, reply);
  const session = answer.ok ? login.session(answer.reply) : null;
  return session === null ? refusal('garbage', 'login: an answer without a session') : { ok: true, session };
}
