import type { Socket } from 'node:net';
import { Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js';
import type { Call, CallReply } from './family.ts';

/** null: the connection closes without an answer. */
export type CallAnswer = (call: Call, client: string) => CallReply | null;

const same = (bytes: Buffer): Buffer => bytes;

/** Speaks gRPC on connections that some port has accepted; a path that is not among these is UNIMPLEMENTED. */
export function createCallServer(paths: readonly string[], answer: CallAnswer): (socket: Socket) => void {
  const server = new Server({ 'grpc.enable_channelz': 0 });
  const sockets = new Set<Socket>();
  const definition: ServiceDefinition = Object.fromEntries(
    paths.map((path) => {
      const bytes = {
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      };
      return [path, { path, requestStream: false, responseStream: false, ...bytes }];
    }),
  );
  const handlers = paths.map((path) => [
    path,
    (call: Asked, done: Done): void => {
      const authorization = call.metadata.get('authorization')[0]?.toString() ?? null;
      const reply = answer({ path, authorization, message: call.request }, call.getPeer());
      if (reply === null) for (const socket of sockets) socket.destroy();
      else if ('refuses' in reply) done({ code: status[reply.refuses], details: reply.why }, null);
      else done(null, Buffer.from(reply.message));
    },
  ]);
  server.addService(definition, Object.fromEntries(handlers));
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Nobody asks anything after he has closed his half.
    socket.allowHalfOpen = false;
    injector.injectConnection(socket);
  };
}

type Asked = Readonly<{
  request: Buffer;
  metadata: Readonly<{ get(key: string): readonly (string | Buffer)[] }>;
  getPeer(): string;
}>;
type Done = (error: { code: number; details: string } | null, message: Buffer | null) => void;
