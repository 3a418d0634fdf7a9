import { type ErrorCode, RelightError } from '../shared/errors.ts';

/** Where in a file something stands: `['power', 'feeds', 0, 'capW']`. */
export type Key = readonly (string | number)[];

/** What is wrong with a file, before the file's name and line are known. */
export class Fault extends Error {
  readonly code: ErrorCode;
  readonly key: Key;

  constructor(code: ErrorCode, key: Key, text: string) {
    super(text);
    this.code = code;
    this.key = key;
  }
}

const SHOWN_MAX = 60; // of a value in a message that has to stay one line

/** `text` goes on after the key: `is 90, expected …`. */
export function refuse(code: ErrorCode, key: Key, text: string): never {
  throw new Fault(code, key, text);
}

export const keyText = (key: Key): string =>
  key.reduce<string>((text, part) => text + (typeof part === 'number' ? `[${part}]` : dotted(text, part)), '');

const dotted = (before: string, part: string): string => {
  const name = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
  return before === '' ? name : `.${name}`;
};

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}

/** The one line that an operator sees. */
export function asError(fault: Fault, { file, line }: { file: string; line: number | null }): RelightError {
  const place = line === null ? file : `${file}:${line}`;
  const key = keyText(fault.key);
  const text = key === '' ? fault.message : `${key} ${fault.message}`;
  return new RelightError(fault.code, `${place}: ${text}`, { file, line, key });
}
