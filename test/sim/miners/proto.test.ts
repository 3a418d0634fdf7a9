import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { request, rest } from './raw.ts';

afterEach(stopFarms);

const proto = (faults: readonly FaultKind[] = ['none']) => rehearse({ model: 'Proto Rig', family: 'proto', faults });

type Json = Record<string, unknown>;
const read = async (place: Place, name: string): Promise<Json> =>
  (await rest(place, { path: `/api/v1/${name}` })).json as Json;
const status = async (place: Place): Promise<Json> => (await read(place, 'mining'))['mining-status'] as Json;

const login = (place: Place, password: string) =>
  rest(place, { path: '/api/v1/auth/login', method: 'POST', json: { password } });

async function write(place: Place, name: string, json: object = {}): Promise<number> {
  const { json: given } = await login(place, 'proto');
  const headers = [`Authorization: Bearer ${(given as Json).access_token}`];
  return (await rest(place, { path: `/api/v1/${name}`, method: 'POST', json, headers })).status;
}

describe('Proto Rig', () => {
  test('is known by its page and its system', async () => {
    const { place } = await proto();
    expect((await request(place, { path: '/' })).body).toContain('Proto OS');
    expect(await read(place, 'system')).toMatchObject({ 'system-info': { product_name: 'Proto Rig' } });
  });

  test('counts GH/s as a whole, and TH/s by its boards', async () => {
    const { place } = await proto();
    expect(await status(place)).toMatchObject({ status: 'Mining', ideal_hashrate_ghs: 104_000, hashboards_mining: 3 });
    expect((await status(place)).hashrate_ghs).toBeGreaterThan(100_000);
    const { hashboards } = (await read(place, 'telemetry?level=miner,hashboard,psu')) as { hashboards: Json[] };
    expect(hashboards).toHaveLength(3);
    const [first] = hashboards.map(({ hashrate }) => Number((hashrate as Json).value));
    expect(first).toBeGreaterThan(30);
    expect(first).toBeLessThan(40);
    expect(await rest(place, { path: '/api/v1/errors' })).toMatchObject({ json: [] });
  });

  test('shows what is wrong with it', async () => {
    const farm = await proto(['dead-board']);
    outage(farm, false);
    expect(await status(farm.place)).toMatchObject({ status: 'NoPools', hashrate_ghs: 0 });
    expect(await read(farm.place, 'pools')).toMatchObject({ pools: [{ status: 'Dead' }] });
    farm.pool.serves = true;
    farm.pass(200);
    farm.pass(70_000);
    expect(await status(farm.place)).toMatchObject({ hashboards_installed: 2, hashboards_mining: 2 });
    expect(await rest(farm.place, { path: '/api/v1/errors' })).toMatchObject({ json: [{ source: 'hashboard' }] });
  });

  test('takes orders with a token alone', async () => {
    const { place, farm } = await proto();
    expect(await login(place, 'x')).toMatchObject({ status: 401 });
    expect(await rest(place, { path: '/api/v1/mining/stop', method: 'POST' })).toMatchObject({ status: 401 });
    expect(await login((await proto(['auth'])).place, 'proto')).toMatchObject({ status: 401 });
    expect(farm.meter().pushes).toEqual([]);
  });

  test('stops, starts, takes a power target and reboots', async () => {
    const { place, farm, state, pass } = await proto();
    expect(await write(place, 'mining/stop')).toBe(202);
    expect(state()).toBe('sleeping');
    expect(await status(place)).toMatchObject({ status: 'Stopped', hashrate_ghs: 0 });
    await write(place, 'mining/start');
    pass(70_000);
    expect(state()).toBe('hashing');
    expect(await write(place, 'mining/target', { power_target_watts: -1 })).toBe(400);
    await write(place, 'mining/target', { power_target_watts: 2_500 });
    expect(await status(place)).toMatchObject({ power_target_watts: 2_500 });
    expect(await write(place, 'system/locate')).toBe(202);
    await write(place, 'system/reboot');
    expect((await request(place, { path: '/' })).heard.error).toBe('ECONNREFUSED');
    expect(farm.meter().pushes.map(({ action }) => action)).toEqual(['sleep', 'wake', 'restart', 'reboot']);
  });
});
