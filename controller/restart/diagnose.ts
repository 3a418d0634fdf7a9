import type { Miner, RestartPolicy } from '../../config/site.ts';
import type { Push } from '../../shared/outcome.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot, MiningState } from '../../shared/snapshot.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { hashesWell, type Seen } from '../site/seen.ts';
import { familyOf, nextPush, timesOf } from './ladder.ts';
import { neverPush } from './never-push.ts';

/** What is to be done with a miner, and the evidence for it. `wait` means that another look may tell more. */
export type Diagnosis =
  | Readonly<{ is: 'well' }>
  | Readonly<{ is: 'wait'; why: string }>
  | Readonly<{ is: 'push'; rung: Push; why: string }>
  | Readonly<{ is: 'ticket'; why: string }>;

/**
 * The first rung for a miner whose wait is over: the table of the orchestration reference, A7, for what a snapshot
 * can tell. The least push that works; and none at all where a push is known not to help. `patient`: a miner that is
 * on its way, or shows nothing clear, is still given time.
 */
export function diagnose(policy: RestartPolicy, miner: Miner, seen: Seen & { patient: boolean }): Diagnosis {
  if (seen.unreadable === 'auth_failed') return { is: 'ticket', why: 'the miner refuses our password' };
  if (seen.unreadable !== null) return unread(policy, miner, { ...seen, unreadable: seen.unreadable });
  if (seen.snapshot === null) return { is: 'wait', why: 'never read' };
  if (hashesWell(miner, seen.snapshot, policy.healthyPct)) return { is: 'well' };
  const fault = neverPush(seen.snapshot);
  if (fault !== null) return { is: 'ticket', why: fault };
  const found = byState(policy, miner, seen.snapshot);
  return found.is === 'wait' && !seen.patient ? waitedEnough(policy, miner, seen.snapshot) : found;
}

/** A reading that fails may be noise: a miner that answered less than its family's grace ago is not given up yet. */
function unread(policy: RestartPolicy, miner: Miner, seen: Seen & { unreadable: Unreadable }): Diagnosis {
  const { graceMs } = timesOf(policy, familyOf(miner, seen.snapshot));
  if (seen.snapshotAtMs !== null && seen.atMs - seen.snapshotAtMs < graceMs) {
    return { is: 'wait', why: `does not answer at the moment (${seen.unreadable})` };
  }
  if (seen.unreadable === 'unidentified')
    return { is: 'ticket', why: `unknown firmware: ${seen.detail ?? 'no banner'}` };
  return { is: 'ticket', why: `nothing answers (${seen.unreadable}), and no outlet to cut` };
}

/** Where time alone may change the picture: rates rise and boards come on one after the other. */
export const isUnsettled = ({ miningState }: MinerSnapshot): boolean => UNSETTLED.has(miningState);
const UNSETTLED: ReadonlySet<MiningState> = new Set(['starting', 'hashing', 'unknown']);

function waitedEnough(policy: RestartPolicy, miner: Miner, snapshot: MinerSnapshot): Diagnosis {
  const family = familyOf(miner, snapshot);
  if (snapshot.miningState === 'starting') return push(policy, family, 'has been starting for too long');
  if (snapshot.miningState === 'hashing')
    return missingBoards(snapshot) ?? push(policy, family, 'hashes below what is expected');
  return { is: 'ticket', why: 'its state cannot be told' };
}

function byState(policy: RestartPolicy, miner: Miner, snapshot: MinerSnapshot): Diagnosis {
  const state = snapshot.miningState;
  switch (state) {
    case 'starting':
      return { is: 'wait', why: 'starting or tuning' };
    case 'sleeping':
      return { is: 'push', rung: 'wake', why: 'asleep' };
    case 'hashing':
      return { is: 'wait', why: 'hashes below what is expected, and may still rise' };
    case 'idle':
      return push(policy, familyOf(miner, snapshot), 'runs, but has no pool');
    case 'stopped':
      return push(policy, familyOf(miner, snapshot), 'mining has stopped');
    case 'error':
      return missingBoards(snapshot) ?? push(policy, familyOf(miner, snapshot), 'the miner reports an error');
    case 'unknown':
      return unknownState(snapshot);
    default:
      return unreachable(state);
  }
}

function unknownState(snapshot: MinerSnapshot): Diagnosis {
  const refused = snapshot.errors.some((error) => error.code === 'auth_failed');
  if (refused) return { is: 'ticket', why: 'the miner refuses our password' };
  return { is: 'wait', why: 'its state cannot be told' };
}

/** A board that is gone is reseated by hand; rebooting in circles does not bring it back. */
function missingBoards(snapshot: MinerSnapshot): Diagnosis | null {
  const dead = snapshot.boards.filter(
    (board) => board.chips === 0 || (board.chips !== null && board.hashrateThs === 0),
  );
  if (dead.length === 0 || dead.length === snapshot.boards.length) return null;
  return { is: 'ticket', why: `board ${dead.map((board) => board.index).join(', ')} does not hash` };
}

function push(policy: RestartPolicy, family: string | null, why: string): Diagnosis {
  const rung = nextPush(policy, family, null);
  if (rung === null) return { is: 'ticket', why: `${why}; no push is known for ${family ?? 'an unknown family'}` };
  return { is: 'push', rung, why };
}
