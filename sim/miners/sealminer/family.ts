import { type Device, macOf, plainModel, serialOf } from '../device.ts';
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
import { newSessions } from '../sessions.ts';
import { BY, READS } from './rpc.ts';

/** Bitdeer's own: pages behind a cookie, and an RPC with reads alone. The sheet has no default password; it is guessed. */
export const sealminer: Family = {
  family: 'sealminer',
  account: { user: 'seal', password: 'seal' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: webOf(bench) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: readsOnly(BY, READS) },
  ],
};

const HOME = htmlReply('<html><head><link rel="stylesheet" href="/css/amazeui.min.css"></head><body></body></html>');
const LOGIN_PAGE = htmlReply('<html><body><form action="/cgi-bin/login.php"></form></body></html>');
const TO_LOGIN: WebReply = { ...LOGIN_PAGE, status: 302, headers: { Location: '/' } };
const COOKIE = 'PHPSESSID';
const COOKIE_LIFE_MS = 30 * 60_000;

function webOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const sessions = newSessions({ random: bench.random, lifeMs: COOKIE_LIFE_MS, idle: true });
  return (device, { method, path, headers, body }) => {
    if (path === '/') return { reply: HOME };
    if (path === '/cgi-bin/login.php' && method === 'POST') {
      const form = new URLSearchParams(body);
      const { user, password } = bench.account(device);
      const right = form.get('username') === user && form.get('origin_pwd') === password;
      if (!right) return { reply: LOGIN_PAGE };
      const cookie = `${COOKIE}=${sessions.open(bench.monoMs())}; path=/`;
      return { reply: { ...TO_LOGIN, headers: { Location: '/', 'Set-Cookie': cookie } } };
    }
    const cookie = new RegExp(`(?:^|; ?)${COOKIE}=([^;]+)`).exec(headers.cookie ?? '')?.[1];
    if (!sessions.alive(cookie, bench.monoMs())) return { reply: TO_LOGIN };
    if (path === '/cgi-bin/get_system_info.php') return { reply: jsonReply(systemInfo(device)) };
    return { reply: htmlReply('<html><body>404</body></html>', 404) };
  };
}

const systemInfo = ({ look, address }: Device): unknown => ({
  minertype: plainModel(look),
  hostname: 'sealminer',
  macaddr: macOf(look),
  ipaddress: address,
  netmask: '255.0.0.0',
  nettype: 'DHCP',
  serial_no: serialOf(look, 'SIMS'),
  firmware_version: '1.0.0',
});
