import type { Device } from '../device.ts';
import { parseObject } from '../envelope.ts';
import {
  type Bench,
  type Door,
  type Family,
  htmlReply,
  jsonReply,
  type Outcome,
  type WebReply,
  type WebRequest,
} from '../family.ts';
import { newSessions } from '../sessions.ts';
import { isOld } from './build.ts';
import { answerCalls, CALLS } from './calls.ts';
import { answerGraphql } from './graphql.ts';
import { READS, VERSION } from './reads.ts';
import { answerRpc } from './rpc.ts';
import { type Own, write } from './writes.ts';

/** The idle time after which a token is void. */
export const TOKEN_LIFE_S = 3_600;

/**
 * Braiins OS with the REST API of 2025, or, where its badge names a build up to 25.05, with gRPC and GraphQL in its stead:
 * login, token, actions; and the RPC that needs none (protocol sheet, section 7).
 */
export const braiins: Family = {
  family: 'braiins',
  account: { user: 'root', password: 'root' },
  doors(bench) {
    const own: Own = { stopped: false };
    const web = { port: 'http', side: 'web', speaks: 'http' } as const;
    const page: readonly Door[] = isOld(bench.model)
      ? [
          { ...web, answer: oldPage },
          { port: 'grpc', side: 'web', speaks: 'grpc', paths: CALLS, answer: answerCalls(bench, own) },
        ]
      : [{ ...web, answer: restOf(bench, own) }];
    return [
      ...page,
      {
        port: 'rpc',
        side: 'api',
        speaks: 'rpc',
        // The mining process serves it, so a stopped one says nothing.
        answer: (device, asked) => (device.look.asleep && own.stopped ? { reply: null } : answerRpc(device, asked)),
      },
    ];
  },
};

const PREFIX = '/api/v1/';
const HOME = '<html><head><title>Braiins OS</title></head><body></body></html>';

function oldPage(device: Device, asked: WebRequest): Outcome<WebReply> {
  if (asked.path === '/') return { reply: htmlReply(HOME) };
  if (asked.path === '/graphql' && asked.method === 'POST') return answerGraphql(device, asked);
  return { reply: htmlReply('Not found', 404) };
}

function restOf(bench: Bench, own: Own): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const sessions = newSessions({ random: bench.random, lifeMs: TOKEN_LIFE_S * 1_000, idle: true });
  const say = (value: unknown, status = 200): Outcome<WebReply> => ({ reply: jsonReply(value, status) });
  const login = (device: Device, body: string): Outcome<WebReply> => {
    const { user, password } = bench.account(device);
    const given = parseObject(body);
    if (given?.username !== user || given?.password !== password) return say({ message: 'Invalid credentials' }, 401);
    return say({ token: sessions.open(bench.monoMs()), timeout_s: TOKEN_LIFE_S });
  };
  return (device, asked) => {
    if (asked.path === '/') return { reply: htmlReply(HOME) };
    if (!asked.path.startsWith(PREFIX)) return say({ message: 'Not found' }, 404);
    const name = asked.path.slice(PREFIX.length).replace(/\/$/, '');
    if (name === 'version') return say(VERSION);
    if (name === 'auth/login') return asked.method === 'POST' ? login(device, asked.body) : say({}, 405);
    // The token is the whole header: `Bearer` before it makes it another.
    if (!sessions.alive(asked.headers.authorization, bench.monoMs())) return say({ message: 'Unauthorized' }, 401);
    const read = asked.method === 'GET' && Object.hasOwn(READS, name) ? READS[name] : undefined;
    if (read) return say(read({ device, stopped: own.stopped }));
    const written = write(device, { ...asked, name }, own);
    if (written?.action === 'reboot' && !device.look.heedless) sessions.clear();
    return written ?? say({ message: 'Not found' }, 404);
  };
}
