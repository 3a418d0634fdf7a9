import { pick, type Random } from '../../../../shared/random.ts';

type Holder = Record<string, unknown>;
const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

/**
 * A reply of about so many characters, as a device that has gone mad might send it: one list, object or text of it
 * grown beyond measure, or a sign of its own again and again. What a reader does with that must stay in proportion.
 */
export function swollen(random: Random, text: string, size: number): string {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/\0+$/, ''));
  } catch {
    return random() < 0.5 ? filled(random, text, size) : repeated(pieceOf(random, text), size);
  }
  if (random() < 0.15) return filled(random, text, size);
  const places = placesIn({ root: value });
  const { holder, key } = pick(random, places);
  holder[key] = grownValue(random, holder[key], size);
  return JSON.stringify(key === 'root' ? holder.root : value);
}

type Place = Readonly<{ holder: Holder; key: string }>;

const placesIn = (holder: Holder): Place[] =>
  Object.keys(holder).flatMap((key) => {
    const inner = holder[key];
    return [{ holder, key }, ...(isHolder(inner) ? placesIn(inner) : [])];
  });

function grownValue(random: Random, value: unknown, size: number): unknown {
  if (Array.isArray(value) && value.length > 0) return grownList(random, value, size);
  if (isHolder(value) && !Array.isArray(value))
    return random() < 0.5 ? grownObject(value, size) : grownList(random, [value], size);
  return grownText(random, String(value ?? ''), size);
}

/** The same elements again, as they are, or each with numbers of its own. */
function grownList(random: Random, list: readonly unknown[], size: number): unknown[] {
  const least = random() < 0.3;
  const elements = least ? list.map((one) => (isHolder(one) ? {} : 0)) : list;
  const count = Math.ceil(size / (JSON.stringify(elements).length + 2)) * elements.length;
  const numbered = random() < 0.5;
  return Array.from({ length: count }, (_, at) => {
    const one = elements[at % elements.length];
    return numbered && isHolder(one) && !Array.isArray(one) ? renumbered(one, at) : one;
  });
}

const renumbered = (one: Holder, at: number): Holder =>
  Object.fromEntries(Object.entries(one).map(([key, value]) => [key, /^\d+$/.test(String(value)) ? at : value]));

/** The same values under numbered keys: "fan1" to "fan40000". */
function grownObject(value: Holder, size: number): Holder {
  const entries = Object.entries(value);
  if (entries.length === 0) entries.push(['a', 0]);
  const grown: Holder = { ...value };
  const each = JSON.stringify(value).length / entries.length + 6;
  for (let at = 0; at * each < size; at++) {
    const [key, inner] = entries[at % entries.length] ?? ['a', 0];
    grown[`${key.replace(/\d+$/, '')}${at}`] = inner;
  }
  return grown;
}

const SIGNS = [
  '1',
  'a',
  ' ',
  '-',
  '1-',
  '[',
  'a[',
  'a[1]',
  'a [',
  "'HB0':{",
  ',a=[',
  ',a=',
  '\n',
  ',',
  '{',
  '"',
  "'",
  '\\',
  ':',
  '/',
  '1 ',
  '-1/1',
  '😀',
];

function grownText(random: Random, text: string, size: number): string {
  const kind = random();
  if (kind < 0.3 && text !== '') return repeated(text, size);
  if (kind < 0.6) return repeated(pieceOf(random, text), size);
  const run = repeated(pick(random, SIGNS), size);
  const at = Math.floor(random() * text.length);
  return text.slice(0, at) + run + text.slice(at);
}

const pieceOf = (random: Random, text: string): string => {
  const at = Math.floor(random() * text.length);
  return text.slice(at, at + 1 + Math.floor(random() * 12)) || '1';
};

const FILLINGS = [
  ' ',
  '\n',
  '\0',
  ',',
  '[',
  '{',
  '"',
  '}{',
  ':',
  '\\',
  '{"a":',
  '[1,',
  ':nan',
  '"error_code":[',
  '"error_code":["1":2',
  '|',
  'A=1|',
  'SUMMARY,a=1|',
  ',a=1',
  '},',
  "\\'",
  '// ',
];

/** Signs between those of a reply, which then is none. */
function filled(random: Random, text: string, size: number): string {
  const at = pick(random, [0, Math.floor(random() * text.length), text.length - 1, text.length]);
  const first = repeated(pick(random, FILLINGS), size / 2);
  const second = random() < 0.5 ? repeated(pick(random, FILLINGS), size / 2) : first;
  return text.slice(0, at) + first + second + text.slice(at) + pick(random, ['', '\0', 'x', 'x\0']);
}

const repeated = (piece: string, size: number): string => piece.repeat(Math.max(1, Math.ceil(size / piece.length)));
