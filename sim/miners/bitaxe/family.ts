import type { Device } from '../device.ts';
import { type Family, htmlReply, jsonReply, type Outcome, type WebReply, type WebRequest } from '../family.ts';
import { asic, info, isOld, type Tuning } from './info.ts';
import { FIRST_TUNING, patched } from './settings.ts';

/** AxeOS: one open web API. There is no password to be wrong: who asks from the same network is let in. */
export const bitaxe: Family = {
  family: 'bitaxe',
  account: { user: '', password: '' },
  doors: () => [{ port: 'http', side: 'web', speaks: 'http', answer: web() }],
};

const HOME = htmlReply('<html><head><title>AxeOS</title></head><body><app-root></app-root></body></html>');
export const NOT_FOUND = jsonReply({ error: 'Not found' }, 404);
export const BAD = jsonReply({ error: 'Invalid JSON' }, 400);
export const DONE = jsonReply({ message: 'ok' });

function web(): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const tuning: Tuning = { ...FIRST_TUNING };
  return (device, { method, path, body }) => {
    if (method === 'POST') return post(device, path);
    if (method === 'PATCH') {
      const change = path === '/api/system' ? patched(device, tuning, body) : null;
      return change === null ? { reply: BAD } : { reply: DONE, change };
    }
    if (path === '/') return { reply: HOME };
    if (path === '/api/system/info') return { reply: jsonReply(info(device, tuning)) };
    return { reply: path === '/api/system/asic' && !isOld(device) ? jsonReply(asic(device)) : NOT_FOUND };
  };
}

function post(device: Device, path: string): Outcome<WebReply> {
  const { asleep } = device.look;
  if (path === '/api/system/restart') return { reply: DONE, action: 'reboot' };
  if (isOld(device)) return { reply: NOT_FOUND };
  switch (path) {
    case '/api/system/pause':
      return { reply: DONE, action: asleep ? null : 'sleep' };
    case '/api/system/resume':
      return { reply: DONE, action: asleep ? 'wake' : null };
    // It toggles; the real one stops by itself after half a minute.
    case '/api/system/identify':
      return { reply: DONE, change: { blink: !device.blink } };
    default:
      return { reply: NOT_FOUND };
  }
}
