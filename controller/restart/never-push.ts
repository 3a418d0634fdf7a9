import { faultOf } from '../../shared/faults.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';

/** The reason never to push this miner, with its own words as evidence; null when there is none. */
export function neverPush(
  snapshot: Pick<MinerSnapshot, 'family' | 'errors'> & Partial<Pick<MinerSnapshot, 'miningState'>>,
): string | null {
  const fault = faultOf(snapshot);
  // Boards without power are counted as missing: only an awake miner can tell.
  const asleep = snapshot.miningState === 'sleeping' && fault?.kind === 'boards';
  return fault === null || asleep ? null : `${fault.why} (${fault.said})`;
}
