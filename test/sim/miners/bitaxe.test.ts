import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { request, rest } from './raw.ts';

afterEach(stopFarms);

const bitaxe = (faults: readonly FaultKind[] = ['none'], model = 'Bitaxe Gamma') =>
  rehearse({ model, family: 'bitaxe', faults });
const nerdaxe = (faults: readonly FaultKind[] = ['none']) =>
  rehearse({ model: 'NerdQAxe++', family: 'nerdaxe', faults });

type Json = Record<string, unknown>;
const info = async (place: Place): Promise<Json> => (await rest(place, { path: '/api/system/info' })).json as Json;
const post = async (place: Place, path: string): Promise<number> =>
  (await rest(place, { path, method: 'POST' })).status;
const patch = async (place: Place, json: unknown): Promise<number> =>
  (await rest(place, { path: '/api/system', method: 'PATCH', json })).status;

describe('Bitaxe', () => {
  test('is known by its page, and wants no password', async () => {
    const { place } = await bitaxe(['auth']);
    expect((await request(place, { path: '/' })).body).toContain('AxeOS');
    expect(await info(place)).toMatchObject({ ASICModel: 'BM1370', axeOSVersion: 'v2.12.2' });
    expect((await rest(place, { path: '/api/system/asic' })).json).toMatchObject({
      deviceModel: 'Gamma',
      asicCount: 1,
    });
  });

  test('counts GH/s, and its pool as host and port', async () => {
    const { place } = await bitaxe();
    const seen = await info(place);
    expect(seen).toMatchObject({
      expectedHashrate: 104_000,
      miningPaused: false,
      temp2: -1,
      stratumURL: 'pool.invalid',
      stratumPort: 3_333,
    });
    expect(seen.hashRate).toBeGreaterThan(100_000);
    expect(seen).not.toHaveProperty('power_fault');
  });

  test('hashes nothing without a pool, and says when it is too hot or its supply fails', async () => {
    const farm = await bitaxe();
    outage(farm, false);
    expect(await info(farm.place)).toMatchObject({ hashRate: 0, miningPaused: false, overheat_mode: 0 });
    const hot = await bitaxe(['hot-inlet']);
    outage(hot);
    expect(await info(hot.place)).toMatchObject({ hashRate: 0, overheat_mode: 1 });
    const supply = await bitaxe(['psu-fault']);
    outage(supply);
    await post(supply.place, '/api/system/restart');
    supply.pass(20_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    supply.pass(60_000);
    expect(await info(supply.place)).toMatchObject({ power_fault: expect.any(String) });
  });

  test('pauses and resumes', async () => {
    const { place, state, pass, farm } = await bitaxe();
    expect(await post(place, '/api/system/pause')).toBe(200);
    expect(state()).toBe('sleeping');
    expect(await info(place)).toMatchObject({ miningPaused: true, hashRate: 0 });
    await post(place, '/api/system/pause');
    await post(place, '/api/system/resume');
    pass(70_000);
    expect(state()).toBe('hashing');
    expect(farm.meter().pushes).toMatchObject([{ action: 'sleep' }, { action: 'wake' }]);
  });

  test('cannot be paused on old firmware, which knows no averages', async () => {
    const { place, farm } = await bitaxe(['none'], 'Bitaxe Ultra');
    expect(await post(place, '/api/system/pause')).toBe(404);
    const seen = await info(place);
    for (const key of ['hashRate_1m', 'expectedHashrate', 'miningPaused', 'axeOSVersion'])
      expect(seen).not.toHaveProperty(key);
    expect(seen.hashRate).toBeGreaterThan(100_000);
    expect(farm.meter().pushes).toEqual([]);
  });

  test('restarts as a whole, and has a new uptime after', async () => {
    const farm = await bitaxe();
    await post(farm.place, '/api/system/restart');
    expect((await request(farm.place, { path: '/' })).heard.error).toBe('ECONNREFUSED');
    farm.pass(20_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await info(farm.place)).uptimeSeconds).toBeLessThan(30);
    expect(farm.farm.meter().pushes).toMatchObject([{ action: 'reboot' }]);
  });

  test('changes what is written and nothing else', async () => {
    const { place, farm } = await bitaxe();
    expect(await patch(place, { stratumURL: 'other', stratumPort: 4_444, frequency: 490 })).toBe(200);
    expect(await info(place)).toMatchObject({
      stratumURL: 'other',
      stratumPort: 4_444,
      stratumUser: 'farm',
      fallbackStratumURL: '',
      frequency: 490,
      coreVoltage: 1_150,
    });
    expect((await request(place, { path: '/api/system', method: 'PATCH', body: '{' })).status).toBe(400);
    expect(farm.meter().pushes).toEqual([]);
  });

  test('keeps all as it was where it heeds nothing', async () => {
    const { place } = await bitaxe(['deaf']);
    expect(await patch(place, { stratumURL: 'other', frequency: 490 })).toBe(200);
    expect(await info(place)).toMatchObject({ stratumURL: 'pool.invalid', frequency: 525 });
  });
});

describe('NerdQAxe', () => {
  test('is known by its page, and gives its current twice', async () => {
    const { place } = await nerdaxe();
    expect((await request(place, { path: '/' })).body).toMatch(/Nerd.*AxeOS/);
    const seen = await info(place);
    expect(seen).toMatchObject({ deviceModel: 'NerdQAxe++', asicCount: 4, asicTemps: [0, 0, 0, 0], shutdown: false });
    expect(Number(seen.current) / Number(seen.currentA)).toBeCloseTo(1_000, 0);
    expect(seen.hashRate).toBeGreaterThan(100_000);
    expect(seen.stratum).toMatchObject({ pools: [{ connected: true }] });
  });

  test('is shut down, and started by a restart', async () => {
    const { place, state, pass } = await nerdaxe();
    expect(await post(place, '/api/system/pause')).toBe(404);
    await post(place, '/api/system/shutdown');
    expect(state()).toBe('sleeping');
    expect(await info(place)).toMatchObject({ shutdown: true, hashRate: 0 });
    await post(place, '/api/system/restart');
    pass(70_000);
    expect(state()).toBe('hashing');
  });

  test('takes no order without its code once that is on', async () => {
    const { place, farm } = await nerdaxe(['auth']);
    expect(await info(place)).toMatchObject({ otp: true });
    expect(await post(place, '/api/system/restart')).toBe(401);
    expect(await patch(place, { stratumURL: 'other' })).toBe(401);
    expect(await post((await nerdaxe()).place, '/api/v2/identify')).toBe(200);
    expect(farm.meter().pushes).toEqual([]);
  });
});
