import type { Ports } from '../../config/site.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';

/** Where one miner is. `family: null` has it identified from its own answers. */
export type Target = Readonly<{ miner: MinerId; address: string; ports: Ports; family: string | null }>;

/**
 * What one attempt gave. With `unreadable` there is no snapshot, but for `auth_failed`: that one carries what needs
 * no password, with `miningState: unknown`.
 */
export type Reading = Readonly<{
  unreadable: Unreadable | null;
  detail: string | null;
  snapshot: MinerSnapshot | null;
  /** `auth_failed`, and there was no password to refuse. */
  noPassword?: true;
  /** This host had no socket to ask with: nothing was learned of the device. Left out where that was not so. */
  untried?: true;
  /** Left out where nobody else has answered at this address lately. */
  stranger?: Stranger;
}>;

/** Another device has answered at a miner's address: one that took it over, or, with `both`, one that shares it. */
export type Stranger = Readonly<{ was: string; now: string; both: boolean }>;
