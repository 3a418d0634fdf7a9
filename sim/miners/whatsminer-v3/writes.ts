import type { PlantAction } from '../../plant/fault.ts';
import { type Device, type PoolSlot, threePools } from '../device.ts';
import type { Change } from '../family.ts';
import { openParam, type Proof } from './token.ts';

/** What a `set.*` request asks for; a number is the code of its refusal (protocol sheet, section 5). */
export type Wanted = Readonly<{ action?: PlantAction; change?: Change }> | -2 | -3;

const SERVICES: Readonly<Record<string, PlantAction>> = {
  restart: 'restart',
  stop: 'sleep',
  disable: 'sleep',
  start: 'wake',
  enable: 'wake',
};
// Taken, and without effect on this device.
const TAKEN =
  /^set\.(miner\.(power_mode|power_percent|fastboot|report|heat_mode)|fan\.\w+|system\.(hostname|net_config))$/;
const POWER_LIMIT_MAX_W = 99_999;

export const isWrite = (cmd: string): boolean => Object.hasOwn(WRITES, cmd) || TAKEN.test(cmd);

export function wanted(device: Device, proof: Proof, param: unknown): Wanted {
  const write = Object.hasOwn(WRITES, proof.cmd) ? WRITES[proof.cmd] : undefined;
  return write ? write(param, device, proof) : {};
}

const WRITES: Readonly<Record<string, (param: unknown, device: Device, proof: Proof) => Wanted>> = {
  'set.miner.service': (param) => {
    if (param === undefined) return -3;
    const action = Object.hasOwn(SERVICES, String(param)) ? SERVICES[String(param)] : undefined;
    return action ? { action } : -2;
  },
  'set.system.reboot': () => ({ action: 'reboot' }),
  'set.miner.power_limit': (param, { look }) => {
    if (param === undefined) return -3;
    if (typeof param !== 'number' || !Number.isInteger(param) || param < 0 || param > POWER_LIMIT_MAX_W) return -2;
    // The limit is taken by starting the mining process anew.
    return { change: { powerLimitW: param }, ...(look.asleep ? {} : { action: 'restart' }) };
  },
  'set.system.led': (param) => {
    if (param === undefined) return -3;
    if (param === 'auto') return { change: { blink: false } };
    return Array.isArray(param) && param.length > 0 ? { change: { blink: true } } : -2;
  },
  'set.miner.pools': (param, { look }, proof) => {
    if (typeof param !== 'string') return -3;
    const text = openParam(proof, param, look.traits.quirk % 2 === 0 ? 'pkcs7' : 'zero');
    const pools = text === null ? null : poolsIn(text);
    return pools === null ? -2 : { change: { pools } };
  },
};

function poolsIn(text: string): PoolSlot[] | null {
  try {
    const rows: unknown = JSON.parse(text);
    if (!Array.isArray(rows) || rows.length === 0) return null;
    const slots = rows.map(({ pool, worker, passwd }: Readonly<Record<string, unknown>>) => ({
      url: String(pool ?? ''),
      user: String(worker ?? ''),
      pass: String(passwd ?? ''),
    }));
    return slots[0]?.url === '' ? null : threePools(slots);
  } catch {
    return null;
  }
}
