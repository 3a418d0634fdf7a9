import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { drivers } from '../../../agent/miner/catalogue.ts';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import { newDevice } from '../../../agent/miner/device.ts';
import type { DeviceLink } from '../../../agent/miner/link.io.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import { readDevice } from '../../../agent/miner/reader.io.ts';
import { callGrpc } from '../../../agent/miner/transport/grpc.io.ts';
import { minerId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import { pageDevice } from './page-device.ts';

/**
 * An address at which no connection comes about, without leaving the loopback: a process that stands still takes none,
 * and once its short queue is full the system drops what comes, as a network does where nobody is.
 */
const LISTENS = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;
let still: ChildProcess;
let port: number;
const fillers: Socket[] = [];

beforeAll(async () => {
  still = spawn(process.execPath, ['-e', LISTENS], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(still.stdout ?? still, 'data');
  port = Number(String(line).trim());
  still.kill('SIGSTOP');
  for (let filled = true; filled; ) filled = await fills(port);
});
afterAll(() => {
  for (const socket of fillers) socket.destroy();
  still.kill('SIGKILL');
});

const FULL_MS = 500;

/** False once a connection does not come about any more. */
function fills(to: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: to });
    fillers.push(socket);
    const limit = setTimeout(() => resolve(false), FULL_MS);
    socket
      .on('error', () => undefined)
      .once('connect', () => {
        clearTimeout(limit);
        resolve(true);
      });
  });
}

test.each(drivers)('once nobody is there, nothing more is asked of a $family', async (driver) => {
  const asked: string[] = [];
  const ask = async ({ name }: { name: string }) => {
    asked.push(name);
    return { ok: false, why: 'silent', detail: 'no connection', gone: true } as const;
  };
  const link = { ask, monoMs: () => 0, knock: async () => false } as unknown as DeviceLink;
  const { unreadable } = await readDevice(driver, link, newDevice());
  expect([unreadable, asked.length]).toEqual(['silent', 1]);
});

test.each(['antminer-stock', 'whatsminer-v2', null])('an address where nobody is says so of a %s', async (family) => {
  const miners = createMiners({ credentials: noCredentials, deadlineMs: millis(600), spacingMs: millis(5) });
  const target = { miner: minerId('nobody'), address: '127.0.0.1', ports: { http: port, rpc: port }, family };
  const { unreadable, detail, snapshot } = await miners.read(target);
  await miners.close();
  expect([unreadable, snapshot]).toEqual(['silent', null]);
  expect(detail).toMatch(/no connection within (400|600|[3-5]\d\d) ms/);
});

test('a call over gRPC that gets no connection ends, and stops knocking', async () => {
  const call = { host: '127.0.0.1', port, path: '/a.B/C', message: new Uint8Array(), metadata: {} };
  const before = process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;
  expect(await callGrpc({ ...call, timeoutMs: millis(300) })).toMatchObject({ sent: false, why: 'silent', gone: true });
  const after = process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;
  expect(after).toBeLessThanOrEqual(before);
});

test('a single port that is closed off is not a device that is gone', async () => {
  const page = await pageDevice({
    family: 'braiins',
    pages: { 'POST /graphql': { says: { data: { bos: { hostname: 'rig' }, bosminer: {} } } } },
  });
  const miners = createMiners({ credentials: noCredentials, deadlineMs: millis(15_000), spacingMs: millis(5) });
  const target = { ...page.target, ports: { ...page.target.ports, grpc: port } };
  const from = performance.now();
  const hostnames = [await miners.read(target), await miners.read(target)].map(({ snapshot }) => snapshot?.hostname);
  await Promise.all([miners.close(), page.close()]);
  expect(hostnames).toEqual(['rig', 'rig']);
  // Once for both.
  expect(performance.now() - from).toBeLessThan(6_000);
}, 20_000);
