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
import { newSessions } from '../sessions.ts';
import { network, panel, pools } from './panel.ts';

/** Forms behind a cookie. It can be read and made to blink, and nothing else. */
export const iceriver: Family = {
  family: 'iceriver',
  account: { user: 'admin', password: '12345678' },
  doors: (bench) => [{ port: 'http', side: 'web', speaks: 'http', answer: webOf(bench) }],
};

const HOME = htmlReply('<html><head><title>用户界面</title></head><body></body></html>');
const LOGIN_PAGE = htmlReply('<html><head><title>用户登录</title></head><body><form></form></body></html>');
const TO_LOGIN: WebReply = { ...LOGIN_PAGE, status: 302, headers: { Location: '/user/login' } };
const COOKIE = 'session';
// The sheet names no life of a cookie.
const COOKIE_LIFE_MS = 30 * 60_000;

const said = (data: unknown): WebReply => jsonReply({ error: 0, data, message: '' });

function webOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const sessions = newSessions({ random: bench.random, lifeMs: COOKIE_LIFE_MS, idle: true });
  return (device, asked) => {
    if (asked.path === '/') return { reply: HOME };
    if (asked.path === '/user/login') return { reply: LOGIN_PAGE };
    const form = formOf(asked);
    if (asked.path === '/user/loginpost') {
      const { user, password } = bench.account(device);
      const right = form.post === '6' && form.user === user && form.pwd === password;
      if (!right) return { reply: LOGIN_PAGE };
      const cookie = `${COOKIE}=${sessions.open(bench.monoMs())}; Path=/; HttpOnly`;
      const { headers, ...reply } = said({});
      return { reply: { ...reply, headers: { ...headers, 'Set-Cookie': cookie } } };
    }
    const cookie = new RegExp(`(?:^|; ?)${COOKIE}=([^;]+)`).exec(asked.headers.cookie ?? '')?.[1];
    if (!sessions.alive(cookie, bench.monoMs())) return { reply: TO_LOGIN };
    return behind(device, asked.path, form);
  };
}

type Form = Readonly<Record<string, string>>;

/** Clients put the fields into the address, into the body, or half and half. */
const formOf = ({ query, body }: WebRequest): Form => Object.fromEntries([...new URLSearchParams(body), ...query]);

function behind(device: Device, path: string, { post, locate }: Form): Outcome<WebReply> {
  if (path === '/user/userpanel' && post === '4') return { reply: said(panel(device)) };
  if (path === '/user/userpanel' && post === '5') return { reply: said({}), change: { blink: locate === '1' } };
  if (path === '/user/machineconfig') return { reply: said({ pools: pools(device), ratio: 1, mode: 1 }) };
  if (path === '/user/ipconfig') return { reply: said(network(device)) };
  return { reply: htmlReply('<html><body>404</body></html>', 404) };
}
