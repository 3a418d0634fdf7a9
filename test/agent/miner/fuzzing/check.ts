import { Compile } from 'typebox/compile';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../../shared/snapshot.ts';

const snapshotSchema = Compile(MinerSnapshot);

/** What is at or beyond these is a sensor that is not there (fact sheet 19.1). */
const [COLDEST_C, HOTTEST_C] = [-50, 200];
/** Their names end so; whatever else is a number cannot be below nothing. */
const isTemperature = (key: string): boolean => key.endsWith('TempC');

/** What is wrong with a snapshot beyond what its types forbid; null = nothing. */
export function wrongIn(snapshot: MinerSnapshot): string | null {
  if (!snapshotSchema.Check(snapshot))
    return `not a snapshot: ${JSON.stringify([...Value.Errors(MinerSnapshot, snapshot)][0])}`;
  return wrongAt('', snapshot);
}

function wrongAt(key: string, value: unknown): string | null {
  if (typeof value === 'number') return wrongNumber(key, value);
  if (typeof value === 'string') return wrongText(key, value);
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, inner] of Object.entries(value)) {
    const wrong = wrongAt(Array.isArray(value) ? key : name, inner);
    if (wrong !== null) return wrong;
  }
  return null;
}

function wrongNumber(key: string, value: number): string | null {
  if (!Number.isFinite(value)) return `${key} is ${value}`;
  if (isTemperature(key)) return value > COLDEST_C && value < HOTTEST_C ? null : `${key} of ${value} °C`;
  return value < 0 ? `${key} is ${value}` : null;
}

/** Texts go onto pages, into logs and onto terminals: a device's own control codes have no place there. */
function wrongText(key: string, value: string): string | null {
  if (/\p{Cc}/u.test(value)) return `${key} holds a control character: ${JSON.stringify(value)}`;
  return value.isWellFormed() ? null : `${key} is no text: ${JSON.stringify(value)}`;
}
