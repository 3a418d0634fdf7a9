import { type PoolSlot, threePools } from './device.ts';

/** Pools as most web APIs have them written: `{url, user, pass}` each. null: no list, or none in its first place. */
export function slotsIn(value: unknown): readonly PoolSlot[] | null {
  const slots = Array.isArray(value) ? value.map(slot) : [];
  return (slots[0]?.url ?? '') === '' ? null : threePools(slots);
}

function slot(value: unknown): PoolSlot {
  const { url, user, pass } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { url: String(url ?? ''), user: String(user ?? ''), pass: String(pass ?? '') };
}
