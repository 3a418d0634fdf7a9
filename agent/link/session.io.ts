import WebSocket, { type RawData } from 'ws';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { FRAME_MAX_BYTES, type Frame, LINK_PROTOCOL, parseFrame, printFrame } from '../../shared/frame.ts';
import { CLOSE } from '../../shared/messages.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { Ending } from './backoff.ts';
import { type CallEnd, createCalls } from './calls.ts';
import { type Closed, endingOfStatus } from './ending.ts';
import { answerCall, type Orders } from './incoming.ts';

/** One connection. Whoever holds it may lose it at any moment; `closed` then resolves, once. */
export type Session = Readonly<{
  /** Ends with `closed` or `timeout` where no answer comes. One at a time. */
  call(action: string, payload: unknown): Promise<CallEnd>;
  send(action: string, payload: unknown): void;
  bufferedBytes(): number;
  /** From now on the controller's calls are answered; before, they are a breach of the order. */
  serve(orders: Orders): void;
  /** Pings at this interval, and gives the line up after two without any sign of life. */
  watch(intervalMs: Millis): void;
  close(code: number, reason: string): void;
  terminate(): void;
  closed: Promise<Closed>;
}>;

export type SessionOptions = Readonly<{ url: string; clock: Clock; nextId(): string; signal: AbortSignal }>;
export type Opened = Readonly<{ ok: true; session: Session }> | Readonly<{ ok: false; ending: Ending; reason: string }>;

const HANDSHAKE_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = millis(30_000); // the controller answers records after its commit: long for a busy disk
const CLOSE_TIMEOUT_MS = millis(500); // stop() has 2 s in all
const MISSES_MAX = 2;
const BAD_MAX = 5;

/** Opens a socket to a controller. Nothing is lost between the upgrade and the first listener. */
export function openSession(options: SessionOptions): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = new WebSocket(options.url, LINK_PROTOCOL, {
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: FRAME_MAX_BYTES,
      followRedirects: false,
    });
    const abort = (): void => socket.terminate();
    options.signal.addEventListener('abort', abort, { once: true });
    const settle = (opened: Opened): void => {
      options.signal.removeEventListener('abort', abort);
      resolve(opened);
    };
    socket.on('error', (error) => settle({ ok: false, ending: { is: 'unreachable' }, reason: error.message }));
    socket.on('unexpected-response', (request, response) => {
      const ending = endingOfStatus(response.statusCode ?? 0, response.headers['retry-after']);
      settle({ ok: false, ending, reason: `HTTP ${response.statusCode}` });
      response.resume();
      request.destroy();
    });
    socket.on('open', () => settle({ ok: true, session: createSession(socket, options) }));
  });
}

type State = { orders: Orders | null; bad: number; misses: number; timers: Set<Cancel> };

function createSession(socket: WebSocket, { clock, nextId }: SessionOptions): Session {
  const calls = createCalls(nextId);
  const state: State = { orders: null, bad: 0, misses: 0, timers: new Set() };
  const after = (delayMs: Millis, run: () => void): Cancel => {
    const cancel = clock.after(delayMs, () => {
      state.timers.delete(cancel);
      run();
    });
    state.timers.add(cancel);
    return cancel;
  };
  const write = (frame: Frame): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(printFrame(frame));
  };
  const close = (code: number, reason: string): void => {
    socket.close(code, reason);
    after(CLOSE_TIMEOUT_MS, () => socket.terminate());
  };
  const closed = new Promise<Closed>((resolve) => {
    socket.on('close', (code, reason) => {
      for (const cancel of state.timers) cancel();
      calls.abandon({ ok: false, code: 'closed', description: `the link was closed: ${code}` });
      resolve({ code, reason: reason.toString() });
    });
  });
  const alive = (): void => {
    state.misses = 0;
  };
  socket.on('pong', alive);
  socket.on('ping', alive);
  socket.on('message', (data, isBinary) => {
    alive();
    const bad = handle({ calls, state, write }, isBinary ? null : textOf(data));
    if (bad) state.bad += 1;
    if (state.bad >= BAD_MAX) close(CLOSE.policy, 'too many bad messages');
  });
  const watch = (intervalMs: Millis): void => {
    if (state.misses >= MISSES_MAX) return socket.terminate();
    state.misses += 1;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
    after(intervalMs, () => watch(intervalMs));
  };
  return {
    call: (action, payload) => call({ calls, write, after }, action, payload),
    send: (action, payload) => write({ is: 'send', id: nextId(), action, payload }),
    bufferedBytes: () => socket.bufferedAmount,
    serve: (orders) => {
      state.orders = orders;
    },
    watch,
    close,
    terminate: () => socket.terminate(),
    closed,
  };
}

type Line = Readonly<{ calls: ReturnType<typeof createCalls>; write(frame: Frame): void }>;

async function call(
  { calls, write, after }: Line & Readonly<{ after(delayMs: Millis, run: () => void): Cancel }>,
  action: string,
  payload: unknown,
): Promise<CallEnd> {
  const opened = calls.open();
  if (opened === null) return { ok: false, code: 'Busy', description: 'another call is open' };
  write({ is: 'call', id: opened.id, action, payload });
  const cancel = after(CALL_TIMEOUT_MS, () =>
    calls.end(opened.id, { ok: false, code: 'timeout', description: `no answer to ${action}` }),
  );
  const end = await opened.ended;
  cancel();
  return end;
}

/** True for a message that no honest controller sends. */
function handle({ calls, state, write }: Line & Readonly<{ state: State }>, text: string | null): boolean {
  const parsed = text === null ? { ok: false as const, code: 'FormatViolation' as const, id: '-1' } : parseFrame(text);
  if (!parsed.ok) {
    write({ is: 'error', id: parsed.id, code: parsed.code, description: 'not a frame of ours', details: {} });
    return parsed.code !== 'MessageTypeNotSupported'; // a newer controller's way of speaking is no fault
  }
  const { frame } = parsed;
  switch (frame.is) {
    case 'result':
      return !calls.end(frame.id, { ok: true, payload: frame.payload });
    case 'error':
      return !calls.end(frame.id, {
        ok: false,
        code: frame.code,
        description: frame.description,
        details: frame.details,
      });
    case 'send':
      return false; // none is defined for this direction yet
    case 'call':
      return answer(state, write, frame);
  }
}

function answer(state: State, write: Line['write'], frame: Extract<Frame, { is: 'call' }>): boolean {
  const answered =
    state.orders === null
      ? ({ ok: false, code: 'SecurityError', description: 'not welcomed yet', bad: true } as const)
      : answerCall(state.orders, frame.action, frame.payload);
  if (answered.ok) write({ is: 'result', id: frame.id, payload: answered.payload });
  else {
    const { code, description } = answered;
    write({ is: 'error', id: frame.id, code, description, details: {} });
  }
  return !answered.ok && answered.bad;
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();
}
