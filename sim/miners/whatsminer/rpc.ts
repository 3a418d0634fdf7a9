import type { Device } from '../device.ts';
import type { Reply, Request } from '../envelope.ts';
import { control, READS, refusal } from './reads.ts';
import { isWrite, type Session, type Written, write } from './writes.ts';

/** One request to the V2 API: reads are open, writes are encrypted (protocol sheet, section 4). */
export function answer(device: Device, session: Session & { salt: string }, request: Request): Written {
  const { command, json } = request;
  if (json.enc === 1 || json.enc === '1') return write(device, session, json.data);
  return { reply: read(device, session, command), action: null, change: {} };
}

function read(device: Device, session: Session & { salt: string }, command: string | null): Reply {
  if (command === 'get_token') return token(device, session);
  const found = command !== null && Object.hasOwn(READS, command) ? READS[command] : undefined;
  if (found) return found(device);
  if (command !== null && isWrite(command)) {
    return refusal(device, 45, device.look.writesOff ? "can't access write cmd" : 'permission denied');
  }
  return refusal(device, 14, 'invalid cmd');
}

function token(device: Device, { tokens, client, monoMs, salt }: Session & { salt: string }): Reply {
  const granted = tokens.grant(client, { monoMs, wallS: device.wallS });
  if (!granted.ok) return refusal(device, granted.code, granted.msg);
  return control(device, 134, { time: granted.time, salt, newsalt: granted.newsalt });
}

export const invalidJson = (device: Device): Reply => refusal(device, 23, 'invalid json');
