import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import type { Json } from '../json.ts';
import { positive, type Read } from '../normalise.ts';
import { STOPPING_CODE } from './read.ts';

/** The texts of port 6060 on newer firmware: `miner power:3500`, `{"error_message":"None"}` (fact sheet 3.2). */
const POWER = /miner[ _]power"?\s*:\s*"?(\d{1,6}(?:\.\d+)?)/i;
const WARNING = /"error_message"\s*:\s*(?:"([^"]*)"|\[([^\]]*)\])/;
const CODE = /\b([A-Z]\d{0,2}):(\d{1,2})\b/g;

export const power: Read<number> = (reply) => positive(POWER.exec(textOf(reply))?.[1]);

/** Null where the page has another form, such as the "error 6060 cmd" of older firmware. */
export const errors: Read<MinerSnapshot['errors']> = (reply) => {
  const [whole, text, list] = WARNING.exec(textOf(reply)) ?? [];
  if (whole === undefined) return null;
  const said = text ?? list ?? '';
  const codes = [...said.matchAll(CODE)].map(([code, place = '', what = '']) => ({ code, place, what }));
  if (codes.length > 0) return codes.map(({ code, place, what }) => ({ code, message: messageOf(place, what) }));
  return /^\W*(none)?\W*$/i.test(said) ? [] : [{ code: null, message: said.slice(0, MESSAGE_MAX) }];
};

export const stops: Read<boolean> = (reply) =>
  errors(reply)?.some(({ code }) => STOPPING_CODE.test(code ?? '')) || null;

const MESSAGE_MAX = 200;
const textOf = (reply: Json): string => (typeof reply === 'string' ? reply : '');

/** Bitmain's letters in words (fact sheet 3.2); `J` and `L` have the number of a board. */
const MEANINGS: readonly (readonly [code: RegExp, message: string])[] = [
  [/^R:1$/, 'hash rate low'],
  [/^N:1$/, 'hash rate high'],
  [/^V:1$/, 'power supply: initialisation failed'],
  [/^V:2$/, 'power supply: not calibrated'],
  [/^P:1$/, 'over-temperature'],
  [/^P:2$/, 'too cold'],
  [/^M:1$/, 'memory'],
  [/^J0:8$/, 'too few boards'],
  [/^J0:6$/, 'temperature sensor'],
  [/^J\d+:4$/, 'EEPROM of a board'],
  [/^J\d+:2$/, 'chips missing on a board'],
  [/^L\d+:1$/, 'limit of voltage or frequency'],
  [/^L\d+:2$/, 'boards do not match'],
];

const messageOf = (place: string, what: string): string =>
  MEANINGS.find(([code]) => code.test(`${place}:${what}`))?.[1] ?? 'a code that no table has';
