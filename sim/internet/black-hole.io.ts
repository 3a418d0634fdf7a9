import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Endpoint } from '../../config/site.ts';

/*
 * A port of this machine that swallows connection requests, as a cut line does. A listener whose thread never
 * accepts, with its short queue full, makes Linux drop every further SYN; no firewall and no rights are needed.
 */
const LISTENER = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer();
server.on('error', (error) => parentPort.postMessage(error.code ?? 'error'));
server.listen({ ...workerData, backlog: 1 }, () => {
  parentPort.postMessage('listening');
  // For ever, and before the loop can accept anything; terminate() ends it.
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});`;

// A backlog of 1 holds two; the others only make sure of it on systems that round up.
const QUEUE_FILLERS = 4;
const FILL_WITHIN_MS = 100;

export type BlackHole = Readonly<{ close(): Promise<void> }>;

/** Resolves when new connections to `at` are swallowed. Rejects when the port cannot be taken. */
export async function blackHole(at: Endpoint): Promise<BlackHole> {
  const worker = new Worker(LISTENER, { eval: true, workerData: { host: at.host, port: at.port } });
  await listening(worker);
  const fillers = Array.from({ length: QUEUE_FILLERS }, () => connect({ host: at.host, port: at.port }));
  await Promise.all(fillers.map(settled));
  return {
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}

function listening(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (word: string) => (word === 'listening' ? resolve() : reject(new Error(word))));
  });
}

/** Connected, refused, or swallowed because the queue is full already. */
function settled(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FILL_WITHIN_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.once('connect', done).once('error', done);
  });
}
