import { Compile } from 'typebox/compile';
import { realClock } from '../../shared/clock.io.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import { MinerSnapshot } from '../../shared/snapshot.ts';
import type { Millis } from '../../shared/units.ts';
import { catalogue, drivers } from './catalogue.ts';
import type { Credentials } from './credentials.ts';
import { type Device, forget, useCredential } from './device.ts';
import type { Act, DriverDefinition, FieldName, Fields } from './driver.ts';
import { identifyDevice } from './identify.io.ts';
import { createLink, type DeviceLink } from './link.io.ts';
import { type ActAnswer, type Credential, NO_PASSWORD } from './link.ts';
import { completed, type Models } from './nominal.ts';
import type { MinerOrder } from './order.ts';
import { type Pass, readDevice } from './reader.io.ts';
import type { Reading, Target } from './reading.ts';
import { snapshotOf } from './snapshot.ts';
import { bothText, identityOf, met, strangerAt, tookOverText } from './strangers.ts';
import { witnessed } from './witness.io.ts';

/** A write may take 35 s at the device, with reads before and after it. */
const ACT_DEADLINE_MS = 90_000;
/** Whoever stops the agent waits for it. */
const RELEASE_MS = 1_000;
/** A reading older than this does not vouch for a write: one after a failed read can wipe pools (fact sheet 3.4). */
const VOUCHES_MS = 60_000;
/** On top of a reading's own time, for asking once more who it is. */
const WITNESS_MS = 2_000;
const DETAIL_MAX = 256; // the report's own limit

/** One turn at one device. The caller holds its lock. */
export type Visit = Readonly<{
  target: Target;
  device: Device;
  credentials: Credentials;
  /** For one reading. */
  deadlineMs: Millis;
  spacingMs: Millis;
  /** null: nothing is added to what the device says. */
  models: Models | null;
  clock: Clock;
  signal: AbortSignal;
}>;

/** Never throws: a driver that breaks an assumption costs one reading, not the agent. */
export const readGuarded = (visit: Visit): Promise<Reading> => guarded(visit, null);

/** What its mining state follows from, and nothing else: the least that must be known before a push. Never throws. */
export const glanceGuarded = (visit: Visit): Promise<Reading> => guarded(visit, STATE_FIELDS);

const STATE_FIELDS: readonly FieldName[] = [
  'uptimeS',
  'hashrateThs',
  'otherRates',
  'working',
  'state',
  'ready',
  'asleep',
];

async function guarded(visit: Visit, only: readonly FieldName[] | null): Promise<Reading> {
  const reading = await read(visit, only).catch((error: unknown) =>
    failed('garbage', `its driver failed: ${told(error)}`),
  );
  const { device } = visit;
  const nowMs = realClock.monoMs();
  device.lastRead = { unreadable: reading.unreadable, atMs: nowMs };
  if (only === null) device.wholeMs = nowMs;
  const stranger = strangerAt(device, nowMs);
  if (stranger === null) return reading;
  // Whatever comes may be of the other, or of both.
  if (stranger.both) device.lastRead = { unreadable: 'unidentified', atMs: nowMs };
  return { ...(stranger.both ? failed('unidentified', bothText(stranger)) : reading), stranger };
}

/** Real time for which the device should still be left in peace; 0 where its family takes every reading. */
export function restLeftMs({ target, device }: Pick<Visit, 'target' | 'device'>): number {
  const restMs = catalogue.get(target.family ?? device.family ?? '')?.restMs ?? 0;
  if (restMs === 0 || device.wholeMs === null) return 0;
  return Math.max(0, device.wholeMs + restMs - realClock.monoMs());
}

/** Never throws. */
export function actGuarded(visit: Visit, order: MinerOrder): Promise<ActAnswer> {
  return act(visit, order).catch((error: unknown) => ({ result: 'no_reply', detail: told(error) }) as const);
}

async function read(visit: Visit, only: readonly FieldName[] | null): Promise<Reading> {
  const { target, device, clock } = visit;
  const startedMs = realClock.monoMs();
  const readAt = new Date(clock.wallMs()).toISOString();
  const deadlineMs = startedMs + visit.deadlineMs;
  const known = await driverFor(visit, deadlineMs);
  if (!known.ok) return { ...failed(known.why, known.detail), ...(known.untried ? { untried: true } : {}) };
  const driver = only === null ? known.driver : { ...known.driver, fields: pick(known.driver.fields, only) };
  const link = linkTo(visit, driver, deadlineMs);
  const first = await readDevice(driver, link, device);
  const later = () => linkTo(visit, known.driver, deadlineMs + WITNESS_MS);
  const pass = await witnessed({ driver, whole: known.driver, link: later, device, siteMs: clock.monoMs() }, first);
  remember(visit, pass, { whole: only === null, driver: known.driver });
  const latencyMs = realClock.monoMs() - startedMs;
  return readingOf({
    pass,
    driver,
    credential: link.credential,
    ip: target.address,
    readAt,
    latencyMs,
    models: visit.models,
  });
}

async function act(visit: Visit, order: MinerOrder): Promise<ActAnswer> {
  const { target, device } = visit;
  const family = target.family ?? device.family;
  // A reading made with another password vouches for nothing.
  if (family !== null) loginFor(visit, family);
  // One reading that failed is noise, and costs one more look; a password that was refused is not tried again.
  const looks = !isRecent(device) || isNoise(device.lastRead?.unreadable ?? null);
  if (looks) await readGuarded(visit);
  const stranger = strangerAt(device, realClock.monoMs());
  if (stranger?.both) return { result: 'refused', detail: `not ordered: ${bothText(stranger)}` };
  // Whoever gave the order has not seen the one that is there now.
  if (looks && stranger !== null) return { result: 'refused', detail: `not ordered: ${tookOverText(stranger)}` };
  const unreadable = device.lastRead?.unreadable ?? null;
  if (unreadable === 'auth_failed')
    return { result: 'auth_failed', detail: device.credential === null ? NO_PASSWORD : 'it refuses our password' };
  if (unreadable !== null)
    return { result: 'refused', detail: `not ordered after a reading that failed (${unreadable})` };
  const driver = catalogue.get(target.family ?? device.family ?? '');
  const does = driver?.actions[order.action] as Act | undefined;
  if (driver === undefined || does === undefined) return unsupported(order.action, driver?.family ?? null);
  // What was kept of its answers may no longer be so.
  device.replies.clear();
  return does(linkTo(visit, driver, realClock.monoMs() + ACT_DEADLINE_MS), order);
}

/** Gives back what a device counts: sessions of families that have only few. */
export async function releaseGuarded(visit: Visit): Promise<void> {
  const { device, target } = visit;
  const driver = catalogue.get(target.family ?? device.family ?? '');
  if (driver?.login?.close === undefined) return;
  const link = linkTo(visit, driver, realClock.monoMs() + RELEASE_MS);
  if (device.sessions.web.token === null) return;
  await link.order(driver.login.close);
  device.sessions.web.token = null;
}

function loginFor({ device, target, credentials }: Visit, family: string): Credential | null {
  const credential = credentials.of(target, family);
  useCredential(device, credential);
  return credential;
}

const linkTo = (visit: Visit, driver: DriverDefinition, deadlineMs: number): DeviceLink =>
  createLink({
    target: visit.target,
    device: visit.device,
    ports: driver.ports,
    tls: driver.tls === true,
    login: driver.login,
    grpc: driver.grpc,
    realm: driver.realm,
    credential: loginFor(visit, driver.family),
    deadlineMs,
    spacingMs: visit.spacingMs,
    signal: visit.signal,
  });

export const unsupported = (action: string, family: string | null): ActAnswer => ({
  result: 'unsupported',
  detail: `${family ?? 'this miner'} has no ${action}`,
});

const failed = (unreadable: Unreadable, detail: string): Reading => ({ unreadable, detail, snapshot: null });
const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isRecent = ({ lastRead }: Device): boolean =>
  lastRead !== null && realClock.monoMs() - lastRead.atMs < VOUCHES_MS;

const isNoise = (unreadable: Unreadable | null): boolean => unreadable !== null && unreadable !== 'auth_failed';

type Known =
  | Readonly<{ ok: true; driver: DriverDefinition }>
  | Readonly<{ ok: false; why: Unreadable; detail: string; untried?: true }>;

/** The site file's word, else what the device was identified as; its own answers now where neither is, or holds. */
async function driverFor({ target, device, spacingMs, signal }: Visit, deadlineMs: number): Promise<Known> {
  const family = target.family ?? device.family;
  if (family !== null && !device.doubted) return known(family);
  const { doubted } = device;
  device.doubted = false;
  const identified = await identifyDevice({ target, device, drivers, deadlineMs, spacingMs, signal });
  if (!identified.ok || device.doubted) {
    device.doubted ||= doubted;
    return identified.ok
      ? { ok: false, why: 'unidentified', detail: 'another device answers with every call' }
      : identified;
  }
  if (target.family !== null && identified.driver.family !== target.family) {
    device.doubted = true;
    const detail = `another device answers at this address: ${identified.driver.family}, and not ${target.family}`;
    return { ok: false, why: 'unidentified', detail };
  }
  device.family = identified.driver.family;
  return identified;
}

function known(family: string): Known {
  const driver = catalogue.get(family);
  return driver === undefined
    ? { ok: false, why: 'unidentified', detail: `there is no driver for ${family}` }
    : { ok: true, driver };
}

/** `driver`: the whole one, whatever of it was asked. */
type Of = Readonly<{ driver: DriverDefinition; whole: boolean }>;

/**
 * Keeps what later requests build on, and drops it when the device at the address is no longer the same: another MAC
 * or firmware, or answers that its family would not give. A restart may have brought new firmware, so what was kept
 * of its replies goes too.
 */
function remember({ target, device, clock }: Visit, pass: Pass, { whole, driver }: Of): void {
  const { found, unreadable } = pass;
  const print = whole ? [found.mac, found.model, found.firmwareVersion].join('|') : device.print;
  const changed = unreadable === null && device.print !== null && device.print !== print;
  const uptime = found.uptimeS === undefined ? null : { s: found.uptimeS, atMs: clock.monoMs() };
  if (pass.unsure) {
    // The doubt is kept by itself. What is kept beside replies may still be needed, and nothing is ordered meanwhile.
    device.replies.clear();
    device.uptime = uptime;
    return;
  }
  if (changed || unreadable === 'unidentified' || unreadable === 'garbage') forget(device);
  if (unreadable !== null) return;
  met(device, identityOf(driver, found), realClock.monoMs());
  if ((found.uptimeS ?? 0) < (device.uptime?.s ?? 0)) device.replies.clear();
  Object.assign(device, { print, uptime });
  if (changed && target.family === null) device.family = null;
}

const pick = (fields: Fields, names: readonly FieldName[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));

const isSnapshot = Compile(MinerSnapshot);

type Read = Readonly<{
  pass: Pass;
  driver: DriverDefinition;
  credential: Credential | null;
  ip: string;
  readAt: string;
  latencyMs: number;
  models: Models | null;
}>;

function readingOf({ pass, driver, credential, ip, readAt, latencyMs, models }: Read): Reading {
  const { unreadable, detail, found, processDown } = pass;
  const authFailed = unreadable === 'auth_failed';
  const noPassword = authFailed && credential === null ? ({ noPassword: true } as const) : {};
  const untried = pass.untried ? ({ untried: true } as const) : {};
  if (unreadable !== null && !authFailed)
    return { unreadable, detail: detail?.slice(0, DETAIL_MAX) ?? null, snapshot: null, ...untried };
  const facts = { found, processDown, authFailed, ...noPassword };
  const told = snapshotOf({ driver, ip, facts, missing: pass.missing, readAt, latencyMs });
  const snapshot = models === null ? told : completed(told, models);
  // One reading that breaks the schema would cost the report of all others.
  if (!isSnapshot.Check(snapshot)) {
    const [error] = isSnapshot.Errors(snapshot);
    return failed('garbage', `no snapshot comes of it: ${error?.instancePath} ${error?.message}`);
  }
  return { unreadable, detail: detail?.slice(0, DETAIL_MAX) ?? null, snapshot, ...noPassword };
}
