import type { WebSocket } from 'ws';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { type Frame, printFrame } from '../../shared/frame.ts';
import type { Log } from '../../shared/log.ts';
import { millis } from '../../shared/units.ts';
import { charge, newBucket } from './bucket.ts';
import type { LinkLimits } from './link.ts';

export type Wire = Readonly<{
  send(frame: Frame): void;
  /** Begins an orderly end; the first reason is the one that is logged, and nothing is sent after it. */
  close(code: number, reason: string, fields?: object): void;
  closing(): boolean;
  after(delayMs: number, run: () => void): Cancel;
  /** Adds to what every later line of the log says. */
  tag(fields: object): void;
}>;

export type WireOptions = Readonly<{
  socket: WebSocket;
  real: Clock;
  limits: LinkLimits;
  log: Log;
  ip: string;
  onText(text: string): void;
  onClosed(): void;
}>;

// A peer that does not answer our close is cut off: it must not hold its place meanwhile.
const CUT_AFTER_MS = 1_000;
const REASON_MAX_BYTES = 123; // of a close frame

/** One socket with its timers: heartbeats, pace, backpressure, and one line in the log when it ends for a reason. */
export function openWire(options: WireOptions): Wire {
  const { socket, limits, log } = options;
  const timers = timersOf(options.real);
  let tags: object = { ip: options.ip };
  let closing = false;

  const ends = (text: string, fields: object = {}): boolean => {
    if (closing) return false;
    closing = true;
    log.info({ ...tags, ...fields }, text);
    timers.after(CUT_AFTER_MS, () => socket.terminate());
    return true;
  };
  const pace = pacer(options, timers.after);
  socket.on('message', (data, isBinary) => {
    if (closing) return;
    const text = isBinary ? '' : data.toString(); // no JSON: judged as the bad message that it is
    pace(text.length);
    options.onText(text);
  });
  // ws answers a frame that breaks the protocol or its limits with the right code itself, and closes.
  socket.on('error', (error) =>
    ends('link closed: bad frame', { cause: (error as { code?: string }).code ?? error.message }),
  );
  socket.once('close', () => {
    ends('link lost');
    timers.cancelAll();
    options.onClosed();
  });
  beat(options, timers.after);

  return {
    send(frame) {
      if (closing) return;
      socket.send(printFrame(frame));
      if (socket.bufferedAmount > limits.bufferedMaxBytes && ends('link closed: the agent does not read')) {
        socket.terminate();
      }
    },
    close(code, reason, fields = {}) {
      if (ends(`link closed: ${reason}`, { code, ...fields })) socket.close(code, clip(reason));
    },
    closing: () => closing,
    after: timers.after,
    tag: (fields) => {
      tags = { ...tags, ...fields };
    },
  };
}

/** Timers that end with the socket. */
function timersOf(real: Clock): Readonly<{ after: After; cancelAll(): void }> {
  const open = new Set<Cancel>();
  return {
    after(delayMs, run) {
      const cancel = real.after(millis(delayMs), () => {
        open.delete(cancel);
        run();
      });
      open.add(cancel);
      return () => {
        open.delete(cancel);
        cancel();
      };
    },
    cancelAll() {
      for (const cancel of open) cancel();
      open.clear();
    },
  };
}

type After = (delayMs: number, run: () => void) => Cancel;

/** Pings, and cuts a peer that has missed too many: a half-open socket would otherwise look alive for minutes. */
function beat({ socket, limits, log, ip }: WireOptions, after: After): void {
  let misses = 0;
  const alive = (): void => {
    misses = 0;
  };
  const tick = (): void => {
    if (misses >= limits.missesMax) {
      log.info({ ip, misses }, 'no heartbeat');
      socket.terminate();
      return;
    }
    misses += 1;
    if (socket.readyState === socket.OPEN) socket.ping();
    after(limits.heartbeatMs, tick);
  };
  socket.on('pong', alive);
  socket.on('message', alive);
  after(limits.heartbeatMs, tick);
}

/** A peer that sends faster than its share is read more slowly; nothing of it is lost. */
function pacer({ socket, real, limits }: WireOptions, after: After): (bytes: number) => void {
  let messages = newBucket(limits.messagesPerS);
  let bytes = newBucket(limits.bytesPerS);
  return (size) => {
    const [one, many] = [charge(messages, 1, real.monoMs()), charge(bytes, size, real.monoMs())];
    messages = one.bucket;
    bytes = many.bucket;
    const waitMs = Math.max(one.waitMs, many.waitMs);
    if (waitMs === 0 || socket.isPaused) return;
    socket.pause();
    after(waitMs, () => socket.resume());
  };
}

function clip(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= REASON_MAX_BYTES
    ? reason
    : bytes
        .subarray(0, REASON_MAX_BYTES - 3)
        .toString('latin1')
        .replace(/[^\x20-\x7e]/g, '?');
}
