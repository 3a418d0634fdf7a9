import { connect } from 'node:net';
import type { Place } from '../../../sim/index.ts';

const PATIENCE_MS = 3_000;

/** Frames of Whatsminer's V3 API on one connection: each text sent behind its length, and what came back. */
export function frames(place: Place, texts: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const replies: Record<string, unknown>[] = [];
    let rest: Buffer = Buffer.alloc(0);
    const socket = connect({ host: place.address, port: place.ports.v3 ?? 0 }, () => {
      socket.write(Buffer.concat(texts.map(framed)));
    });
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(replies);
    };
    const timer = setTimeout(end, PATIENCE_MS);
    socket.on('error', reject).on('close', end);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32LE(0)) {
        const length = rest.readUInt32LE(0);
        replies.push(JSON.parse(rest.subarray(4, 4 + length).toString()) as Record<string, unknown>);
        rest = rest.subarray(4 + length);
      }
      if (replies.length >= texts.filter((text) => text !== '').length) end();
    });
  });
}

function framed(text: string): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(Buffer.byteLength(text));
  return Buffer.concat([prefix, Buffer.from(text)]);
}
