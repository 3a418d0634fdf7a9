import type { Device } from '../device.ts';
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
import { devs, mcbStatus, pools, RPC_BY, RPC_READS } from './reads.ts';
import { type Plans, selected, setting, WRITES } from './writes.ts';

/** A web API behind a login for one session, and the RPC that older units have. */
export const goldshell: Family = {
  family: 'goldshell',
  account: { user: 'admin', password: '123456789' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: webOf(bench) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: readsOnly(RPC_BY, RPC_READS) },
  ],
};

const HOME = htmlReply('<html><head><title>cloud-box</title></head><body><div id="app"></div></body></html>');
const NOT_FOUND = jsonReply({ error: 'not found' }, 404);
const UNAUTHORISED = jsonReply({ error: 'unauthorized' }, 401);
// The sheet names no life of a token.
const TOKEN_LIFE_MS = 30 * 60_000;

function webOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const sessions = newSessions({ random: bench.random, lifeMs: TOKEN_LIFE_MS, idle: true, max: 1 });
  const plans: Plans = { awake: 0 };
  return (device, asked) => {
    if (asked.path === '/') return { reply: HOME };
    if (asked.path === '/user/login') return { reply: login(device, asked, { bench, sessions }) };
    if (asked.path === '/user/logout') {
      sessions.clear();
      return { reply: jsonReply({}) };
    }
    const token = /^bearer (.+)$/i.exec(asked.headers.authorization ?? '')?.[1];
    if (!sessions.alive(token, bench.monoMs())) return { reply: UNAUTHORISED };
    return behind(device, asked, plans);
  };
}

type Desk = Readonly<{ bench: Bench; sessions: Sessions }>;

/** A wrong password is answered as well, only without a token (protocol sheet, 18.4). */
function login(device: Device, { query }: WebRequest, { bench, sessions }: Desk): WebReply {
  const { user, password } = bench.account(device);
  const right = query.get('cipher') === 'false' && query.get('username') === user && query.get('password') === password;
  return jsonReply(right ? { 'JWT Token': sessions.open(bench.monoMs()) } : { error: 'invalid username or password' });
}

function behind(device: Device, { method, path, query, body }: WebRequest, plans: Plans): Outcome<WebReply> {
  if (method === 'PUT') return WRITES[path]?.(device, body, plans) ?? { reply: NOT_FOUND };
  switch (path) {
    case '/mcb/status':
      return { reply: jsonReply(mcbStatus(device)) };
    case '/mcb/setting':
      return { reply: jsonReply(setting(device, plans)) };
    case '/mcb/pools':
      return { reply: jsonReply(pools(device)) };
    case '/mcb/cgminer': {
      // Asked for as a query, and on older firmware as a form.
      const command = query.get('cgminercmd') ?? new URLSearchParams(body).get('cgminercmd');
      return { reply: command === 'devs' ? jsonReply(devs(device, selected(device, plans))) : NOT_FOUND };
    }
    default:
      return { reply: NOT_FOUND };
  }
}
