import { withoutEnding } from './ending.ts';

/**
 * What may be done to a reply that is not JSON: the steps of the fact sheet's section 2, in its order, and three more
 * that only its captures show. Nothing else: a guess shown as a reading is worse than no reading.
 */
export type Repair = (text: string) => string;

/** 1: the end mark, bytes that were no text, line ends inside. */
const strip: Repair = (text) => withoutEnding(text, /[\0\s]/).replace(/[\n\r\t]/g, '');

/** 2: commas that are missing or too many. */
const commas: Repair = (text) =>
  text
    .replaceAll('}{', '},{')
    .replaceAll(',}', '}')
    .replaceAll(',]', ']')
    .replaceAll('[,{', '[{')
    .replaceAll('""temp0', '","temp0');

/** 3: a number that is none is a missing value. */
const notNumbers: Repair = (text) => text.replace(/([:[,]\s*)"?[-+]?(?:inf|infinity|nan)"?(?=\s*[,}\]])/gi, '$1null');

/** 4: Avalon's tail without a head. */
const headless: Repair = (text) => (text.startsWith(',') ? `{${text.slice(1)}` : text);

/** Captures M20S 20200917 (`"\'20200917.22.REL\'"`): JSON knows no `\'`. */
const escapes: Repair = (text) => text.replace(/\\(?!["\\/bfnrtu])/g, '');

/** Captures S15, S9 SE, S9k: a stray `"}` or the like behind a whole object. */
const strayTail: Repair = (text) => {
  const end = endOfObject(text);
  return end === null || !/^["}\]\s\0]*$/.test(text.slice(end)) ? text : text.slice(0, end);
};

/** 6: Whatsminer 2.0.4 writes a dictionary in list brackets. */
const dictionaryList: Repair = (text) => text.replace(/("error_code"\s*:\s*)\[(\s*"[^"\]]*"\s*:[^[\]]*)\]/g, '$1{$2}');

/**
 * 5: BTMiner cuts a list of hundreds of errors off. Only such a list is closed for it: any other reply that stops in
 * the middle is a line that broke.
 */
const cutErrorList: Repair = (text) => {
  if (!/"error_code"\s*:\s*[[{]|"Error Code \d/.test(text) || endOfObject(text) !== null) return text;
  const at = lastComma(text);
  return at === null ? text : text.slice(0, at) + openIn(text.slice(0, at)).reverse().join('');
};

/** Capture Blackminer F2: whoever wrote the page down has put its date and address before it. */
const remarks: Repair = (text) => text.replace(/^\s*\/\/[^{[]*/, '');

export const REPAIRS: readonly Repair[] = [
  strip,
  remarks,
  commas,
  notNumbers,
  headless,
  escapes,
  strayTail,
  dictionaryList,
  cutErrorList,
];

/** Position just behind the first whole object; null when it never closes. */
function endOfObject(text: string): number | null {
  let end: number | null = null;
  scan(text, (at, depth) => {
    if (depth === 0 && end === null) end = at + 1;
  });
  return end;
}

function lastComma(text: string): number | null {
  let last: number | null = null;
  scan(text, (at) => {
    if (text[at] === ',') last = at;
  });
  return last;
}

const openIn = (text: string): string[] => scan(text, () => {});

/**
 * Calls `visit` at every comma and closing bracket outside of strings, with how many brackets are open there. Returns
 * what would close those that are open at the end.
 */
function scan(text: string, visit: (at: number, depth: number) => void): string[] {
  const open: string[] = [];
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inText) {
      if (char === '\\') at++;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === '{' || char === '[') open.push(char === '{' ? '}' : ']');
    else if (char === ',') visit(at, open.length);
    else if ((char === '}' || char === ']') && open.pop() !== undefined) visit(at, open.length);
  }
  return open;
}
