import { EXTRANONCE2_BYTES, type NotifyParams } from './job.ts';

/** What one connection to the pool has been through. */
export type Session = Readonly<{ extranonce1: string; subscribed: boolean; authorized: boolean }>;

export type Heard = Readonly<{ session: Session; lines: readonly string[]; wantsJob: boolean; close: boolean }>;

const DIFFICULTY = 65_536; // what a farm's proxy is given
const OTHER_UNKNOWN = 20;
const UNAUTHORIZED_WORKER = 24;

/** Answers one line of a client. As ckpool in pool mode does, difficulty and a job follow the subscription. */
export function hear(session: Session, line: string): Heard {
  const request = parse(line);
  if (request === null) return { session, lines: [], wantsJob: false, close: true };
  const { id, method, params } = request;
  const answer = (result: unknown): string => JSON.stringify({ id, result, error: null });
  const refuse = (code: number, text: string): string =>
    JSON.stringify({ id, result: null, error: [code, text, null] });
  const stay = (text: string): Heard => ({ session, lines: [text], wantsJob: false, close: false });
  switch (method) {
    case 'mining.subscribe':
      return {
        session: { ...session, subscribed: true },
        lines: [answer(subscription(session.extranonce1)), difficulty()],
        wantsJob: true,
        close: false,
      };
    case 'mining.authorize': {
      const named = typeof params[0] === 'string' && params[0].length > 0;
      return { ...stay(answer(named)), session: { ...session, authorized: named } };
    }
    case 'mining.extranonce.subscribe':
      return stay(answer(true));
    case 'mining.submit':
      return stay(session.authorized ? answer(true) : refuse(UNAUTHORIZED_WORKER, 'unauthorized worker'));
    default:
      return stay(refuse(OTHER_UNKNOWN, 'unknown method'));
  }
}

export const notifyLine = (params: NotifyParams): string =>
  JSON.stringify({ id: null, method: 'mining.notify', params });

const difficulty = (): string => JSON.stringify({ id: null, method: 'mining.set_difficulty', params: [DIFFICULTY] });

const subscription = (extranonce1: string): unknown => [
  [
    ['mining.set_difficulty', `d${extranonce1}`],
    ['mining.notify', `n${extranonce1}`],
  ],
  extranonce1,
  EXTRANONCE2_BYTES,
];

type Request = Readonly<{ id: unknown; method: string; params: readonly unknown[] }>;

function parse(line: string): Request | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('method' in value)) return null;
    const { method } = value;
    if (typeof method !== 'string') return null;
    const params = 'params' in value && Array.isArray(value.params) ? (value.params as unknown[]) : [];
    return { id: 'id' in value ? value.id : null, method, params };
  } catch {
    return null;
  }
}
