import { type Device, type PoolSlot, threePools } from '../device.ts';
import { parseObject, type Reply } from '../envelope.ts';
import type { Change } from '../family.ts';
import type { Tuning } from './info.ts';

export const FIRST_TUNING: Tuning = { frequency: 525, coreVoltage: 1_150 };

/** What `PATCH /api/system` changes: only the keys that are in it. null: no JSON. */
export function patched(device: Device, tuning: Tuning, body: string): Change | null {
  const given = parseObject(body);
  if (given === null) return null;
  if (!device.look.heedless) {
    if (typeof given.frequency === 'number') tuning.frequency = given.frequency;
    if (typeof given.coreVoltage === 'number') tuning.coreVoltage = given.coreVoltage;
  }
  const [first, second] = device.pools;
  const pools = threePools([merged(first, given, 'stratum'), merged(second, given, 'fallbackStratum')]);
  return Object.keys(given).some((key) => /stratum/i.test(key)) ? { pools } : {};
}

function merged(slot: PoolSlot | undefined, given: Reply, prefix: string): PoolSlot {
  const old = slot ?? { url: '', user: '', pass: '' };
  const [, oldHost = '', oldPort = ''] = /^(?:.*\/\/)?([^:/]*):?(\d*)/.exec(old.url) ?? [];
  const host = String(given[`${prefix}URL`] ?? oldHost);
  const port = String(given[`${prefix}Port`] ?? oldPort);
  return {
    url: host === '' ? '' : `stratum+tcp://${host}:${port}`,
    user: String(given[`${prefix}User`] ?? old.user),
    pass: String(given[`${prefix}Password`] ?? old.pass),
  };
}
