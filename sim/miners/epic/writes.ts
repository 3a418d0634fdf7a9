import type { PlantAction } from '../../plant/fault.ts';
import { type Device, type PoolSlot, threePools } from '../device.ts';
import type { Reply } from '../envelope.ts';
import type { Change } from '../family.ts';
import { ALGORITHMS, targetRange, wattsOf } from './reads.ts';

/** What a POST comes to; a text is why it is refused (protocol sheet, section 10). */
export type Wanted = Readonly<{ action?: PlantAction; afterMs?: number; change?: Change }> | string;

export const WRITES: Readonly<Record<string, (param: unknown, device: Device) => Wanted>> = {
  '/miner': (param) => {
    if (param === 'Stop') return { action: 'sleep' };
    return param === 'Autostart' ? { action: 'wake' } : `Unknown command ${String(param)}`;
  },
  '/softreboot': (param) => delayed('restart', param),
  '/reboot': (param) => delayed('reboot', param),
  '/identify': (param) => (typeof param === 'boolean' ? { change: { blink: param } } : 'param must be a boolean'),
  '/coin': setCoin,
  '/perpetualtune': (param) => (typeof param === 'boolean' ? {} : 'param must be a boolean'),
  '/perpetualtune/algo': setTarget,
  '/fanspeed': () => ({}),
};

/** `param` is the delay in seconds. */
function delayed(action: PlantAction, param: unknown): Wanted {
  const seconds = Number(param);
  return typeof param !== 'boolean' && seconds >= 0
    ? { action, afterMs: seconds * 1_000 }
    : 'param must be a delay in seconds';
}

/** The whole of the pools: those not named are gone. */
function setCoin(param: unknown): Wanted {
  const { coin, stratum_configs: configs } = objectOf(param);
  const pools = Array.isArray(configs) ? configs.map(slot) : [];
  if (typeof coin !== 'string' || (pools[0]?.url ?? '') === '') return 'coin and stratum_configs are needed';
  return { change: { pools: threePools(pools) } };
}

function setTarget(param: unknown, device: Device): Wanted {
  const { algo, target } = objectOf(param);
  if (!ALGORITHMS.some((known) => known === algo)) return `Unknown algorithm ${String(algo)}`;
  const { min, max } = targetRange(device);
  if (typeof target !== 'number' || target < min || target > max) return `target must be in ${min}..${max} TH/s`;
  return { change: { powerLimitW: wattsOf(device, target) } };
}

const objectOf = (value: unknown): Reply =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Reply) : {};

function slot(value: unknown): PoolSlot {
  const { pool, login, password } = objectOf(value);
  return { url: String(pool ?? ''), user: String(login ?? ''), pass: String(password ?? '') };
}
