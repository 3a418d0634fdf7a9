import type { PlantAction } from '../../plant/fault.ts';
import type { Device, PoolSlot } from '../device.ts';
import { parseObject } from '../envelope.ts';
import { buildOf } from './build.ts';
import { CONF_OK, type Posted, readConf } from './conf.ts';
import { READ_PAGES } from './web.ts';

/** What one authorised page request comes to. `status` null: the connection closes before an answer. */
export type Page = Readonly<{
  status: number | null;
  body: string;
  action: PlantAction | null;
  pools: readonly PoolSlot[] | null;
  blink: boolean | null;
  /** Of the answer; default: that of a written configuration, else none. */
  delayMs?: number;
}>;

export const plain: Page = { status: 200, body: '', action: null, pools: null, blink: null };
export const json = (value: unknown): Page => ({ ...plain, body: `${JSON.stringify(value)}\n` });
export const NOT_FOUND: Page = { ...plain, status: 404, body: '<html><body><h1>404 - Not Found</h1></body></html>' };
const HOME = '<html><head><title>Antminer</title></head><body></body></html>';

export function page(device: Device, asked: Posted & Readonly<{ method: string; uri: string }>): Page {
  const path = asked.uri.split('?')[0] ?? '';
  if (path === '/' || path === '/index.html') return { ...plain, body: HOME };
  const name = path.replace(/^\/cgi-bin\//, '');
  if (name === path) return NOT_FOUND;
  // The device goes down before its web server has answered (protocol sheet, 3.3).
  if (name === 'reboot.cgi') return { ...plain, status: null, action: 'reboot' };
  if (asked.method === 'POST' && name === 'set_miner_conf.cgi') return setConf(device, asked);
  if (asked.method === 'POST' && name === 'blink.cgi') return setBlink(asked.body);
  const read = Object.hasOwn(READ_PAGES, name) ? READ_PAGES[name] : undefined;
  return read ? json(read(device)) : NOT_FOUND;
}

export function setConf({ look }: Device, posted: Posted): Page {
  const written = readConf(posted, look.asleep, buildOf(look).wants);
  if (!written.ok) return json(written.reply);
  return { ...json(CONF_OK), action: written.action, pools: written.pools };
}

export function setBlink(body: string): Page {
  const on = String(parseObject(body)?.blink) === 'true';
  return { ...json({ code: on ? 'B000' : 'B100' }), blink: on };
}
