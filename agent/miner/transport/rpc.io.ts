import { connect } from 'node:net';
import type { Millis } from '../../../shared/units.ts';
import { type Broken, brokenBy, REPLY_MAX_BYTES, timedOut, tooLong } from './exchange.ts';
import { isBalanced } from './frame.ts';
import { startLimits } from './limits.io.ts';
import { patiently } from './patient.io.ts';

/** Some firmwares neither end their reply with NUL nor close: complete JSON and this much silence is an end too. */
const SILENCE_MS = 200;

export type RpcCall = Readonly<{ host: string; port: number; text: string; timeoutMs: Millis; signal?: AbortSignal }>;
export type RpcReply = Readonly<{ ok: true; text: string }> | Broken;

/**
 * One connection, one command, one reply. INVARIANTS: resolves exactly once and never rejects; when it has resolved,
 * the socket is closed, so that the next connection to the device finds it free; holds at most REPLY_MAX_BYTES.
 */
export const callRpc = (call: RpcCall): Promise<RpcReply> =>
  patiently((timeoutMs) => callOnce({ ...call, timeoutMs }), call);

function callOnce(call: RpcCall): Promise<RpcReply> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    let sent = false;
    let outcome: RpcReply | null = null;
    const socket = connect({ host: call.host, port: call.port });
    const finish = (result: RpcReply): void => {
      outcome ??= result;
      socket.destroy();
    };
    const all = (): string => Buffer.concat(chunks).toString('utf8');
    const quiet = setTimeout(() => {
      if (received > 0 && isBalanced(all())) finish({ ok: true, text: all() });
    }, SILENCE_MS);
    const limits = startLimits(call, {
      sent: () => sent,
      late: () => timedOut(sent, call.timeoutMs, received),
      end: finish,
    });

    socket.on('connect', () => {
      limits.connected();
      sent = true;
      socket.write(call.text);
    });
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > REPLY_MAX_BYTES) return finish(tooLong(sent));
      chunks.push(chunk);
      if (chunk[chunk.length - 1] === 0) return finish({ ok: true, text: all() });
      quiet.refresh();
    });
    socket.on('end', () => finish(received === 0 ? brokenBy('ECONNRESET', sent, 0) : { ok: true, text: all() }));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(brokenBy(error.code, sent, received)));
    socket.on('close', () => {
      clearTimeout(quiet);
      limits.over();
      resolve(outcome ?? brokenBy('ECONNRESET', sent, received));
    });
  });
}
