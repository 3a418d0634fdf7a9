import { createSocket } from 'node:dgram';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Certified, certificate } from './certificates.ts';
import { HOST, type Running } from './servers.ts';

/** Servers that can be trusted, or not: over TLS with certificates of our own making, and for the time. */

/** Speaks TLS with this certificate, and leaves every connection to `serve`. */
export function tlsServer(
  { key, cert }: Pick<Certified, 'key' | 'cert'>,
  serve: (socket: Socket, connection: number) => void = () => {},
  port = 0,
): Promise<Running> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ key, cert }, (socket) => {
    serve(
      socket.on('error', () => {}),
      ++connections,
    );
    socket.resume();
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  return new Promise((resolve) => {
    server.listen(port, HOST, () => {
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
          for (const socket of sockets) socket.destroy();
        });
      resolve({ at: { host: HOST, port: (server.address() as AddressInfo).port }, close });
    });
  });
}

const OURS = getCACertificates('default');
export const ROOT = certificate({
  subject: 'root',
  authority: { pathLength: null },
  fromMs: 0,
  toMs: Date.UTC(2049, 0),
});
/** From here on this process trusts the root of the tests, as an agent's host trusts what its system does. */
export const trustRoot = (): void => setDefaultCACertificates([ROOT.cert]);
export const trustAsBefore = (): void => setDefaultCACertificates([...OURS]);

/** A certificate that every client here accepts for loopback and `names`. */
export const trusted = (more: Parameters<typeof certificate>[0] | object = {}): Certified =>
  certificate({ subject: 'leaf', by: ROOT, addresses: [HOST], names: ['anchor.example'], ...more });

const PACKET_BYTES = 48;
const UNIX_OF_1900_S = 2_208_988_800;

export type NtpSays = Readonly<{
  /** What the server takes the time for; Unix ms. */
  nowMs?: number;
  leap?: number;
  stratum?: number;
  reference?: string;
  mode?: number;
  originate?: Buffer;
  transmit?: Buffer;
  bytes?: number;
}>;
export type NtpServer = Running &
  Readonly<{ asked(): number; from(): readonly string[]; last(): Buffer | null; again(said: NtpSays): void }>;

/** A time server on UDP. `says` gives what is unusual about the answer to a question, null for silence. */
export function ntpServer(says: (question: number) => NtpSays | null | Promise<NtpSays | null>): Promise<NtpServer> {
  const socket = createSocket('udp4');
  const from: string[] = [];
  let closed = false;
  let last: Buffer | null = null;
  let reply = (_: NtpSays): void => {};
  socket.on('message', async (question, peer) => {
    from.push(peer.address);
    last = Buffer.from(question);
    reply = (said) => socket.send(answerTo(question, said), peer.port, peer.address);
    const said = await says(from.length);
    if (said !== null && !closed) reply(said);
  });
  return new Promise((resolve) => {
    socket.bind(0, HOST, () => {
      const close = (): Promise<void> =>
        new Promise((done) => {
          closed = true;
          socket.close(() => done());
        });
      const at = { host: HOST, port: socket.address().port };
      resolve({
        at,
        close,
        asked: () => from.length,
        from: () => from,
        last: () => last,
        again: (said) => reply(said),
      });
    });
  });
}

function answerTo(question: Buffer, said: NtpSays): Buffer {
  const { nowMs = Date.now(), leap = 0, stratum = 2, mode = 4, reference = 'GPS\0' } = said;
  const answer = Buffer.alloc(PACKET_BYTES);
  answer[0] = (leap << 6) | (4 << 3) | mode;
  answer[1] = stratum;
  answer.write(reference, 12, 'latin1');
  (said.originate ?? question.subarray(40, 48)).copy(answer, 24);
  stamp(nowMs).copy(answer, 32);
  (said.transmit ?? stamp(nowMs)).copy(answer, 40);
  return answer.subarray(0, said.bytes ?? PACKET_BYTES);
}

export function stamp(unixMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  const seconds = Math.floor(unixMs / 1_000) + UNIX_OF_1900_S;
  bytes.writeUInt32BE(seconds % 2 ** 32, 0);
  bytes.writeUInt32BE(Math.floor(((unixMs % 1_000) / 1_000) * 2 ** 32), 4);
  return bytes;
}
