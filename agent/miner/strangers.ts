import type { Device } from './device.ts';
import type { DriverDefinition } from './driver.ts';
import type { Stranger } from './reading.ts';
import type { Found } from './resolve.ts';

/** For how long it counts that another device has answered at an address: ARP caches forget within minutes. */
const SUSPECT_MS = 15 * 60_000;
/** Uptimes are whole seconds, or steps of some, and read at different points of a reading. */
const SLACK_S = 10;

/** `key` tells two devices of one make apart; `words` tell people. */
export type Identity = Readonly<{ key: string; words: string }>;

/** The one field that tells a device from all others; null where the family has none. */
export const identityField = ({ fields }: DriverDefinition): 'mac' | 'serial' | null =>
  fields.mac !== undefined ? 'mac' : fields.serial !== undefined ? 'serial' : null;

export function identityOf(driver: DriverDefinition, found: Found): Identity | null {
  const field = identityField(driver);
  const key = field === null ? undefined : found[field];
  return key === undefined ? null : { key, words: `${found.model ?? driver.family} ${key}` };
}

/**
 * Whether this uptime cannot be that of the device of the last reading, or only after a restart. One that stands still
 * is none of that: some devices stop counting while they sleep.
 */
export function jumps({ uptime }: Device, uptimeS: number | undefined, nowMs: number): boolean {
  if (uptime === null || uptimeS === undefined) return false;
  const passedS = (nowMs - uptime.atMs) / 1_000;
  return uptimeS < uptime.s - SLACK_S || uptimeS > uptime.s + passedS + SLACK_S;
}

/** Another device was seen at this address, not long ago. */
export const isSuspect = ({ stranger }: Device, nowMs: number): boolean =>
  stranger !== null && nowMs - stranger.atMs < SUSPECT_MS;

/** It may be another than before, and has not said who it is since; not for ever, as some firmware never will. */
export const isUnsure = ({ unsureMs }: Device, nowMs: number): boolean =>
  unsureMs !== null && nowMs - unsureMs < SUSPECT_MS;

/** What is told of that; null where there is nothing. */
export function strangerAt(device: Device, nowMs: number): Stranger | null {
  if (device.stranger === null || !isSuspect(device, nowMs)) return null;
  const { was, now, both } = device.stranger;
  return { was: was.words, now: now.words, both };
}

/** Notes who has answered. The one before, once more, means that there are two. */
export function met(device: Device, now: Identity | null, nowMs: number): void {
  const was = device.identity;
  if (now === null) return;
  device.identity = now;
  if (was === null || was.key === now.key) return;
  const known = isSuspect(device, nowMs) ? device.stranger : null;
  device.stranger = { was, now, both: known?.both === true || known?.was.key === now.key, atMs: nowMs };
}

/** Two within one reading. */
export function metBoth(device: Device, [was, now]: readonly [Identity, Identity], nowMs: number): void {
  device.stranger = { was, now, both: true, atMs: nowMs };
}

export const tookOverText = ({ was, now }: Pick<Stranger, 'was' | 'now'>): string =>
  `another device answers at this address: ${now}; it was ${was}`;

export const bothText = ({ was, now }: Pick<Stranger, 'was' | 'now'>): string =>
  `two devices answer at this address: ${was} and ${now}`;
