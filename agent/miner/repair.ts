/**
 * What may be done to a reply that is not JSON: the steps of the fact sheet's section 2, in its order, and three more
 * that only its captures show. Nothing else: a guess shown as a reading is worse than no reading.
 */
export type Repair = (text: string) => string;

/** 1: the end mark, bytes that were no text, line ends inside. */
const strip: Repair = (text) => text.replace(/[\0\s]+$/, '').replace(/[\n\r\t]/g, '');

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
  const comma = lastComma(text);
  return comma === null ? text : text.slice(0, comma.at) + comma.open.reverse().join('');
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

type Scan = Readonly<{ at: number; open: string[] }>;

/** Position just behind the first whole object; null when it never closes. */
function endOfObject(text: string): number | null {
  let end: number | null = null;
  scan(text, (at, open) => {
    if (open.length === 0 && end === null) end = at + 1;
  });
  return end;
}

function lastComma(text: string): Scan | null {
  let last: Scan | null = null;
  scan(text, (at, open) => {
    if (text[at] === ',') last = { at, open: [...open] };
  });
  return last;
}

/** Calls `visit` at every comma and closing bracket outside of strings, with the brackets still to be closed. */
function scan(text: string, visit: (at: number, open: readonly string[]) => void): void {
  const open: string[] = [];
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inText) {
      if (char === '\\') at++;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === '{' || char === '[') open.push(char === '{' ? '}' : ']');
    else if (char === ',') visit(at, open);
    else if ((char === '}' || char === ']') && open.pop() !== undefined) visit(at, open);
  }
}
