/**
 * Quantities with their unit in the type: a hash rate cannot be passed where a power is wanted.
 * Arithmetic yields a plain number; it is named again where it crosses a module's border.
 */
declare const unit: unique symbol;
type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

/** A duration, or a reading of a monotonic clock, in milliseconds. */
export type Millis = Quantity<'ms'>;
/** Milliseconds since 1970-01-01 UTC: for stamps, never for durations. */
export type UnixMs = Quantity<'unix-ms'>;
/** Electrical power in watts; integers wherever something is decided. */
export type Watts = Quantity<'W'>;
/** SHA-256 hash rate in TH/s. */
export type TeraHash = Quantity<'TH/s'>;

export const millis = (value: number): Millis => value as Millis;
export const unixMs = (value: number): UnixMs => value as UnixMs;
export const watts = (value: number): Watts => value as Watts;
export const teraHash = (value: number): TeraHash => value as TeraHash;

export const MINUTE_MS = 60_000;
