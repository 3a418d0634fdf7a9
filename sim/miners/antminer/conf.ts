import type { PlantAction } from '../../plant/fault.ts';
import { type PoolSlot, threePools } from '../device.ts';
import { parseObject } from '../envelope.ts';

export type ConfWrite =
  | Readonly<{ ok: true; pools: readonly PoolSlot[]; action: PlantAction }>
  | Readonly<{ ok: false; reply: Readonly<Record<string, string>> }>;

export const CONF_OK = { stats: 'success', code: 'M000', msg: 'OK!' } as const;
const CONF_BAD = { stats: 'error', code: 'M001', msg: 'Invalid parameter' } as const;

/**
 * A posted configuration (protocol sheet, 3.3 and 3.4). `miner-mode` is the key that counts; `bitmain-work-mode` is
 * accepted and changes nothing. Any accepted post makes the mining process load again.
 */
export function readConf(body: string, asleep: boolean): ConfWrite {
  const conf = parseObject(body);
  const pools = Array.isArray(conf?.pools) ? conf.pools.map(slot) : [];
  if (conf === null || (pools[0]?.url ?? '') === '') return { ok: false, reply: CONF_BAD };
  return { ok: true, pools: threePools(pools), action: actionOf(conf['miner-mode'], asleep) };
}

function actionOf(mode: unknown, asleep: boolean): PlantAction {
  if (mode === 1 || mode === '1') return 'sleep';
  return asleep && (mode === 0 || mode === '0') ? 'wake' : 'restart';
}

function slot(value: unknown): PoolSlot {
  const { url, user, pass } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { url: String(url ?? ''), user: String(user ?? ''), pass: String(pass ?? '') };
}
