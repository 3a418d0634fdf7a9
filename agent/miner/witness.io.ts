import { realClock } from '../../shared/clock.io.ts';
import { type Device, newDevice } from './device.ts';
import type { DriverDefinition, Field, Fields, Source } from './driver.ts';
import type { DeviceLink } from './link.io.ts';
import { type Pass, readDevice } from './reader.io.ts';
import {
  bothText,
  type Identity,
  identityField,
  identityOf,
  isSuspect,
  isUnsure,
  jumps,
  met,
  metBoth,
  tookOverText,
} from './strangers.ts';

export type Witness = Readonly<{
  driver: DriverDefinition;
  /** The same with all its fields, where only some are asked. */
  whole: DriverDefinition;
  /** With time of its own: a board is slowest right after it has started, and that is when it is asked. */
  link(): DeviceLink;
  device: Device;
  /** Time in which the device counts its uptime, monotonic ms. */
  siteMs: number;
}>;

/**
 * A pass that is all of one device, or none. What is kept of replies, and what comes on connections of its own, may be of
 * another device than the rest: one that has taken the address over, or one that shares it. Where the uptime jumps, or
 * another device was seen here lately, the identity is asked for once more; else only with the second reading, and then
 * now and again: two that share an address may answer in step with our requests.
 */
export async function witnessed(at: Witness, pass: Pass): Promise<Pass> {
  const { driver, whole, device, siteMs } = at;
  if (pass.unreadable !== null) return pass;
  // A glance does not ask who it is: then it is the one of the last reading, or nobody knows.
  const told = identityOf(driver, pass.found) ?? device.identity;
  if (told === null) return pass;
  const nowMs = realClock.monoMs();
  const suspect = isSuspect(device, nowMs);
  const changed = device.identity !== null && device.identity.key !== told.key;
  const doubtful = suspect || changed || isUnsure(device, nowMs) || jumps(device, pass.found.uptimeS, siteMs);
  if (!doubtful && !isDue(at)) return pass;
  const now = await identityNow(at);
  if (now === null) return doubtful ? unknown(at, pass) : pass;
  device.unsureMs = null;
  if (suspect) return bySuspicion(at, pass, { told, now });
  if (now.key === told.key) return pass;
  // Another one has come. What a glance was for was decided of the one before.
  if (driver !== whole) return tookOver(at, pass, { was: told, now });
  // It is read from the beginning.
  device.replies.clear();
  const anew = await readDevice(driver, at.link(), device);
  if (anew.unreadable !== null) return anew;
  const still = await identityNow(at);
  if (still === null) return unknown(at, anew);
  return bySuspicion(at, anew, { told: identityOf(driver, anew.found) ?? now, now: still });
}

const WITNESS_EVERY_MS = 10 * 60_000;

function isDue({ device: { identity, witnessedMs }, driver, whole }: Witness): boolean {
  if (identity === null || driver !== whole) return false;
  return witnessedMs === null || realClock.monoMs() - witnessedMs >= WITNESS_EVERY_MS;
}

/** Two that answer in turns do not both give the same answer twice. */
async function bySuspicion(at: Witness, pass: Pass, { told, now }: Readonly<{ told: Identity; now: Identity }>) {
  if (now.key !== told.key) return both(at, pass, [told, now]);
  const again = await identityNow(at);
  if (again === null) return unknown(at, pass);
  return again.key === told.key ? pass : both(at, pass, [told, again]);
}

/** Asked for on a connection of its own, whatever is kept. */
async function identityNow({ whole: driver, link, device }: Witness): Promise<Identity | null> {
  const field = identityField(driver);
  if (field === null) return null;
  const { process: _process, page: _page, ...rest } = driver;
  const { found } = await readDevice({ ...rest, fields: asked(driver.fields, field) }, link(), newDevice());
  device.witnessedMs = realClock.monoMs();
  return identityOf(driver, found);
}

/** Also from a reply that is otherwise only read when others needed it. */
function asked(fields: Fields, field: 'mac' | 'serial'): Fields {
  const source = fields[field];
  if (source === undefined) return {};
  const all: readonly Source<string>[] = isSourceList(source) ? source : [source];
  return { [field]: all.map(({ ask, read }) => ({ ask, read })) };
}

const isSourceList = (field: Field<string>): field is readonly Source<string>[] => Array.isArray(field);

const failed = (pass: Pass, detail: string): Pass => ({ ...pass, unreadable: 'unidentified', detail });

/** Until it says who it is, or for long enough: the doubt outlives this reading. */
function unknown({ device }: Witness, pass: Pass): Pass {
  const nowMs = realClock.monoMs();
  if (!isUnsure(device, nowMs)) device.unsureMs = nowMs;
  const detail = 'it may be another device than before, and does not say which: nothing of it is believed';
  return { ...failed(pass, detail), unsure: true };
}

function tookOver({ device }: Witness, pass: Pass, { was, now }: Readonly<Record<'was' | 'now', Identity>>): Pass {
  met(device, now, realClock.monoMs());
  return failed(pass, tookOverText({ was: was.words, now: now.words }));
}

function both({ device }: Witness, pass: Pass, two: readonly [Identity, Identity]): Pass {
  metBoth(device, two, realClock.monoMs());
  return failed(pass, bothText({ was: two[0].words, now: two[1].words }));
}
