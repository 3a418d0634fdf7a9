import type { Miner } from '../../config/site.ts';
import type { MinerLook } from '../../shared/view.ts';
import { hashesWell, type Seen } from './seen.ts';

export type Sight = Readonly<{ look: MinerLook; why: string | null }>;

/** How a miner looks by its last reading alone. `fresh`: the reading is young enough to speak of now. */
export function sightOf(miner: Miner, seen: Seen | undefined, judge: { fresh: boolean; healthyPct: number }): Sight {
  if (seen === undefined) return { look: 'unknown', why: 'never read' };
  if (!judge.fresh) return { look: 'unknown', why: 'its last reading is old' };
  if (seen.unreadable !== null) return { look: 'down', why: seen.detail ?? seen.unreadable };
  if (seen.snapshot === null) return { look: 'unknown', why: 'no reading' };
  const { miningState, errors } = seen.snapshot;
  if (hashesWell(miner, seen.snapshot, judge.healthyPct)) return { look: 'hashing', why: null };
  const fault = errors[0]?.message ?? null;
  switch (miningState) {
    case 'hashing':
      return { look: 'down', why: fault ?? 'hashes below what is expected, or on no live pool' };
    case 'starting':
      return { look: 'starting', why: null };
    case 'sleeping':
      return { look: 'sleeping', why: null };
    case 'unknown':
      return { look: 'unknown', why: fault };
    default:
      return { look: 'down', why: fault ?? miningState };
  }
}
