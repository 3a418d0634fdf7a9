import { parseReply } from '../../../../agent/miner/parse.ts';
import { integer, pick, type Random } from '../../../../shared/random.ts';

/** One to four changes, to the structure where it parses, and now and then to the text. */
export function mutated(random: Random, text: string): string {
  const read = parseReply(text);
  // What is no JSON as it stands keeps its own grammar half of the time.
  const isAsItStands = read.ok && !read.repaired && /^\s*[{[]/.test(text);
  if (!read.ok || (!isAsItStands && random() < 0.5)) {
    return random() < 0.2 ? damaged(random, text) : rewritten(random, text);
  }
  const holder = { root: structuredClone(read.reply) };
  for (let left = integer(random, 1, 4); left > 0; left--) change(random, holder);
  const changed = JSON.stringify(holder.root) ?? 'null';
  if (random() < 0.04) return garbled(random, changed);
  return random() < 0.1 ? damaged(random, changed) : changed;
}

type Holder = Record<string, unknown>;
const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

/** Walks down at random, and changes what it finds. */
function change(random: Random, root: Holder): void {
  let at: Holder = root;
  for (;;) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = pick(random, keys);
    const inner = at[key];
    if (isHolder(inner) && Object.keys(inner).length > 0 && random() < 0.85) at = inner;
    else return pick(random, at === root ? AT_ROOT : CHANGES)({ random, at, key, inner });
  }
}

type Change = (place: Readonly<{ random: Random; at: Holder; key: string; inner: unknown }>) => void;

const put = (at: Holder, key: string, value: unknown): void => {
  // A plain assignment would set the prototype of a key that is called so.
  Object.defineProperty(at, key, { value, configurable: true, enumerable: true, writable: true });
};

const replace: Change = ({ random, at, key }) => put(at, key, structuredClone(pick(random, WEIRD)));
const retype: Change = ({ random, at, key, inner }) => put(at, key, retyped(random, inner));
const AT_ROOT: readonly Change[] = [retype, retype, replace];

const CHANGES: readonly Change[] = [
  replace,
  replace,
  retype,
  retype,
  ({ random, at, key, inner }) =>
    put(at, key, typeof inner === 'string' ? rewritten(random, inner) : scaled(random, inner)),
  ({ random, at, key, inner }) =>
    put(at, key, typeof inner === 'string' ? rewritten(random, inner) : scaled(random, inner)),
  ({ at, key }) => {
    if (Array.isArray(at)) at.splice(Number(key), 1);
    else delete at[key];
  },
  // The same again: twice in a list, else under a key that differs by a space, its case, or a number.
  ({ random, at, key, inner }) => {
    if (Array.isArray(at)) at.push(structuredClone(inner));
    else put(at, pick(random, [`${key} `, key.toUpperCase(), key.toLowerCase(), `${key}1`]), inner);
  },
  // Two values change places.
  ({ random, at, key, inner }) => {
    const other = pick(random, Object.keys(at));
    put(at, key, at[other]);
    put(at, other, inner);
  },
  ({ random, at, inner }) => {
    if (!Array.isArray(at)) put(at, pick(random, ['__proto__', 'constructor', 'toString', 'length']), inner);
  },
  ({ random, at, key, inner }) => put(at, key, copies(random, inner)),
  ({ random, at, key, inner }) => put(at, key, nested(inner, integer(random, 1, 200))),
];

const COPIES_MAX_CHARS = 20_000;
function copies(random: Random, value: unknown): unknown[] {
  const most = COPIES_MAX_CHARS / (JSON.stringify(value)?.length ?? 1);
  return Array.from({ length: Math.min(integer(random, 2, 80), Math.ceil(most)) }, () => structuredClone(value));
}

/** The same in another type, as other firmware might write it. */
function retyped(random: Random, value: unknown): unknown {
  if (typeof value === 'number')
    return pick<unknown>(random, [`${value}`, `${value} W`, `${-value}`, [value], { value }, value > 0]);
  if (typeof value === 'string')
    return pick<unknown>(random, [Number(value), [value], { value }, ` ${value}\0`, value.split(' ')]);
  if (Array.isArray(value))
    return pick<unknown>(random, [{ ...value }, value[0] ?? null, JSON.stringify(value), [value], value.flat()]);
  if (isHolder(value))
    return pick<unknown>(random, [[value], Object.values(value), Object.entries(value), JSON.stringify(value)]);
  return pick<unknown>(random, [`${value}`, Number(value), [value]]);
}

const FACTORS = [-1, 0, 1e-9, 1e-3, 10, 1e3, 1e6, 1e9, 1e300, -1e300];
const scaled = (random: Random, value: unknown): unknown =>
  typeof value === 'number' ? value * pick(random, FACTORS) : [value];

function nested(value: unknown, depth: number): unknown {
  let inner = value;
  for (let left = depth; left > 0; left--) inner = left % 2 === 0 ? [inner] : { 0: inner };
  return inner;
}

const WEIRD: readonly unknown[] = [
  null,
  true,
  false,
  '',
  ' ',
  '-',
  'nan',
  'NaN',
  'Infinity',
  'N/A',
  '-1',
  -1,
  -0,
  0,
  1e308,
  -1e308,
  Number.MIN_VALUE,
  2 ** 31,
  2 ** 63,
  0.1 + 0.2,
  '99999999999999999999',
  '1e999',
  '-1e308',
  '0x1F',
  '1,234.5',
  '12,5',
  '٤٢',
  [],
  {},
  [[]],
  [null],
  [{}],
  { '': null },
  'é\u0000\u202e\u001b[2J',
  'x'.repeat(5_000),
  `${'y'.repeat(255)}😀`,
  '\ud83d',
  '2--1-20',
  '00:00:00:00:00:00',
  { STATUS: 'E' },
  [1, 'a', null, { b: [2] }],
  '12:34:56',
  -273,
  65_536,
  '"',
  '__proto__',
  'constructor',
  'toString',
];

const MARKS = /[|,=:;[\]{} '"/.-]|\d+(?:\.\d+)?/g;
const PIECES = [
  '',
  '-',
  '-1',
  '0',
  'nan',
  '1e400',
  '9'.repeat(30),
  '[',
  ']',
  ',',
  '=',
  '|',
  '\\',
  '{',
  '}',
  "'",
  ' ',
  '\0',
  '\n',
];

/** Many a reply has a text with a grammar of its own inside: numbers and marks of that change, go, or come twice. */
function rewritten(random: Random, text: string): string {
  const marks = [...text.matchAll(MARKS)];
  if (marks.length === 0) return `${text}${pick(random, PIECES)}`;
  const { index, 0: mark } = pick(random, marks);
  const [before, after] = [text.slice(0, index), text.slice(index + mark.length)];
  const kind = random();
  if (kind < 0.6) return `${before}${pick(random, PIECES)}${after}`;
  const from = Math.max(0, index - integer(random, 0, 40));
  return kind < 0.8 ? `${text.slice(0, from)}${after}` : `${before}${text.slice(from, index)}${mark}${after}`;
}

const CUTS = ['', ',', '}', ']', '{', '"', '\0', 'nan', ':', '\\', '}{', '\u0007'];

/** A line that broke, or a piece that is gone, with a stray sign at the place. */
function damaged(random: Random, text: string): string {
  const at = integer(random, 0, text.length);
  const rest = random() < 0.5 ? '' : text.slice(Math.min(text.length, at + integer(random, 0, 20)));
  return text.slice(0, at) + pick(random, CUTS) + rest;
}

const GARBLERS: readonly ((text: string, random: Random) => string)[] = [
  (text) => `\ufeff${text}`,
  (text) => Buffer.from(text, 'utf16le').toString('utf8'),
  (text) => Buffer.from(text.replaceAll('a', 'ä'), 'latin1').toString('utf8'),
  (text) => `${text}${text}`,
  (text) => `<html><body>${text}</body></html>`,
  (text) => text.replaceAll(':', '=>'),
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace(/:(-?\d[\d.]*)/, ':nan'),
  (text) => text.replace(/"(\w+)":/, '"$1":0,"$1":'),
  (text) => text.replace(/"(\w+)":/, '"__proto__":'),
  (text) => text.replaceAll(',"', ',\r\n\t"'),
  (text) => `${'['.repeat(2_000)}${text}${']'.repeat(2_000)}`,
  (text, random) => text.slice(integer(random, 0, 30)),
];
const garbled = (random: Random, text: string): string => pick(random, GARBLERS)(text, random);
