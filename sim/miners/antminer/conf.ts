import type { PlantAction } from '../../plant/fault.ts';
import { type PoolSlot, threePools } from '../device.ts';
import { parseObject } from '../envelope.ts';
import type { Wants } from './build.ts';

export type ConfWrite =
  | Readonly<{ ok: true; pools: readonly PoolSlot[]; action: PlantAction }>
  | Readonly<{ ok: false; reply: Readonly<Record<string, string>> }>;

export const CONF_OK = { stats: 'success', code: 'M000', msg: 'OK!' } as const;
const CONF_BAD = { stats: 'error', code: 'M001', msg: 'Invalid parameter' } as const;

/** A posted document; `headers` are those of the request. */
export type Posted = Readonly<{ body: string; headers: Readonly<Record<string, string | undefined>> }>;

/**
 * A posted configuration (protocol sheet, 3.3 and 3.4). `miner-mode` is the key that counts; `bitmain-work-mode` is
 * accepted and changes nothing. Any accepted post makes the mining process load again.
 */
export function readConf({ body, headers }: Posted, asleep: boolean, wants: Wants): ConfWrite {
  const conf = parseObject(body);
  const pools = Array.isArray(conf?.pools) ? conf.pools.map(slot) : [];
  if (conf === null || (pools[0]?.url ?? '') === '') return { ok: false, reply: CONF_BAD };
  if (wants === 'page' && !(byPage(headers) && PAGE_KEYS.every((key) => key in conf))) {
    return { ok: false, reply: CONF_BAD };
  }
  const mode = conf['miner-mode'];
  const action = wants === 'text' && typeof mode === 'number' ? 'restart' : actionOf(mode, asleep);
  return { ok: true, pools: threePools(pools), action };
}

const PAGE_KEYS = ['miner-mode', 'freq-level', 'bitmain-fan-ctrl', 'bitmain-fan-pwm', 'pools'];

const byPage = (headers: Posted['headers']): boolean =>
  /^(text\/plain|application\/json)/i.test(headers['content-type'] ?? '') &&
  headers['x-requested-with'] === 'XMLHttpRequest';

function actionOf(mode: unknown, asleep: boolean): PlantAction {
  if (mode === 1 || mode === '1') return 'sleep';
  return asleep && (mode === 0 || mode === '0') ? 'wake' : 'restart';
}

function slot(value: unknown): PoolSlot {
  const { url, user, pass } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { url: String(url ?? ''), user: String(user ?? ''), pass: String(pass ?? '') };
}
