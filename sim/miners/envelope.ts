/** The reply format of cgminer's API (protocol sheet, section 2), which both families have. */
export type Reply = Readonly<Record<string, unknown>>;

export type StatusLetter = 'S' | 'I' | 'W' | 'E' | 'F';

export function envelope(
  status: Readonly<{ letter: StatusLetter; code: number; msg: string; by: string; wallS: number }>,
  body: Reply = {},
): Reply {
  const { letter, code, msg, by, wallS } = status;
  return { STATUS: [{ STATUS: letter, When: wallS, Code: code, Msg: msg, Description: by }], ...body, id: 1 };
}

/**
 * The same reply as the text dialect has it: `STATUS=S,When=…|SUMMARY,Elapsed=…|`. Since API 1.7 the signs with a
 * meaning are escaped in values; Avalons leave them as they are (capture of a 1346).
 */
export function asText(reply: Reply, escapes = true): string {
  const pair: Pair = ([key, value]) =>
    `${key}=${escapes ? String(value).replace(/[|,=\\]/g, (sign) => `\\${sign}`) : String(value)}`;
  const sections = Object.entries(reply).flatMap(([name, rows]) =>
    Array.isArray(rows) ? rows.map((row, index) => section({ name, index, row: row as Reply }, pair)) : [],
  );
  return sections.length > 0 ? `${sections.join('|')}|` : `${Object.entries(reply).map(pair).join(',')}|`;
}

type Pair = (entry: readonly [string, unknown]) => string;

function section({ name, index, row }: { name: string; index: number; row: Reply }, pair: Pair): string {
  const fields = Object.entries(row).map(pair);
  // Rows that begin with their own number, as `POOL=0`, have no other name.
  if (name === 'STATUS' || /^[A-Z]+$/.test(Object.keys(row)[0] ?? '')) return fields.join(',');
  return [index > 0 ? `${name}=${index}` : name, ...fields].join(',');
}

export type Request = Readonly<{ text: boolean; command: string | null; parameter: string; json: Reply }>;

/** What a client sent; null when it is neither JSON nor a text command. */
export function parseRequest(raw: string): Request | null {
  const trimmed = raw.replaceAll('\0', '').trim();
  if (!trimmed.startsWith('{')) {
    const [command, ...rest] = trimmed.split('|');
    if (command === undefined || !/^[\w+]+$/.test(command)) return null;
    return { text: true, command, parameter: rest.join('|'), json: {} };
  }
  const json = parseObject(trimmed);
  if (json === null) return null;
  const command = json.cmd ?? json.command;
  return {
    text: false,
    command: typeof command === 'string' ? command : null,
    parameter: typeof json.parameter === 'string' ? json.parameter : '',
    json,
  };
}

export function parseObject(text: string): Reply | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Reply) : null;
  } catch {
    return null;
  }
}
