import { createServer, type Server, type Socket } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { message, type Wire } from '../../../sim/miners/wire.ts';
import { close, open } from './replay.ts';

/** One call as it came; `at` is the path without its package. */
export type Heard = Readonly<{ at: string; authorization: string | null; bytes: Buffer }>;
/** A number is a status that refuses. */
export type Said = Uint8Array | number;
export type Calls = Readonly<Record<string, Said | ((heard: Heard) => Said)>>;

/** A device that only answers gRPC, on a real socket; a method that is not here is UNIMPLEMENTED. */
export type GrpcDevice = Readonly<{
  target: Target;
  port: number;
  heard: readonly Heard[];
  /** Connections so far, and those open now. */
  lines(): Readonly<{ made: number; open: number }>;
  close(): Promise<void>;
}>;

export const nothing = message();
export { message, type Wire };

const PACKAGES: Readonly<Record<string, string>> = { ApiVersionService: 'braiins.bos' };
const same = (bytes: Buffer): Buffer => bytes;
let count = 0;

export async function grpcDevice(calls: Calls, more: Readonly<Record<string, number>> = {}): Promise<GrpcDevice> {
  const heard: Heard[] = [];
  const server = new grpc.Server();
  const bytes = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  for (const [at, answer] of Object.entries(calls)) {
    const [service = ''] = at.split('/');
    const path = `/${PACKAGES[service] ?? 'braiins.bos.v1'}.${at}`;
    const handler: grpc.handleUnaryCall<Buffer, Buffer> = (call, done) => {
      const one = { at, authorization: call.metadata.get('authorization')[0]?.toString() ?? null, bytes: call.request };
      heard.push(one);
      const said = typeof answer === 'function' ? answer(one) : answer;
      if (typeof said === 'number') done({ code: said, details: 'says the device' });
      else done(null, Buffer.from(said));
    };
    server.addService({ [at]: { path, requestStream: false, responseStream: false, ...bytes } }, { [at]: handler });
  }
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  return standing(
    (socket) => injector.injectConnection(socket),
    (one) => ({ ...one, heard, target: targetAt(one.port, more) }),
  );
}

/** Something else on that port: what it does with each connection is the test's. */
export const oddPort = (serve: (socket: Socket) => void): Promise<Omit<GrpcDevice, 'target' | 'heard'>> =>
  standing(serve, (one) => one);

async function standing<T>(
  serve: (socket: Socket) => void,
  made: (one: Omit<GrpcDevice, 'target' | 'heard'>) => T,
): Promise<T> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  const port = await open(server);
  return made({
    port,
    lines: () => ({ made: connections, open: sockets.size }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await close(server);
    },
  });
}

function targetAt(port: number, more: Readonly<Record<string, number>>): Target {
  const ports = { http: 1, rpc: 1, ...more, grpc: port };
  return { miner: minerId(`grpc-${count++}`), address: '127.0.0.1', ports, family: 'braiins' };
}
