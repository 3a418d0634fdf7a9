import type { Look } from '../plant/look.ts';
import { hashOf } from '../plant/traits.ts';

export type PoolSlot = Readonly<{ url: string; user: string; pass: string }>;

/** What a front-end needs to answer one request: the plant's word, and what is the device's own. */
export type Device = Readonly<{
  look: Look;
  address: string;
  /** Three, as most families have them; an unused one has empty texts. */
  pools: readonly PoolSlot[];
  blink: boolean;
  /** As it was last set; null: never. It is a setting alone, and the plant draws what it drew. */
  powerLimitW: number | null;
  /** Stamps of the replies, Unix seconds. */
  wallS: number;
}>;

export const SLOTS = 3;
const EMPTY: PoolSlot = { url: '', user: '', pass: '' };

export const threePools = (pools: readonly PoolSlot[]): PoolSlot[] =>
  Array.from({ length: SLOTS }, (_, index) => pools[index] ?? EMPTY);

/** Locally administered, upper-case as the firmwares print it. */
export function macOf({ traits }: Look): string {
  const hex = hashOf(traits.miner).toString(16).padStart(8, '0').toUpperCase();
  return ['02', traits.family.startsWith('whatsminer') ? 'C4' : 'A7', ...(hex.match(/../g) ?? [])].join(':');
}

export const serialOf = ({ traits }: Look, prefix: string): string =>
  `${prefix}${hashOf(`serial ${traits.miner}`).toString(36).toUpperCase().padStart(7, '0')}`;

/** `Antminer S19j Pro 104T` → `Antminer S19j Pro`: firmwares do not name the bin. */
export const plainModel = ({ traits }: Look): string => traits.model.replace(/\s+\d+(\.\d+)?\s?T$/i, '');

export const round2 = (value: number): number => Math.round(value * 100) / 100;
export const whole = (value: number): number => Math.round(value);
