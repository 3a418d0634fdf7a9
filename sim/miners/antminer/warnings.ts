import type { Device } from '../device.ts';
import { htmlReply, jsonReply, type Outcome, type WebReply, type WebRequest } from '../family.ts';
import { TROUBLES } from './web.ts';

/** Port 6060 of newer firmware, open to everybody (protocol sheet, 3.2). */
export function warnings({ look }: Device, { method, path }: WebRequest): Outcome<WebReply> {
  const code = look.trouble === null ? '' : TROUBLES[look.trouble].code;
  if (method === 'GET' && path === '/warning') return { reply: jsonReply({ error_message: code || 'None' }) };
  if (method === 'GET' && path === '/miner_power') {
    return { reply: { status: 200, headers: { 'Content-Type': 'text/plain' }, body: `miner power:${look.powerW}` } };
  }
  return { reply: htmlReply('not found', 404) };
}
