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

/** The same reply as the text dialect has it: `STATUS=S,When=…|SUMMARY,Elapsed=…|`. */
export function asText(reply: Reply): string {
  const sections = Object.entries(reply).flatMap(([name, rows]) =>
    Array.isArray(rows) ? rows.map((row, index) => section(name, index, row as Reply)) : [],
  );
  return sections.length > 0 ? `${sections.join('|')}|` : `${Object.entries(reply).map(pair).join(',')}|`;
}

function section(name: string, index: number, row: Reply): string {
  const fields = Object.entries(row).map(pair);
  if (name === 'STATUS') return fields.join(',');
  return [index > 0 ? `${name}=${index}` : name, ...fields].join(',');
}

const pair = ([key, value]: readonly [string, unknown]): string =>
  `${key}=${String(value).replace(/[|,=\\]/g, (sign) => `\\${sign}`)}`;

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
