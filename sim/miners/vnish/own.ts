import { type Device, type PoolSlot, plainModel, whole } from '../device.ts';
import type { Change } from '../family.ts';

/** What one device remembers beside its logins. */
export type Own = {
  /** Its sleep is a pause: boards keep their power, and it resumes rather than starts. */
  paused: boolean;
  /** Settings that were saved, and wait for a restart. */
  saved: { pools: readonly PoolSlot[] | null; powerLimitW: number | null } | null;
};

export const newOwn = (): Own => ({ paused: false, saved: null });

/** A restart takes up what was saved. */
export function takeUp(own: Own): Change {
  const { pools = null, powerLimitW = null } = own.saved ?? {};
  own.saved = null;
  return { pools, ...(powerLimitW === null ? {} : { powerLimitW }) };
}

export type Build = Readonly<{ version: string; locate: '/find-miner' | '/locate-miner'; throttles: boolean }>;

/** Two of the many versions: the newer lights its LED by another name, and throttles. */
export const buildOf = ({ look }: Device): Build =>
  look.traits.quirk % 2 === 0
    ? { version: '1.2.7', locate: '/find-miner', throttles: false }
    : { version: '1.3.4', locate: '/locate-miner', throttles: true };

export const modelOf = ({ look }: Device): string =>
  plainModel(look)
    .replace(/\s*\(?(vnish|anthillos)\)?/i, '')
    .trim();

export type Preset = Readonly<{ name: string; watts: number; rateThs: number }>;

const SHARES = [0.6, 0.7, 0.8, 0.9, 1, 1.1];

/** Named by their watts. */
export const presetsOf = ({ look }: Device): readonly Preset[] =>
  SHARES.map((share) => {
    const watts = whole((look.traits.steadyW * share) / 10) * 10;
    return { name: String(watts), watts, rateThs: whole(look.traits.nominalThs * share ** 0.7) };
  });

const USUAL = SHARES.indexOf(1);

export const presetOf = (device: Device, powerLimitW = device.powerLimitW): Preset => {
  const all = presetsOf(device);
  return (all.find(({ watts }) => watts === powerLimitW) ?? all[USUAL]) as Preset;
};
