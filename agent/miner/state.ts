import type { MiningState } from '../../shared/snapshot.ts';
import { NO_PASSWORD } from './link.ts';
import type { Found } from './resolve.ts';

/** Right after a start pools are not yet connected and rates not yet counted: whatever they say means nothing. */
const SETTLE_S = 120;
/** Longest known way from a start to full rate (fact sheet 18.1): before it, no rate is no failure. */
const START_S = 15 * 60;

const NO_POOL = 'no configured pool serves work';

export type StateFacts = Readonly<{ found: Found; processDown: boolean; authFailed: boolean; noPassword?: true }>;
export type State = Readonly<{ miningState: MiningState; errors: Found['errors'] }>;

/** The fact sheet's 18.5 for what a family's declaration has found out. */
export function stateOf({ found, processDown, authFailed, noPassword }: StateFacts): State {
  if (authFailed) return also('unknown', 'auth_failed', noPassword ? NO_PASSWORD : 'the device refuses our password');
  if (found.asleep === true) return plain('sleeping');
  // "Hashing" without a rate is a hope: figures decide.
  if (found.state !== undefined && found.state !== 'hashing') return worded(found, found.state);
  if (works(found)) return plain(found.ready === false ? 'starting' : 'hashing');
  // Its pages already count the time of a process whose API is not up yet.
  if (processDown && (found.uptimeS ?? SETTLE_S) < SETTLE_S) return plain('starting');
  if (processDown) return also('stopped', 'process_down', 'the device answers, its mining process does not');
  return resting(found);
}

/** The device's own word, with the reason that operators look for. */
const worded = (found: Found, state: MiningState): State =>
  state === 'idle' && allPoolsDead(found) ? also('idle', 'no_pool', NO_POOL) : plain(state);

export const works = (found: Found): boolean =>
  found.working ?? Math.max(found.hashrateThs ?? 0, found.otherRates?.now ?? 0) > 0;

/** Awake and without a rate. */
function resting(found: Found): State {
  if (found.working === undefined && found.hashrateThs === undefined && found.otherRates === undefined) {
    return plain('unknown');
  }
  const uptimeS = found.uptimeS ?? START_S;
  if (uptimeS < SETTLE_S) return plain('starting');
  if (allPoolsDead(found)) return also('idle', 'no_pool', NO_POOL);
  if (found.faulty === true) return plain('error');
  return plain(found.ready === false || uptimeS < START_S ? 'starting' : 'idle');
}

const allPoolsDead = ({ pools }: Found): boolean =>
  pools !== undefined && pools.length > 0 && pools.every(({ state }) => state === 'dead' || state === 'disabled');

const plain = (miningState: MiningState): State => ({ miningState, errors: [] });
const also = (miningState: MiningState, code: string, message: string): State => ({
  miningState,
  errors: [{ code, message }],
});
