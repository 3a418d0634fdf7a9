import { parseJson } from './json.ts';

/**
 * Frames of the link, in the style of OCPP-J: `[2, id, action, payload]` call, `[3, id, payload]` result,
 * `[4, id, code, description, details]` error, `[6, id, action, payload]` send without a reply.
 */
export const LINK_PROTOCOL = 'relight.v1';
export const FRAME_MAX_BYTES = 262_144; // the listener's maxPayload; a report of 100 miners has about 130 KB
const ID_MAX_CHARS = 36;

export const FRAME_ERRORS = [
  'FormatViolation',
  'NotImplemented',
  'NotSupported',
  'ProtocolError',
  'SecurityError',
  'PropertyConstraintViolation',
  'InternalError',
  'MessageTypeNotSupported',
  'Busy',
] as const;
export type FrameErrorCode = (typeof FRAME_ERRORS)[number];

export type Frame =
  | Readonly<{ is: 'call'; id: string; action: string; payload: unknown }>
  | Readonly<{ is: 'result'; id: string; payload: unknown }>
  | Readonly<{ is: 'error'; id: string; code: FrameErrorCode; description: string; details: unknown }>
  | Readonly<{ is: 'send'; id: string; action: string; payload: unknown }>;

export type Parsed = Readonly<{ ok: true; frame: Frame }> | Readonly<{ ok: false; code: FrameErrorCode; id: string }>;

export function printFrame(frame: Frame): string {
  switch (frame.is) {
    case 'call':
      return JSON.stringify([2, frame.id, frame.action, frame.payload]);
    case 'result':
      return JSON.stringify([3, frame.id, frame.payload]);
    case 'error':
      return JSON.stringify([4, frame.id, frame.code, frame.description, frame.details]);
    case 'send':
      return JSON.stringify([6, frame.id, frame.action, frame.payload]);
  }
}

/** Never throws: what cannot be parsed is a value with the code that the peer is answered with. */
export function parseFrame(text: string): Parsed {
  const value = parseJson(text);
  if (!Array.isArray(value)) return { ok: false, code: 'FormatViolation', id: '-1' };
  const [type, id, third, fourth, fifth] = value as unknown[];
  if (typeof id !== 'string' || id.length === 0 || id.length > ID_MAX_CHARS) {
    return { ok: false, code: 'FormatViolation', id: '-1' };
  }
  if ((type === 2 || type === 6) && typeof third === 'string') {
    return { ok: true, frame: { is: type === 2 ? 'call' : 'send', id, action: third, payload: fourth ?? null } };
  }
  if (type === 3) return { ok: true, frame: { is: 'result', id, payload: third ?? null } };
  if (type === 4 && isErrorCode(third) && typeof fourth === 'string') {
    return { ok: true, frame: { is: 'error', id, code: third, description: fourth, details: fifth ?? null } };
  }
  const later = typeof type === 'number' && ![2, 3, 4, 6].includes(type);
  return { ok: false, code: later ? 'MessageTypeNotSupported' : 'FormatViolation', id };
}

const isErrorCode = (value: unknown): value is FrameErrorCode =>
  typeof value === 'string' && (FRAME_ERRORS as readonly string[]).includes(value);
