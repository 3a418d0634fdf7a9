/** The wire format of protocol buffers, as far as virtual miners need it: varints, doubles, and what has a length. */
export type Wire = number | boolean | string | Uint8Array | Readonly<{ double: number }>;
/** null: the field is not sent. */
export type Entry = readonly [no: number, value: Wire | null];

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5] as const;

/** A message of these fields, in order. 0, false and "" are not sent, as the third version of the language has it. */
export const message = (...entries: readonly Entry[]): Uint8Array => joined(entries.map(field));

function field([no, value]: Entry): Uint8Array {
  if (value === null || value === 0 || value === false || value === '') return new Uint8Array();
  if (typeof value === 'number') return joined([tag(no, VARINT), varint(value)]);
  if (value === true) return joined([tag(no, VARINT), varint(1)]);
  if (typeof value === 'string') return lengthed(no, new TextEncoder().encode(value));
  if (value instanceof Uint8Array) return lengthed(no, value);
  if (value.double === 0) return new Uint8Array();
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value.double, true);
  return joined([tag(no, FIXED64), bytes]);
}

const tag = (no: number, kind: number): Uint8Array => varint(no * 8 + kind);
const lengthed = (no: number, bytes: Uint8Array): Uint8Array => joined([tag(no, LENGTH), varint(bytes.length), bytes]);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = Math.trunc(value);
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What came of a message, by field number; several of one number in order. Doubles are passed over: nobody sends any. */
export type Came = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

/** null: no message. */
export function opened(bytes: Uint8Array): Came | null {
  const came = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const next = (): number => {
    let [value, factor] = [0, 1];
    for (let byte = 128; byte >= 128; factor *= 128) {
      byte = bytes[at++] ?? 0;
      value += (byte % 128) * factor;
    }
    return value;
  };
  while (at < bytes.length) {
    const head = next();
    const [no, kind] = [Math.floor(head / 8), head % 8];
    if (kind !== VARINT && kind !== LENGTH && kind !== FIXED64 && kind !== FIXED32) return null;
    const value = kind === FIXED64 ? 8 : kind === FIXED32 ? 4 : next();
    if (kind === VARINT) came.set(no, [...(came.get(no) ?? []), value]);
    else {
      if (kind === LENGTH) came.set(no, [...(came.get(no) ?? []), bytes.subarray(at, at + value)]);
      at += value;
    }
    if (at > bytes.length) return null;
  }
  return came;
}

export function textIn(came: Came | null, no: number): string {
  const value = came?.get(no)?.[0];
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : '';
}

/** 0 where it is not there, as on the wire. */
export function numberIn(came: Came | null, no: number): number {
  const value = came?.get(no)?.[0];
  return typeof value === 'number' ? value : 0;
}

export const messagesIn = (came: Came | null, no: number): readonly (Came | null)[] =>
  (came?.get(no) ?? []).map((value) => (typeof value === 'number' ? null : opened(value)));
