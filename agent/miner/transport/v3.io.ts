import { connect } from 'node:net';
import type { Millis } from '../../../shared/units.ts';
import { type Broken, brokenBy, REPLY_MAX_BYTES, timedOut, tooLong } from './exchange.ts';
import { startLimits } from './limits.io.ts';
import { patiently } from './patient.io.ts';

const PREFIX_BYTES = 4;

export type FrameCall = Readonly<{ host: string; port: number; text: string; timeoutMs: Millis; signal?: AbortSignal }>;
export type FrameReply = Readonly<{ ok: true; text: string }> | Broken;

/**
 * One connection, one command, one reply of Whatsminer's API V3: four bytes of little-endian length before each, and
 * frames of length 0 for a heartbeat (fact sheet 5). INVARIANTS: resolves exactly once and never rejects; when it has
 * resolved, the socket is closed; holds at most REPLY_MAX_BYTES.
 */
export const callFrame = (call: FrameCall): Promise<FrameReply> =>
  patiently((timeoutMs) => callOnce({ ...call, timeoutMs }), call);

function callOnce(call: FrameCall): Promise<FrameReply> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let [received, wanted] = [0, PREFIX_BYTES];
    let sent = false;
    let outcome: FrameReply | null = null;
    const socket = connect({ host: call.host, port: call.port });
    const finish = (result: FrameReply): void => {
      outcome ??= result;
      socket.destroy();
    };
    const limits = startLimits(call, {
      sent: () => sent,
      late: () => timedOut(sent, call.timeoutMs, received),
      end: finish,
    });

    socket.on('connect', () => {
      limits.connected();
      sent = true;
      socket.write(framed(call.text));
    });
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      chunks.push(chunk);
      if (received > REPLY_MAX_BYTES) return finish(tooLong(sent));
      // Joined only when it can be whole: a device may send it byte by byte.
      if (received < wanted) return;
      const frame = firstFrame(Buffer.concat(chunks));
      if (frame.text !== null) return finish({ ok: true, text: frame.text });
      wanted = frame.wanted;
      if (wanted > REPLY_MAX_BYTES) finish(tooLong(sent));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => finish(brokenBy(error.code, sent, received)));
    socket.on('close', () => {
      limits.over();
      resolve(outcome ?? brokenBy('ECONNRESET', sent, received));
    });
  });
}

function framed(text: string): Buffer {
  const body = Buffer.from(text, 'utf8');
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(body.length);
  return Buffer.concat([prefix, body]);
}

type Frame = Readonly<{ text: string; wanted: 0 } | { text: null; wanted: number }>;

/** The first frame that is none of length 0; where it is not whole, how many bytes there must be to look again. */
function firstFrame(held: Buffer): Frame {
  let at = 0;
  while (held.length >= at + PREFIX_BYTES) {
    const from = at + PREFIX_BYTES;
    const end = from + held.readUInt32LE(at);
    if (end > held.length) return { text: null, wanted: end };
    if (end > from) return { text: held.toString('utf8', from, end), wanted: 0 };
    at = from;
  }
  return { text: null, wanted: at + PREFIX_BYTES };
}
