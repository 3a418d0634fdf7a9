import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { answer, type Zone } from './dns.ts';
import { type Gate, openGate, type Path } from './gate.io.ts';

export type Dns = Readonly<{ at: Gate['at']; set(path: Path): Promise<void>; stop(): Promise<void> }>;
export type DnsOptions = Readonly<{ host: string; slowMs: number; zone: Zone }>;

const QUERY_MAX_BYTES = 512;
const LENGTH_BYTES = 2;
const SAME_PORT_TRIES = 20;

/** A name server on one port of UDP and TCP. */
export async function startDns(options: DnsOptions): Promise<Dns> {
  const { host, zone } = options;
  const gate = await openOnBoth(options);
  let udp: UdpSocket | null = await bindUdp(host, gate.at.port);
  const serveUdp = (socket: UdpSocket): void => {
    socket.on('message', (query, from) =>
      gate.pass(() => {
        const reply = answer(zone, query);
        // The socket may have been closed by a cut while a slow answer was under way.
        if (reply !== null && socket === udp) socket.send(reply, from.port, from.address);
      }),
    );
  };
  serveUdp(udp);
  const setUdp = async (path: Path): Promise<void> => {
    const wanted = path !== 'refuse';
    if (wanted === (udp !== null)) return;
    if (udp === null) {
      udp = await bindUdp(host, gate.at.port);
      serveUdp(udp);
    } else {
      udp.close();
      udp = null;
    }
  };
  return {
    at: gate.at,
    set: async (path) => {
      await gate.set(path);
      await setUdp(path);
    },
    stop: async () => {
      await gate.stop();
      await setUdp('refuse');
    },
  };
}

/** A TCP port whose UDP twin is free too. */
async function openOnBoth({ host, slowMs, zone }: DnsOptions): Promise<Gate> {
  for (let tries = 1; ; tries++) {
    const gate: Gate = await openGate({ host, port: 0, slowMs, serve: (socket) => serveTcp(socket, zone, () => gate) });
    try {
      (await bindUdp(host, gate.at.port)).close();
      return gate;
    } catch (error) {
      await gate.stop();
      if (tries === SAME_PORT_TRIES) throw error;
    }
  }
}

function serveTcp(socket: Socket, zone: Zone, gate: () => Gate): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) =>
    gate().pass(() => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= LENGTH_BYTES) {
        const length = pending.readUInt16BE(0);
        if (length > QUERY_MAX_BYTES) return void socket.destroy();
        if (pending.length < LENGTH_BYTES + length) return;
        const reply = answer(zone, pending.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
        pending = pending.subarray(LENGTH_BYTES + length);
        if (reply !== null) socket.write(framed(reply));
      }
    }),
  );
}

function framed(reply: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(reply.length);
  return Buffer.concat([length, reply]);
}

function bindUdp(host: string, port: number): Promise<UdpSocket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(port, host, () => {
      // A client that has gone makes a send fail; that is the client's matter.
      socket.off('error', reject).on('error', () => {});
      resolve(socket);
    });
  });
}
