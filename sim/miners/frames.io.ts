import type { Socket } from 'node:net';
import type { Reply } from './envelope.ts';

/** Length-prefixed JSON as Whatsminer's V3 API has it (protocol sheet, section 5): several requests on one line. */
export type FrameAnswer = (text: string, client: string) => Reply | null;

const PREFIX_BYTES = 4;
const FRAME_MAX_BYTES = 65_536;
const IDLE_MS = 300_000;

export function serveFrames(socket: Socket, answer: FrameAnswer): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = take(rest); frame !== null && !socket.writableEnded; frame = take(rest)) {
      rest = rest.subarray(PREFIX_BYTES + frame.length);
      // A frame without content is a heartbeat.
      if (frame.length > 0) respond(socket, frame, answer);
    }
    if (rest.length >= PREFIX_BYTES && rest.readUInt32LE(0) > FRAME_MAX_BYTES) socket.destroy();
  });
}

/** The first whole frame, without its prefix. */
function take(bytes: Buffer): Buffer | null {
  if (bytes.length < PREFIX_BYTES) return null;
  const length = bytes.readUInt32LE(0);
  const whole = length <= FRAME_MAX_BYTES && bytes.length >= PREFIX_BYTES + length;
  return whole ? bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length) : null;
}

function respond(socket: Socket, frame: Buffer, answer: FrameAnswer): void {
  const reply = answer(frame.toString('utf8'), socket.remoteAddress ?? '');
  if (reply === null) return void socket.end();
  const text = Buffer.from(JSON.stringify(reply));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(text.length);
  socket.write(Buffer.concat([prefix, text]));
}
