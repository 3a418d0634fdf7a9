import { withoutEnding } from './ending.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * cgminer's plain-text dialect (fact sheet, section 2): `STATUS=S,Code=11,…|SUMMARY,Elapsed=…|`, or `POOL=0,URL=…|` once
 * an entry. Given back as the JSON dialect has it; null where the text is none of this, or stops in the middle. Numbers
 * stay texts, so that a serial of digits is none.
 */
export function plainText(raw: string): JsonObject | null {
  if (!BEGINS.test(raw) || !/[|\0]\s*$/.test(raw)) return null;
  const lists: Record<string, JsonObject[]> = {};
  for (const section of hidden(withoutEnding(raw, /[\0\s]/)).split('|')) {
    const entry = entryOf(section.trim());
    if (entry === null) continue;
    const list = lists[entry.list] ?? [];
    list.push(entry.values);
    lists[entry.list] = list;
  }
  return Object.keys(lists).length === 0 ? null : lists;
}

/** Vendor's samples begin with the section itself (capture A1066). */
const BEGINS = /^\s*(STATUS=[A-Z],|(SUMMARY|VERSION|CONFIG|POOL=\d+|STATS=\d+|(ASC|PGA|GPU)=\d+),)/;

/** What an entry's own word is called as a list. */
const LISTS: Readonly<Record<string, string>> = { POOL: 'POOLS', ASC: 'DEVS', PGA: 'DEVS', GPU: 'DEVS' };

/** A comma parts two values only where a key follows: values hold commas of their own ("Work: In Work, Hash Board: 3"). */
const BETWEEN = /,(?=[^,=:[\]]+=)/;

function entryOf(section: string): Readonly<{ list: string; values: JsonObject }> | null {
  const [head = '', ...parts] = section.split(BETWEEN);
  const [word = '', number] = head.split('=');
  if (!/^[A-Z][A-Z0-9]*$/.test(word)) return null;
  const own: readonly (readonly [string, Json])[] = number === undefined ? [] : [[word, shown(number)]];
  const values = parts.map((part) => {
    const at = part.indexOf('=');
    return at < 0
      ? ([shown(part), null] as const)
      : ([shown(part.slice(0, at)), flagOrText(part.slice(at + 1))] as const);
  });
  return { list: LISTS[word] ?? word, values: Object.fromEntries([...own, ...values]) };
}

function flagOrText(text: string): Json {
  if (text === 'true') return true;
  return text === 'false' ? false : shown(text);
}

/** Escaped marks step aside while the text is split: `\|`, `\,`, `\=` and `\\` (API 1.7). */
const MARKS = '|,=\\';
const ASIDE = 0xe000;

const hidden = (text: string): string =>
  text.replace(/\\([|,=\\])/g, (_, mark: string) => String.fromCharCode(ASIDE + MARKS.indexOf(mark)));
const shown = (text: string): string =>
  text.replace(/[\ue000-\ue003]/g, (mark) => MARKS[mark.charCodeAt(0) - ASIDE] ?? '');
