import type { PlantAction } from '../../plant/fault.ts';
import { type Device, threePools } from '../device.ts';
import { parseObject, type Reply } from '../envelope.ts';
import type { Change } from '../family.ts';
import { decrypt, encrypt, type Keys } from './cipher.ts';
import { control, ordinaryW, READS, refusal } from './reads.ts';
import type { Tokens } from './tokens.ts';

/** What an encrypted command comes to: the reply (null: the line closes without one) and what happens to the miner. */
export type Written = Readonly<{ reply: Reply | null; action: PlantAction | null; change: Change }>;

export type Session = Readonly<{ keys: () => Keys; tokens: Tokens; client: string; monoMs: number }>;

const ACTIONS: Readonly<Record<string, PlantAction>> = {
  restart_btminer: 'restart',
  reboot: 'reboot',
  power_off: 'sleep',
  power_on: 'wake',
};
// Commands that the API has and this device takes without their changing anything here.
const TAKEN =
  /^(set_power_pct|set_power_pct_v2|set_low_power|set_normal_power|set_high_power|enable_web_pools|disable_web_pools)$/;

type Setting = Readonly<{ change: Change; action?: PlantAction }>;

/** Commands that change a setting; null where their values are none. */
const SETTINGS: Readonly<Record<string, (order: Reply, device: Device) => Setting | null>> = {
  set_led: ({ param }) => ({ change: { blink: param !== 'auto' } }),
  adjust_power_limit: ({ power_limit: limit }, { look }) => {
    const watts = typeof limit === 'string' ? Number(limit) : Number.NaN;
    const fits = Number.isInteger(watts) && watts >= 0 && watts <= ordinaryW(look.traits.steadyW);
    // The limit is taken by starting the mining process anew.
    return fits ? { change: { powerLimitW: watts }, ...(look.asleep ? {} : { action: 'restart' }) } : null;
  },
  update_pools: (order) => {
    const slots = [1, 2, 3].map((n) => ({
      url: String(order[`pool${n}`] ?? ''),
      user: String(order[`worker${n}`] ?? ''),
      pass: String(order[`passwd${n}`] ?? ''),
    }));
    return slots[0]?.url === '' ? null : { change: { pools: threePools(slots) } };
  },
};

/** A write command outside the cipher is refused, whatever the switch says. */
export const isWrite = (command: string): boolean =>
  Object.hasOwn(ACTIONS, command) || Object.hasOwn(SETTINGS, command) || TAKEN.test(command);

const nothing = (reply: Reply): Written => ({ reply, action: null, change: {} });

/** `{"enc":1,"data":"…"}` (protocol sheet, 4.3). Refusals come unencrypted, as on the devices. */
export function write(device: Device, session: Session, data: unknown): Written {
  const refuse = (code: number, msg: string): Written => nothing(refusal(device, code, msg));
  if (device.look.writesOff) return refuse(45, "can't access write cmd");
  const text = typeof data === 'string' ? decrypt(session.keys(), data) : null;
  if (text === null) return refuse(137, 'base64 decode err');
  const order = parseObject(text);
  if (order === null) return unreadable(device, session);
  const command = String(order.cmd ?? order.command ?? '');
  const read = Object.hasOwn(READS, command) ? READS[command] : undefined;
  if (read) return nothing({ enc: encrypt(session.keys(), JSON.stringify(read(device))) });
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
  const refuse = (code: number, msg: string): Written => nothing(sealed(refusal(device, code, msg)));
  if (!isWrite(command)) return refuse(14, 'invalid cmd');
  const setting = SETTINGS[command]?.(order, device);
  if (setting === null) return refuse(132, 'API command ERROR');
  const silent = command === 'reboot' && device.look.traits.quirk % 2 === 0;
  const reply = silent ? null : sealed(control(device, 131, 'API command OK'));
  return { reply, action: ACTIONS[command] ?? setting?.action ?? null, change: setting?.change ?? {} };
}
