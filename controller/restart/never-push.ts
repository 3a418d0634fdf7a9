import { faultOf } from '../../shared/faults.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';

/** The reason never to push this miner, with its own words as evidence; null when there is none. */
export function neverPush(snapshot: Pick<MinerSnapshot, 'family' | 'errors'>): string | null {
  const fault = faultOf(snapshot);
  return fault === null ? null : `${fault.why} (${fault.said})`;
}
