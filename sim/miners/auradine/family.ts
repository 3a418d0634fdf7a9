import { status } from '../cgminer.ts';
import type { Device } from '../device.ts';
import { envelope, parseObject } from '../envelope.ts';
import {
  type Bench,
  type Family,
  htmlReply,
  jsonReply,
  type Outcome,
  type WebReply,
  type WebRequest,
} from '../family.ts';
import { readsOnly } from '../read-only.ts';
import { newSessions, type Sessions } from '../sessions.ts';
import { REST_READS, RPC_BY, RPC_READS, SYSTEM } from './reads.ts';
import { failed, MODE_CODE, type Modes, mode, WRITES } from './writes.ts';

/** FluxOS: open reads over RPC, everything else over REST with a token, and a page that has only its name. */
export const auradine: Family = {
  family: 'auradine',
  account: { user: 'admin', password: 'admin' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: () => ({ reply: HOME }) },
    { port: 'alt', side: 'web', speaks: 'http', answer: restOf(bench) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: readsOnly(RPC_BY, RPC_READS) },
  ],
};

const HOME = htmlReply('<html><head><title>Miner UI</title></head><body><div id="root"></div></body></html>');
const TOKEN_CODE = 550;
// The sheet names no life; a client that is refused asks for another.
const TOKEN_LIFE_MS = 60 * 60_000;
const UNAUTHORISED = 401;

function restOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const sessions = newSessions({ random: bench.random, lifeMs: TOKEN_LIFE_MS, idle: false });
  const modes: Modes = { awake: 'normal' };
  return (device, asked) => {
    if (asked.path === '/token') return { reply: login(device, asked, { bench, sessions }) };
    if (!sessions.alive(asked.headers.token, bench.monoMs())) {
      return { reply: jsonReply(failed(device, TOKEN_CODE, 'Invalid token'), UNAUTHORISED) };
    }
    const { reply, ...rest } = behind(device, asked, modes);
    if (rest.action === 'reboot') sessions.clear();
    return { reply, ...rest };
  };
}

type Desk = Readonly<{ bench: Bench; sessions: Sessions }>;

/** A wrong password is no 401 but a reply with STATUS E (protocol sheet, 18.4). */
function login(device: Device, { body }: WebRequest, { bench, sessions }: Desk): WebReply {
  const given = parseObject(body) ?? {};
  const { user, password } = bench.account(device);
  if (given.command !== 'token' || given.user !== user || given.password !== password) {
    return jsonReply(failed(device, TOKEN_CODE, 'Invalid user or password'));
  }
  const Token = [{ Token: sessions.open(bench.monoMs()) }];
  return jsonReply(envelope(status(device, SYSTEM, { code: TOKEN_CODE, msg: 'Token' }), { Token }));
}

function behind(device: Device, { method, path, body }: WebRequest, modes: Modes): Outcome<WebReply> {
  if (method === 'POST') {
    const write = Object.hasOwn(WRITES, path) ? WRITES[path] : undefined;
    const given = parseObject(body);
    if (!write) return { reply: NOT_FOUND };
    if (given === null) return { reply: jsonReply(failed(device, MODE_CODE, 'Invalid JSON')) };
    const { reply, ...rest } = write(device, given, modes);
    return { reply: jsonReply(reply), ...rest };
  }
  if (path === '/mode') return { reply: jsonReply(mode(device, modes)) };
  const read = Object.hasOwn(REST_READS, path) ? REST_READS[path] : undefined;
  return { reply: read ? jsonReply(read(device)) : NOT_FOUND };
}

const NOT_FOUND = jsonReply({ error: 'not found' }, 404);
