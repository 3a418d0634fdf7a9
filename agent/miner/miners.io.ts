import { realClock } from '../../shared/clock.io.ts';
import type { Clock } from '../../shared/clock.ts';
import type { MinerId } from '../../shared/ids.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { Credentials } from './credentials.ts';
import { type Device, newDevice } from './device.ts';
import type { ActAnswer } from './link.ts';
import { createLock, type Lock } from './lock.ts';
import type { Models } from './nominal.ts';
import type { MinerOrder } from './order.ts';
import type { Reading, Target } from './reading.ts';
import { createUnderWay } from './under-way.ts';
import { actGuarded, glanceGuarded, readGuarded, releaseGuarded, restLeftMs, type Visit } from './visit.io.ts';

/** Control boards fork a process a call, and cgminer's API has one thread (fact sheet 2, 3.1, 6.1). */
const SPACING_MS = millis(250);

export type Miners = Readonly<{
  /** One reading under one total real deadline, counted from when the device is free of our other requests. Never throws. */
  read(target: Target, signal?: AbortSignal): Promise<Reading>;
  /** Likewise, of the mining state, rate and uptime alone, and before all readings that wait for the device. */
  glance(target: Target, signal?: AbortSignal): Promise<Reading>;
  /**
   * Real ms for which nobody should read this miner who has no reason but that its turn has come: some devices go down
   * when they are read too often. `read` itself does not wait: it is also how the effect of an order is seen.
   */
  restLeftMs(target: Target): number;
  /**
   * One act, before all readings that wait for the device. Never throws. `no_reply` when the line closed before an
   * answer. Refused after a failed read; where there
   * is no recent reading, one is made first.
   */
  act(target: Target, order: MinerOrder, signal?: AbortSignal): Promise<ActAnswer>;
  /** Keeps nothing more of this miner, and gives back what it counts: for those who pass by once. */
  forget(miner: MinerId): Promise<void>;
  /** Gives every request under way up, and waits for it. Later calls find nothing but `silent`. */
  close(): Promise<void>;
}>;

export type MinersOptions = Readonly<{
  credentials: Credentials;
  deadlineMs: Millis;
  /** Real time from the close of one connection to a device to the next; 250 ms by default. */
  spacingMs?: Millis;
  /** What is known of models, for what devices do not say; nothing is added where it is left out. */
  models?: Models;
  /** For the stamps in snapshots; the machine's own by default. */
  clock?: Clock;
}>;

/** `urgent`: what an order needs does not stand behind the poller's readings. */
type Turn = Readonly<{ target: Target; signal: AbortSignal | undefined; urgent: boolean }>;
type Place = Readonly<{ target: Target; device: Device; lock: Lock }>;

/** INVARIANT: whatever is asked of one miner runs under its lock, so no two connections to it are ever open. */
export function createMiners(options: MinersOptions): Miners {
  const { credentials, deadlineMs, spacingMs = SPACING_MS, models = null, clock = realClock } = options;
  const places = new Map<MinerId, Place>();
  const underWay = createUnderWay();
  const placeOf = (target: Target): Place => {
    const place = places.get(target.miner) ?? { target, device: newDevice(), lock: createLock() };
    places.set(target.miner, place);
    return place;
  };
  const visitAt = ({ target, device }: Place, signal: AbortSignal): Visit => ({
    ...{ target, device, credentials, deadlineMs, spacingMs, models, clock },
    signal,
  });
  const turnAt = <T>({ target, signal, urgent }: Turn, work: (visit: Visit) => Promise<T>): Promise<T> => {
    const place = { ...placeOf(target), target };
    return place.lock.run(() => underWay.run(signal, (own) => work(visitAt(place, own))), urgent);
  };
  const release = (place: Place): Promise<void> =>
    place.lock.run(() => releaseGuarded(visitAt(place, new AbortController().signal)));

  return {
    read: (target, signal) => turnAt({ target, signal, urgent: false }, readGuarded),
    restLeftMs: (target) => restLeftMs({ ...placeOf(target), target }),
    glance: (target, signal) => turnAt({ target, signal, urgent: true }, glanceGuarded),
    act: (target, order, signal) => turnAt({ target, signal, urgent: true }, (visit) => actGuarded(visit, order)),
    async forget(miner) {
      const place = places.get(miner);
      places.delete(miner);
      if (place !== undefined) await release(place);
    },
    async close() {
      underWay.giveUp();
      await Promise.all([...places.values()].map(release));
    },
  };
}
