import { realClock } from '../../shared/clock.io.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Action } from '../../shared/command.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { Millis } from '../../shared/units.ts';
import { catalogue, drivers } from './catalogue.ts';
import type { Credentials } from './credentials.ts';
import { type Device, forget, newDevice } from './device.ts';
import { type DriverDefinition, MINER_ACTIONS, type MinerAction } from './driver.ts';
import { identifyDevice } from './identify.io.ts';
import { createLink } from './link.io.ts';
import type { ActAnswer } from './link.ts';
import { createLock, type Lock } from './lock.ts';
import { type Pass, readDevice } from './reader.io.ts';
import type { Reading, Target } from './reading.ts';
import { snapshotOf } from './snapshot.ts';

/** A write may take 35 s at the device, with reads before and after it. */
const ACT_DEADLINE_MS = 90_000;
/** A reading older than this does not vouch for a write (fact sheet: a write after a failed read can wipe pools). */
const VOUCHES_MS = 60_000;

export type Miners = Readonly<{
  /** One reading under one total real deadline, counted from when the device is free of our other requests. Never throws. */
  read(target: Target, signal?: AbortSignal): Promise<Reading>;
  /**
   * One act. Never throws. `no_reply` when the line closed before an answer. Refused after a failed read; where there
   * is no recent reading, one is made first.
   */
  act(target: Target, action: Action | MinerAction, signal?: AbortSignal): Promise<ActAnswer>;
  /** Gives every request under way up, and waits for it. Later calls find nothing but `silent`. */
  close(): Promise<void>;
}>;

export type MinersOptions = Readonly<{
  credentials: Credentials;
  deadlineMs: Millis;
  /** For the stamps in snapshots; the machine's own by default. */
  clock?: Clock;
}>;

type Place = Readonly<{ device: Device; lock: Lock }>;
type Known =
  | Readonly<{ ok: true; driver: DriverDefinition }>
  | Readonly<{ ok: false; why: Unreadable; detail: string }>;

/** INVARIANT: whatever is asked of one miner runs under its lock, so no two connections to it are ever open. */
export function createMiners({ credentials, deadlineMs, clock = realClock }: MinersOptions): Miners {
  const places = new Map<MinerId, Place>();
  const closing = new AbortController();

  const placeOf = ({ miner }: Target): Place => {
    const place = places.get(miner) ?? { device: newDevice(), lock: createLock() };
    places.set(miner, place);
    return place;
  };
  const until = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);

  const linkTo = (of: {
    target: Target;
    device: Device;
    driver: DriverDefinition;
    forMs: number;
    signal: AbortSignal;
  }) =>
    createLink({
      target: of.target,
      device: of.device,
      realm: of.driver.realm,
      credential: credentials.of(of.target, of.driver.family),
      deadlineMs: realClock.monoMs() + of.forMs,
      signal: of.signal,
    });

  const readNow = async (target: Target, device: Device, signal: AbortSignal): Promise<Reading> => {
    const startedMs = realClock.monoMs();
    const readAt = new Date(clock.wallMs()).toISOString();
    const known = await driverFor({ target, device, deadlineMs: startedMs + deadlineMs, signal });
    if (!known.ok) return failed(known.why, known.detail);
    const forMs = startedMs + deadlineMs - realClock.monoMs();
    const pass = await readDevice(
      known.driver,
      linkTo({ target, device, driver: known.driver, forMs, signal }),
      device,
    );
    remember(target, device, pass);
    const latencyMs = realClock.monoMs() - startedMs;
    return readingOf({ pass, driver: known.driver, ip: target.address, readAt, latencyMs });
  };

  const guarded = async (target: Target, device: Device, signal: AbortSignal): Promise<Reading> => {
    const reading = await readNow(target, device, signal).catch(broken);
    device.lastRead = { unreadable: reading.unreadable, atMs: realClock.monoMs() };
    return reading;
  };

  const actNow = async (at: {
    target: Target;
    device: Device;
    action: MinerAction;
    signal: AbortSignal;
  }): Promise<ActAnswer> => {
    const { target, device, action, signal } = at;
    if (!isRecent(device)) await guarded(target, device, signal);
    const unreadable = device.lastRead?.unreadable ?? null;
    if (unreadable === 'auth_failed') return { result: 'auth_failed', detail: 'it refuses our password' };
    if (unreadable !== null)
      return { result: 'refused', detail: `not ordered after a reading that failed (${unreadable})` };
    const driver = catalogue.get(target.family ?? device.family ?? '');
    const act = driver?.actions[action];
    if (driver === undefined || act === undefined) return unsupported(action, driver?.family ?? null);
    return act(linkTo({ target, device, driver, forMs: ACT_DEADLINE_MS, signal }));
  };

  return {
    read(target, signal) {
      const { device, lock } = placeOf(target);
      return lock.run(() => guarded(target, device, until(signal)));
    },
    act(target, action, signal) {
      if (!isMinerAction(action)) return Promise.resolve(unsupported(action, target.family));
      const { device, lock } = placeOf(target);
      const order = { target, device, action, signal: until(signal) };
      return lock.run(() =>
        actNow(order).catch((error: unknown) => ({ result: 'no_reply', detail: told(error) }) as const),
      );
    },
    async close() {
      closing.abort();
      await Promise.all([...places.values()].map(({ lock }) => lock.run(async () => undefined)));
    },
  };
}

const isMinerAction = (action: string): action is MinerAction => (MINER_ACTIONS as readonly string[]).includes(action);

const unsupported = (action: string, family: string | null): ActAnswer => ({
  result: 'unsupported',
  detail: `${family ?? 'this miner'} has no ${action}`,
});

const failed = (unreadable: Unreadable, detail: string): Reading => ({ unreadable, detail, snapshot: null });
const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));
/** A driver that breaks an assumption costs one reading, not the agent. */
const broken = (error: unknown): Reading => failed('garbage', `its driver failed: ${told(error)}`);

const isRecent = ({ lastRead }: Device): boolean =>
  lastRead !== null && realClock.monoMs() - lastRead.atMs < VOUCHES_MS;

type Ask = Readonly<{ target: Target; device: Device; deadlineMs: number; signal: AbortSignal }>;

/** The site file's word, else what the device was identified as, else its own answers now. */
async function driverFor({ target, device, deadlineMs, signal }: Ask): Promise<Known> {
  const family = target.family ?? device.family;
  if (family !== null) return known(family);
  const identified = await identifyDevice({ target, device, drivers, deadlineMs, signal });
  if (!identified.ok) return identified;
  device.family = identified.identity.driver?.family ?? null;
  return known(identified.identity.family);
}

function known(family: string): Known {
  const driver = catalogue.get(family);
  return driver === undefined
    ? { ok: false, why: 'unidentified', detail: `there is no driver for ${family}` }
    : { ok: true, driver };
}

/**
 * Keeps what later requests build on, and drops it when the device at the address is no longer the same: another MAC
 * or firmware, or answers that its family would not give. A restart may have brought new firmware, so what was kept
 * of its replies goes too.
 */
function remember(target: Target, device: Device, { found, unreadable }: Pass): void {
  const print = [found.mac, found.model, found.firmwareVersion].join('|');
  const changed = unreadable === null && device.print !== null && device.print !== print;
  if (changed || unreadable === 'unidentified' || unreadable === 'garbage') forget(device);
  if (unreadable !== null) return;
  if ((found.uptimeS ?? 0) < (device.uptimeS ?? 0)) device.replies.clear();
  Object.assign(device, { print, uptimeS: found.uptimeS ?? null });
  if (changed && target.family === null) device.family = null;
}

type Read = Readonly<{ pass: Pass; driver: DriverDefinition; ip: string; readAt: string; latencyMs: number }>;

function readingOf({ pass, driver, ip, readAt, latencyMs }: Read): Reading {
  const { unreadable, detail, found, processDown } = pass;
  const authFailed = unreadable === 'auth_failed';
  if (unreadable !== null && !authFailed)
    return { unreadable, detail: detail?.slice(0, DETAIL_MAX) ?? null, snapshot: null };
  const facts = { found, processDown, authFailed };
  const snapshot = snapshotOf({ driver, ip, facts, missing: pass.missing, readAt, latencyMs });
  return { unreadable, detail: detail?.slice(0, DETAIL_MAX) ?? null, snapshot };
}

const DETAIL_MAX = 256; // the report's own limit
