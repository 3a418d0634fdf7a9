import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { isIP, type Socket } from 'node:net';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Millis } from '../../../shared/units.ts';
import { type Broken, brokenBy, timedOut } from './exchange.ts';
import { startLimits } from './limits.io.ts';

/** Known replies have a few KB; as JSON they would be several times as long. */
export const GRPC_MAX_BYTES = 262_144;
const DETAIL_CHARS = 200;

export type GrpcCall = Readonly<{
  host: string;
  port: number;
  /** `/package.Service/Method`. */
  path: string;
  message: Uint8Array;
  metadata: Readonly<Record<string, string>>;
  timeoutMs: Millis;
  signal?: AbortSignal;
}>;
/** `status`: as the device gave it, where it is the device that says no. */
export type GrpcReply = Readonly<{ ok: true; message: Uint8Array }> | (Broken & Readonly<{ status?: number }>);

export const STATUS = status;

const OPTIONS = {
  'grpc.max_receive_message_length': GRPC_MAX_BYTES,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  // Else the next call would get this one's connection.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
} as const;

/**
 * The library keeps its sockets to itself, goes on connecting after its channel is closed, and connects once more a
 * second after a failure. So each of its sockets is caught as it is made, and told to the call that it was made for.
 */
const making = new AsyncLocalStorage<(socket: Socket) => void>();
subscribe('net.client.socket', (message) => making.getStore()?.((message as { socket: Socket }).socket));

/**
 * One call on a channel of its own. INVARIANTS: resolves exactly once and never rejects; opens one connection, which is
 * closed when it has resolved; takes at most GRPC_MAX_BYTES; tries nothing twice.
 */
export function callGrpc(call: GrpcCall): Promise<GrpcReply> {
  return new Promise((resolve) => {
    let outcome: GrpcReply | null = null;
    let stop = (): void => undefined;
    const line = newLine({
      connected: () => limits.connected(),
      closed: () => void (outcome !== null && resolve(outcome)),
    });
    const finish = (result: GrpcReply): void => {
      if (outcome !== null) return;
      outcome = result;
      limits.over();
      stop();
      line.end();
    };
    const sent = (): boolean => line.facts().connected;
    const limits = startLimits(call, {
      sent,
      late: () => timedOut(sent(), call.timeoutMs, line.facts().received),
      end: finish,
    });
    try {
      stop = making.run(line.caught, () =>
        start(call, (error, message) =>
          finish(error === null && message !== undefined ? { ok: true, message } : refused(error, line.facts())),
        ),
      );
    } catch (error) {
      const detail = `cannot be asked: ${error instanceof Error ? error.message : String(error)}`;
      finish({ ok: false, sent: false, why: 'garbage', detail });
    }
  });
}

type Facts = Readonly<{ broke: string | undefined; lost: boolean; connected: boolean; received: number }>;
type Line = Readonly<{
  caught(socket: Socket): void;
  facts(): Facts;
  /** `closed` is told once nothing is open any more, and later sockets never come to connect. */
  end(): void;
}>;

/** What befalls the one connection of a call is told by its socket: the library says UNAVAILABLE to all of it. */
function newLine(told: Readonly<{ connected(): void; closed(): void }>): Line {
  let socket: Socket | null = null;
  let [connected, closed, ended] = [false, false, false];
  let broke: string | undefined;
  return {
    caught(made) {
      // Gone before it has knocked: connecting begins after the present step. A name may have a second address, though.
      if (ended || (socket !== null && !closed)) return void queueMicrotask(() => made.destroy());
      [socket, closed, broke] = [made, false, undefined];
      made.on('connect', () => {
        connected = true;
        told.connected();
      });
      made.on('error', (error: NodeJS.ErrnoException) => {
        broke ??= error.code;
      });
      made.on('close', () => {
        closed = true;
        told.closed();
      });
    },
    facts: () => {
      const lost = broke !== undefined || closed || socket?.destroyed === true;
      return { broke, lost, connected, received: socket?.bytesRead ?? 0 };
    },
    end() {
      ended = true;
      socket?.destroy();
      if (socket === null || closed) told.closed();
    },
  };
}

type Callback = (error: ServiceError | null, message: Uint8Array | undefined) => void;

/** Returns what ends it. */
function start({ host, port, path, message, metadata }: GrpcCall, done: Callback): () => void {
  const address = [`dns:${host}`, `ipv4:${host}`, `ipv6:[${host}]`][[0, 4, 6].indexOf(isIP(host))];
  const client = new Client(`${address}:${port}`, credentials.createInsecure(), OPTIONS);
  const sent = new Metadata();
  for (const [key, value] of Object.entries(metadata)) sent.set(key, value);
  const going = client.makeUnaryRequest(
    path,
    asBuffer,
    (bytes: Buffer) => bytes,
    message,
    sent,
    (error, bytes) => done(error, bytes),
  );
  return () => {
    going.cancel();
    client.close();
  };
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

const NOT_HTTP2 = /^ERR_HTTP2|^HPE_/;
/** The library's own words, under a status that no device gave: for streams that ended without one, */
const CUT_OFF = /^Received RST_STREAM|^Call cancelled|^Write error|^Protocol not secure/;
/** and for what breaks the rules. "OK" without a message does not say that nothing was done. */
const UNRULY = /triggered by internal client error|^No message received/;

function refused(error: ServiceError | null, facts: Facts): GrpcReply {
  const { broke, lost, connected, received } = facts;
  const [code, words] = [error?.code ?? status.UNKNOWN, error?.details ?? ''];
  const detail = `${status[code] ?? `status ${code}`}: ${words}`.slice(0, DETAIL_CHARS);
  const broken = (why: Broken['why'], told = detail): Broken => ({ ok: false, sent: connected, why, detail: told });
  if (broke !== undefined && NOT_HTTP2.test(broke)) return broken('garbage', 'what answers is not HTTP/2');
  if (code === status.UNAVAILABLE && lost) return brokenBy(broke ?? 'ECONNRESET', connected, received);
  if (UNRULY.test(words) && !lost) return broken('garbage');
  return CUT_OFF.test(words) ? broken('closed_early') : { ...broken(WHY[code] ?? 'denied'), status: code };
}

/** What a device says with its statuses; all others are a no. */
const WHY: Readonly<Record<number, Broken['why']>> = {
  [status.UNIMPLEMENTED]: 'absent',
  [status.DEADLINE_EXCEEDED]: 'silent',
  [status.RESOURCE_EXHAUSTED]: 'garbage',
};
