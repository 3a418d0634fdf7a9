import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { newDevice } from '../../../agent/miner/device.ts';
import { diagnose } from '../../../agent/miner/health.ts';
import { type Memory, newMemory, remember } from '../../../agent/miner/health-memory.ts';
import { createMiners, type Miners } from '../../../agent/miner/miners.io.ts';
import type { Reading, Target } from '../../../agent/miner/reading.ts';
import { met, strangerAt } from '../../../agent/miner/strangers.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import { minerId } from '../../../shared/ids.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { close, closeAll, open } from './replay.ts';

/** One of two Antminers that tell themselves apart in every page. */
type Box = Readonly<{ mac: string; rateGhs: number; bootedMs: number; mute?: boolean }>;
const A: Box = { mac: '02:00:00:00:00:01', rateGhs: 100_000, bootedMs: -900_000 };
const B: Box = { mac: '02:00:00:00:00:02', rateGhs: 50_000, bootedMs: -90_000_000 };
/** Which of them a snapshot is of, by what comes from two pages; `mixed` where they differ. */
const whose = ({ snapshot, unreadable }: Reading): string => {
  if (snapshot === null) return String(unreadable);
  const [byMac, byRate] = [A, B]
    .map((box, index) => [snapshot.mac === box.mac, snapshot.hashrateThs === box.rateGhs / 1_000, 'AB'[index]])
    .reduce<[string, string]>(
      ([mac, rate], [isMac, isRate, name]) => [isMac ? String(name) : mac, isRate ? String(name) : rate],
      ['-', '-'],
    );
  return byMac === byRate ? byMac : 'mixed';
};

const opened: Server[] = [];
let count = 0;

/** An address at which `who` answers the next connection. */
async function address(who: (connection: number) => Box | 'bitaxe', family: string | null = 'antminer-stock') {
  const clock = virtualClock(unixMs(1_790_000_000_000));
  let connections = 0;
  const writes: string[] = [];
  const server = createServer((request, response) => {
    const box = who(connections++);
    if (box === 'bitaxe') {
      const info = {
        ASICModel: 'BM1370',
        hashRate: 1_200,
        power: 17,
        macAddr: '02:00:00:00:00:03',
        uptimeSeconds: 900,
      };
      const known = request.url === '/api/system/info';
      return response.writeHead(known ? 200 : 404).end(known ? JSON.stringify({ ...info, axeOSVersion: 'v2' }) : '');
    }
    const { mac, rateGhs, bootedMs } = box;
    const elapsed = Math.floor((clock.monoMs() - bootedMs) / 1_000);
    const path = request.url?.replace('/cgi-bin/', '').replace('.cgi', '') ?? '';
    if (/reboot|set_|blink$/.test(path) && path !== 'get_blink_status') writes.push(`${path} ${mac}`);
    const pages: Record<string, unknown> = {
      get_system_info: { minertype: 'Antminer S19', macaddr: mac, system_filesystem_version: 'one' },
      stats: {
        INFO: { type: 'Antminer S19' },
        STATS: [{ elapsed, rate_5s: rateGhs, rate_unit: 'GH/s', 'miner-mode': 0 }],
      },
      summary: { SUMMARY: [{ elapsed, status: [] }] },
      pools: { POOLS: [{ index: 0, url: 'stratum+tcp://p:1', user: 'u', status: 'Alive', priority: 0 }] },
      get_blink_status: { blink: false },
    };
    // One that does not say who it is, as many do while they start.
    if (box.mute && path === 'get_system_info') return response.writeHead(503).end();
    const page = pages[path];
    response.writeHead(page === undefined ? 404 : 200).end(JSON.stringify(page ?? {}));
  });
  opened.push(server);
  const port = await open(server);
  const miners = createMiners({
    credentials: { of: () => ({ user: 'root', password: 'root' }) },
    ...{ deadlineMs: millis(10_000), spacingMs: millis(1), clock },
  });
  made.push(miners);
  const target: Target = {
    ...{ miner: minerId(`shared-${count++}`), address: '127.0.0.1', ports: { http: port, rpc: 1, alt: 1 } },
    family,
  };
  const read = async (): Promise<Reading> => {
    clock.advance(millis(15_000));
    return miners.read(target);
  };
  return { read, miners, target, clock, writes, connections: () => connections };
}
const made: Miners[] = [];
afterEach(
  async () => void (await Promise.all([...made.splice(0).map((one) => one.close()), ...opened.splice(0).map(close)])),
);
afterAll(closeAll);

/** What is told of these readings, 15 s apart. */
const told = (readings: readonly Reading[]) => {
  let memory: Memory = newMemory('antminer-stock');
  readings.forEach((reading, index) => {
    memory = remember(memory, { ...reading, atMs: index * 15_000 }, 80);
  });
  return diagnose(memory, readings.length * 15_000);
};

describe('another device at the address of one that was read', () => {
  test('is read as a whole, and told', async () => {
    let now = A;
    const { read } = await address(() => now);
    const readings = [await read(), await read()];
    now = B;
    readings.push(await read(), await read());
    expect(readings.map(whose)).toEqual(['A', 'A', 'B', 'B']);
    expect(readings.map(({ stranger }) => stranger?.both)).toEqual([undefined, undefined, false, false]);
    const { condition, evidence } = told(readings);
    expect(condition).toBe('hashing');
    expect(evidence.at(-1)).toBe(
      `another device answers at this address: Antminer S19 ${B.mac}; it was Antminer S19 ${A.mac}`,
    );
  });

  test.each([0, 60_000])('is so too when it has only just begun (%i ms)', async (agoMs) => {
    let now = A;
    const { read, clock } = await address(() => now);
    const readings = [await read()];
    now = { ...B, bootedMs: clock.monoMs() + 15_000 - agoMs };
    readings.push(await read());
    expect(readings.map(whose)).toEqual(['A', 'B']);
  });

  test('is seen by the glance before an order', async () => {
    let now = A;
    const { read, miners, target } = await address(() => now);
    await read();
    now = B;
    // What was decided of the one before does not pass for the one that is there now.
    const glance = await miners.glance(target);
    expect([whose(glance), glance.stranger?.both]).toEqual(['unidentified', false]);
    expect(glance.detail).toContain(B.mac);
    expect(whose(await read())).toBe('B');
  });

  test('gets no order that was given for the one before', async () => {
    let now = A;
    const { read, miners, target, writes } = await address(() => now);
    await read();
    now = B;
    await miners.glance(target);
    expect(await miners.act(target, { action: 'reboot' })).toMatchObject({
      result: 'refused',
      detail: expect.stringContaining(B.mac),
    });
    expect(writes).toEqual([]);
    // Once whoever orders has seen it, it is a miner as any other.
    expect(whose(await read())).toBe('B');
    await miners.act(target, { action: 'reboot' });
    expect(writes).toEqual([`reboot ${B.mac}`]);
  });

  test('that does not say who it is gets no order, and is believed when it does', async () => {
    let now: Box = A;
    const { read, miners, target, writes } = await address(() => now);
    await read();
    await read();
    now = { ...B, mute: true };
    expect(whose(await miners.glance(target))).toBe('unidentified');
    expect((await miners.act(target, { action: 'reboot' })).result).toBe('refused');
    expect([whose(await read()), whose(await read())]).toEqual(['unidentified', 'unidentified']);
    expect((await miners.act(target, { action: 'reboot' })).result).toBe('refused');
    expect(writes).toEqual([]);
    now = B;
    expect(whose(await read())).toBe('B');
  });
});

describe('a device of another family at the address of one that was read', () => {
  test('is identified anew, and told', async () => {
    let now: Box | 'bitaxe' = A;
    const { read } = await address(() => now, null);
    expect(whose(await read())).toBe('A');
    now = 'bitaxe';
    const readings = [await read(), await read()];
    expect(readings.map(({ unreadable, snapshot }) => unreadable ?? snapshot?.family)).toEqual([
      'unidentified',
      'bitaxe',
    ]);
    expect(readings[1]?.stranger).toMatchObject({ was: expect.stringContaining('Antminer'), both: false });
  });

  test('stays unidentified where the site file says what there should be, and is given no order', async () => {
    let now: Box | 'bitaxe' = A;
    const { read, miners, target } = await address(() => now);
    await read();
    now = 'bitaxe';
    for (let turn = 0; turn < 3; turn++)
      expect(await read()).toMatchObject({ unreadable: 'unidentified', snapshot: null });
    expect((await miners.act(target, { action: 'reboot' })).result).toBe('refused');
  });
});

describe('two devices at one address', () => {
  test('that answer by turns of some readings are told, and given no order', async () => {
    let now = A;
    const { read, miners, target, writes } = await address(() => now);
    const readings: Reading[] = [];
    for (const next of [A, A, B, B, A, A]) {
      now = next;
      readings.push(await read());
    }
    expect(readings.map(whose)).toEqual(['A', 'A', 'B', 'B', 'unidentified', 'unidentified']);
    const { condition, rung, evidence } = told(readings);
    expect([condition, rung]).toEqual(['configuration', 'ticket']);
    expect(evidence).toEqual([expect.stringMatching(/^two devices answer at this address: .*:02 and .*:01$/)]);
    const { result, detail } = await miners.act(target, { action: 'reboot' });
    expect([result, detail]).toEqual(['refused', expect.stringContaining('two devices')]);
    expect(writes).toEqual([]);
  });

  /** Who answers which connection, and how often each: no arithmetic of one reading's requests may hide it. */
  const patterns: readonly (readonly [string, (connection: number) => Box])[] = [
    ['every other connection', (n) => (n % 2 === 0 ? A : B)],
    ['every two connections', (n) => (n % 4 < 2 ? A : B)],
    ['every three connections', (n) => (n % 6 < 3 ? A : B)],
    ['every seven connections', (n) => (n % 14 < 7 ? A : B)],
    ['now and then', (n) => ((n * 2_654_435_761) % 97 < 48 ? A : B)],
  ];
  test.each(patterns)(
    'that change at %s are told once they were seen, and nothing of them is believed from then on',
    async (_, who) => {
      const { read, miners, target, writes } = await address(who);
      const readings: Reading[] = [];
      for (let turn = 0; turn < 10; turn++) readings.push(await read());
      const from = readings.findIndex(({ stranger }) => stranger?.both === true);
      expect(from).toBeGreaterThan(0);
      expect(from).toBeLessThan(6);
      const unidentified = {
        unreadable: 'unidentified',
        snapshot: null,
        detail: expect.stringContaining('two devices'),
      };
      for (const reading of readings.slice(from)) expect(reading).toMatchObject(unidentified);
      expect(told(readings)).toMatchObject({ condition: 'configuration', rung: 'ticket' });
      expect((await miners.act(target, { action: 'reboot' })).result).toBe('refused');
      expect(writes).toEqual([]);
    },
  );
});

test('that there were two is held for a quarter of an hour after it was last seen', () => {
  const device = newDevice();
  const MINUTE_MS = 60_000;
  const [a, b] = ['A', 'B'].map((key) => ({ key, words: key }));
  const steps = [
    [0, a, null],
    [1, b, { was: 'A', now: 'B', both: false }],
    [2, a, { was: 'B', now: 'A', both: true }],
    [3, null, { was: 'B', now: 'A', both: true }],
    [16, a, { was: 'B', now: 'A', both: true }],
    [17, a, null],
    [18, b, { was: 'A', now: 'B', both: false }],
  ] as const;
  for (const [atMin, seen, told] of steps) {
    met(device, seen ?? null, atMin * MINUTE_MS);
    expect([atMin, strangerAt(device, atMin * MINUTE_MS)]).toEqual([atMin, told]);
  }
});

test('one device costs no connection more, also when it restarts or stands still', async () => {
  let now = A;
  const { read, connections } = await address(() => now);
  const cost = async (): Promise<number> => {
    const before = connections();
    await read();
    return connections() - before;
  };
  const first = await cost();
  const [second, third] = [await cost(), await cost()];
  // The second reading asks once who it is, and the next ones do not.
  expect([second, await cost()]).toEqual([third + 1, third]);
  expect(first).toBeGreaterThan(third);
  now = { ...A, bootedMs: 0 };
  expect(await cost()).toBe(third + 1);
});
