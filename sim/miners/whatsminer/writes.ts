import type { PlantAction } from '../../plant/fault.ts';
import type { Device } from '../device.ts';
import { parseObject, type Reply } from '../envelope.ts';
import { decrypt, encrypt, type Keys } from './cipher.ts';
import { control, READS, refusal } from './reads.ts';
import type { Tokens } from './tokens.ts';

/** What an encrypted command comes to: the reply (null: the line closes without one) and what happens to the miner. */
export type Written = Readonly<{ reply: Reply | null; action: PlantAction | null; blink: boolean | null }>;

export type Session = Readonly<{ keys: () => Keys; tokens: Tokens; client: string; monoMs: number }>;

const ACTIONS: Readonly<Record<string, PlantAction>> = {
  restart_btminer: 'restart',
  reboot: 'reboot',
  power_off: 'sleep',
  power_on: 'wake',
};
// Commands that the API has and this device takes without their changing anything here.
const TAKEN = /^(set_led|set_power_pct|set_power_pct_v2|set_low_power|set_normal_power|set_high_power)$/;

const WRITES = new RegExp(`^(${Object.keys(ACTIONS).join('|')})$|${TAKEN.source}`);

/** A write command outside the cipher is refused, whatever the switch says. */
export const isWrite = (command: string): boolean => WRITES.test(command);

const nothing = (reply: Reply): Written => ({ reply, action: null, blink: null });

/** `{"enc":1,"data":"…"}` (protocol sheet, 4.3). Refusals come unencrypted, as on the devices. */
export function write(device: Device, session: Session, data: unknown): Written {
  const refuse = (code: number, msg: string): Written => nothing(refusal(device, code, msg));
  if (device.look.writesOff) return refuse(45, "can't access write cmd");
  const text = typeof data === 'string' ? decrypt(session.keys(), data) : null;
  if (text === null) return refuse(137, 'base64 decode err');
  const order = parseObject(text);
  if (order === null) return unreadable(device, session);
  const command = String(order.cmd ?? order.command ?? '');
  if (READS[command]) return nothing({ enc: encrypt(session.keys(), JSON.stringify(READS[command](device))) });
  if (!session.tokens.accepts(session.client, String(order.token ?? ''), session.monoMs)) {
    return refuse(135, 'check token err');
  }
  return obey(device, session, { command, order });
}

/** Another password gives another key. Some devices say so; others answer with a key that the client has not. */
function unreadable(device: Device, { keys }: Session): Written {
  const answer = refusal(device, 135, 'check token err');
  const odd = device.look.traits.quirk % 2 === 1;
  return nothing(odd ? { enc: encrypt(keys(), JSON.stringify(answer)) } : answer);
}

function obey(device: Device, { keys }: Session, { command, order }: { command: string; order: Reply }): Written {
  const sealed = (reply: Reply): Reply => ({ enc: encrypt(keys(), JSON.stringify(reply)) });
  const action = ACTIONS[command] ?? null;
  if (action === null && !TAKEN.test(command)) return nothing(sealed(refusal(device, 14, 'invalid cmd')));
  const silent = command === 'reboot' && device.look.traits.quirk % 2 === 0;
  const reply = silent ? null : sealed(control(device, 131, 'API command OK'));
  return { reply, action, blink: command === 'set_led' ? order.param !== 'auto' : null };
}
