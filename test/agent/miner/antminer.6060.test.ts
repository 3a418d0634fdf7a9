import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { antminerStock } from '../../../agent/miner/antminer-stock/driver.ts';
import { newDevice } from '../../../agent/miner/device.ts';
import type { Query } from '../../../agent/miner/driver.ts';
import type { DeviceLink } from '../../../agent/miner/link.io.ts';
import { readDevice } from '../../../agent/miner/reader.io.ts';
import type { Target } from '../../../agent/miner/reading.ts';
import { rehearse, stopFarms } from '../../sim/miners/farm.ts';
import { minersWith, type Pages, pageDevice, password } from './page-device.ts';
import { close, closeAll, open } from './replay.ts';

const miners = minersWith(password('root', 'root'));
const strangers = minersWith(password('root', 'wrong'));
afterAll(() => Promise.all([miners.close(), strangers.close(), closeAll()]));
afterEach(stopFarms);

const STATS: Pages[string] = {
  says: { INFO: { type: 'Antminer S19 XP' }, STATS: [{ elapsed: 5_000, rate_5s: 140_000, rate_unit: 'GH/s' }] },
};
const SUMMARY: Pages[string] = { says: { SUMMARY: [{ elapsed: 5_000, status: [] }] } };

/** An Antminer whose page and whose port 6060 count their connections. */
async function antminer(pages: Pages, extra: Pages | 'nobody' | ((socket: Socket) => void), pass = 'root') {
  const page = await pageDevice({ family: 'antminer-stock', digest: pass, pages });
  let tried = 0;
  const [port, end] = await extraPort(extra, () => {
    tried += 1;
  });
  const target: Target = { ...page.target, ports: { ...page.target.ports, alt: port } };
  return { target, page, tried: () => tried, close: () => Promise.all([page.close(), end()]) };
}

async function extraPort(extra: Pages | 'nobody' | ((socket: Socket) => void), count: () => void) {
  if (extra === 'nobody') {
    const server = createServer();
    const port = await open(server);
    await close(server);
    return [port, () => Promise.resolve()] as const;
  }
  const server: Server = createServer((socket) => {
    count();
    socket
      .on('error', () => undefined)
      .once('data', (data) => {
        if (typeof extra === 'function') return extra(socket);
        const page = extra[String(data).split(' HTTP')[0] ?? ''];
        const says = page !== null && typeof page === 'object' ? String(page.says) : '';
        socket.end(`HTTP/1.1 ${page === undefined ? 404 : 200} -\r\nContent-Length: ${says.length}\r\n\r\n${says}`);
      });
  });
  const port = await open(server);
  return [port, () => close(server)] as const;
}

let device: Awaited<ReturnType<typeof antminer>> | null = null;
beforeEach(() => {
  device = null;
});
afterEach(() => device?.close());

const POWER = { says: 'miner power:3010' };

describe('port 6060 of an Antminer', () => {
  test.each([
    ['text', 'miner power:3010', 3_010],
    ['JSON', '{"miner_power": "3010.5"}', 3_010.5],
    ['nothing measured', 'miner power:0', null],
    ['another text', 'error 6060 cmd', null],
  ])('tells the power in %s', async (_, says, powerW) => {
    device = await antminer({ 'GET /cgi-bin/stats.cgi': STATS }, { 'GET /miner_power': { says } });
    const { snapshot } = await miners.read(device.target);
    expect([snapshot?.powerW, snapshot?.hashrateThs]).toEqual([powerW, 140]);
  });

  test('is not asked for the power where the statistics have it', async () => {
    const says = { INFO: { type: 'Antminer S21' }, STATS: [{ elapsed: 5_000, rate_5s: 1, watt: 3_500 }] };
    device = await antminer(
      { 'GET /cgi-bin/stats.cgi': { says }, 'GET /cgi-bin/summary.cgi': SUMMARY },
      { 'GET /miner_power': POWER },
    );
    expect((await miners.read(device.target)).snapshot?.powerW).toBe(3_500);
    expect(device.tried()).toBe(0);
  });

  test.each([
    ['{"error_message":"None"}', []],
    ['{"error_message":"P:1"}', [{ code: 'P:1', message: 'over-temperature' }]],
    [
      '{"error_message":["J0:8","J2:4"]}',
      [
        { code: 'J0:8', message: 'too few boards' },
        { code: 'J2:4', message: 'EEPROM of a board' },
      ],
    ],
    ['{"error_message":"fan blocked"}', [{ code: null, message: 'fan blocked' }]],
    ['error 6060 cmd', []],
  ])('tells by %s what is wrong, where the page does not', async (says, errors) => {
    device = await antminer({ 'GET /cgi-bin/stats.cgi': STATS }, { 'GET /warning': { says } });
    expect((await miners.read(device.target)).snapshot?.errors).toEqual(errors);
  });

  test('is open to whom the page refuses', async () => {
    device = await antminer({}, { 'GET /miner_power': POWER, 'GET /warning': { says: '{"error_message":"V:1"}' } });
    const { unreadable, snapshot } = await strangers.read(device.target);
    expect([unreadable, snapshot?.powerW]).toEqual(['auth_failed', 3_010]);
    expect(snapshot?.errors.map(({ code }) => code)).toContain('V:1');
  });

  test.each([
    ['closes at once', (socket: Socket) => void socket.destroy()],
    ['answers what is no HTTP', (socket: Socket) => void socket.end('error 6060 cmd')],
    ['has no such page', {}],
  ])('that %s is left alone after that, and nothing is missing for it', async (_, extra) => {
    device = await antminer({ 'GET /cgi-bin/stats.cgi': STATS, 'GET /cgi-bin/summary.cgi': SUMMARY }, extra);
    const { snapshot } = await miners.read(device.target);
    expect(snapshot?.partial?.filter(({ read }) => /warning|power/.test(read)) ?? []).toEqual([]);
    const before = device.tried();
    expect(before).toBeGreaterThan(0);
    await miners.read(device.target);
    await miners.read(device.target);
    expect(device.tried()).toBe(before);
  });

  test('that refuses is no sign of anything, and asked for once', async () => {
    device = await antminer({ 'GET /cgi-bin/stats.cgi': STATS }, 'nobody');
    const first = await miners.read(device.target);
    const named = (first.snapshot?.partial ?? []).map(({ read }) => read);
    expect([first.unreadable, named.filter((read) => /warning|power/.test(read))]).toEqual([null, []]);
    // Somebody opens it; it is still taken for what it was.
    let knocks = 0;
    const late = createServer((socket) => {
      knocks += 1;
      socket.destroy();
    });
    const { alt } = device.target.ports;
    await new Promise<void>((resolve) => late.listen(alt, '127.0.0.1', resolve));
    await miners.read(device.target);
    await close(late);
    expect(knocks).toBe(0);
  });

  test('that refuses with all others is a miner that is off, and no stopped process', async () => {
    const page = await antminer({}, 'nobody');
    await page.close();
    const reading = await miners.read(page.target);
    expect([reading.unreadable, reading.snapshot]).toEqual(['refused', null]);
  });

  test('at which no connection comes about ends nothing else', async () => {
    const asked: string[] = [];
    const ask = async (query: Query) => {
      asked.push(query.name);
      if (query.name === 'miner power')
        return { ok: false, why: 'silent', detail: 'no connection', gone: true } as const;
      if (query.name === 'stats')
        return { ok: true, reply: { STATS: [{ elapsed: 9, rate_5s: 1 }] }, repaired: false } as const;
      return { ok: false, why: 'absent', detail: 'HTTP 404' } as const;
    };
    const link = { ask, monoMs: () => 0, knock: async () => false } as unknown as DeviceLink;
    const { powerW, errors, ...fields } = antminerStock.fields;
    const { unreadable, missing } = await readDevice(
      { ...antminerStock, fields: { powerW, errors, ...fields } },
      link,
      newDevice(),
    );
    expect([unreadable, missing]).toEqual([null, []]);
    expect(asked.indexOf('blink status')).toBeGreaterThan(asked.indexOf('miner power'));
  });

  test('is there on a virtual S19 XP, and not on an S19j Pro', async () => {
    for (const [model, has] of [
      ['Antminer S19 XP 141T', true],
      ['Antminer S19j Pro 104T', false],
    ] as const) {
      const farm = await rehearse({ model, family: 'antminer-stock' });
      const { snapshot } = await miners.read({ miner: farm.miner, ...farm.place, family: 'antminer-stock' });
      expect([snapshot?.miningState, typeof snapshot?.powerW === 'number']).toEqual(['hashing', has]);
    }
  });
});
