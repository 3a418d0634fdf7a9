import type { Miner } from '../../config/site.ts';
import type { Seen } from './seen.ts';

/**
 * What a miner is taken to draw now, in whole watts. Its own word where it gives one; otherwise by what it does. Of
 * one that cannot be read nothing is known, so it is charged with what it is expected to draw.
 */
export function drawW(miner: Miner, seen: Seen | undefined, fresh: boolean): number {
  const { steadyW, bootOverheadW } = miner.profile;
  if (!fresh || seen === undefined || seen.unreadable !== null || seen.snapshot === null) return steadyW;
  const { powerW, miningState } = seen.snapshot;
  if (powerW !== null) return Math.round(powerW);
  switch (miningState) {
    case 'starting':
      return steadyW + bootOverheadW;
    case 'idle':
    case 'sleeping':
    case 'stopped':
    case 'error':
      return 0; // boards are off; fans and control board draw some tens of watts, which no meter here tells apart
    default:
      return steadyW;
  }
}
