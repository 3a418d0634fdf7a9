import { afterAll, afterEach, expect, test } from '@jest/globals';
import { minersWith, type PageDevice, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('', ''));
afterAll(() => miners.close());
let device: PageDevice | null = null;
afterEach(() => device?.close());

const info = { says: { ASICModel: 'BM1370', hashRate: 1_200, power: 17, uptimeSeconds: 900, axeOSVersion: 'v2' } };
const pages = {
  'GET /api/system/info': info,
  'GET /api/system/asic': { says: { ASICModel: 'BM1370' } },
  'POST /api/system/restart': { says: '' },
};

test.each(['bitaxe', 'nerdaxe'])(
  'a %s wants most of a minute of peace after a whole reading, and not before',
  async (family) => {
    device = await pageDevice({ family, pages });
    expect(miners.restLeftMs(device.target)).toBe(0);
    await miners.glance(device.target);
    expect(miners.restLeftMs(device.target)).toBe(0);
    expect((await miners.read(device.target)).unreadable).toBeNull();
    const leftMs = miners.restLeftMs(device.target);
    expect(leftMs).toBeGreaterThan(45_000);
    expect(leftMs).toBeLessThanOrEqual(50_000);
  },
);

test('an order, the glance before it and the reading after it do not wait for that', async () => {
  device = await pageDevice({ family: 'bitaxe', pages });
  await miners.read(device.target);
  const startedMs = performance.now();
  expect((await miners.glance(device.target)).unreadable).toBeNull();
  expect((await miners.act(device.target, { action: 'restart' })).result).toBe('sent');
  expect((await miners.read(device.target)).unreadable).toBeNull();
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(device.writes()).toEqual(['POST /api/system/restart']);
});

test('an Antminer takes a reading at any time', async () => {
  device = await pageDevice({ family: 'antminer-stock', pages: {} });
  await miners.read(device.target);
  expect(miners.restLeftMs(device.target)).toBe(0);
});
