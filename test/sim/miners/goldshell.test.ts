import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { ask, request, rest } from './raw.ts';

afterEach(stopFarms);

const goldshell = (faults: readonly FaultKind[] = ['none'], model = 'Goldshell CK5') =>
  rehearse({ model, family: 'goldshell', faults });

type Json = Record<string, unknown>;

const loginPath = (password: string, cipher = 'false'): string =>
  `/user/login?username=admin&password=${password}&cipher=${cipher}`;

async function bearer(place: Place): Promise<string> {
  const { json } = await rest(place, { path: loginPath('123456789') });
  return `Authorization: Bearer ${(json as Json)['JWT Token']}`;
}

const read = async (place: Place, path: string): Promise<unknown> =>
  (await rest(place, { path, headers: [await bearer(place)] })).json;

const put = async (place: Place, path: string, json: unknown): Promise<number> =>
  (await rest(place, { path, method: 'PUT', json, headers: [await bearer(place)] })).status;

type Setting = { powerplans: { level: number }[]; select: number };
const planOf = ({ powerplans }: Setting, level: number): number => powerplans.findIndex((plan) => plan.level === level);
const boards = async (place: Place): Promise<Json[]> =>
  ((await read(place, '/mcb/cgminer?cgminercmd=devs')) as { data: Json[] }).data;

describe('Goldshell', () => {
  test('is known by its page and by the banner of its RPC', async () => {
    const { place } = await goldshell();
    expect((await request(place, { path: '/' })).body).toContain('cloud-box');
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{ BFGMiner: '5.4.2' }] });
  });

  test('gives a token to who knows the password, and an answer without one to others', async () => {
    const { place } = await goldshell();
    for (const path of [loginPath('x'), loginPath('123456789', 'true')]) {
      const { status, json } = await rest(place, { path });
      expect(status).toBe(200);
      expect(json).not.toHaveProperty('JWT Token');
    }
    expect(await rest(place, { path: '/mcb/status' })).toMatchObject({ status: 401 });
    expect(await read(place, '/mcb/status')).toMatchObject({ model: 'Goldshell-CK5' });
    const changed = await goldshell(['auth']);
    expect((await rest(changed.place, { path: loginPath('123456789') })).json).not.toHaveProperty('JWT Token');
  });

  test('has one session, which a later login or a logout ends', async () => {
    const { place } = await goldshell();
    const [first, second] = [await bearer(place), await bearer(place)];
    expect(await rest(place, { path: '/mcb/status', headers: [first] })).toMatchObject({ status: 401 });
    expect(await rest(place, { path: '/mcb/status', headers: [second] })).toMatchObject({ status: 200 });
    await rest(place, { path: '/user/logout' });
    expect(await rest(place, { path: '/mcb/status', headers: [second] })).toMatchObject({ status: 401 });
  });

  test('counts MH/s of its coin, whatever the profile says', async () => {
    const { place } = await goldshell();
    const rows = await boards(place);
    expect(rows).toHaveLength(3);
    const sum = rows.reduce((total, { hashrate }) => total + Number(hashrate), 0);
    expect(sum).toBeGreaterThan(12e6);
    expect(sum).toBeLessThan(12.5e6);
    expect(rows[0]).toMatchObject({ temp: expect.stringMatching(/^\d+\.\d .+C \/ \d+\.\d .+C$/) });
    const { SUMMARY } = (await ask(place, { command: 'summary' })) as { SUMMARY: Json[] };
    expect(Number(SUMMARY[0]?.['MHS 20s'])).toBeCloseTo(sum, 0);
  });

  test('has other fields on a Scrypt model, asked by a form', async () => {
    const { place } = await goldshell(['none'], 'Goldshell LT5');
    const page = await request(place, {
      path: '/mcb/cgminer',
      method: 'POST',
      body: 'cgminercmd=devs',
      headers: [await bearer(place)],
    });
    const { data } = JSON.parse(page.body) as { data: Json[] };
    expect(data[0]).toMatchObject({
      r_temp: expect.stringMatching(/^\d\d\.\d /),
      l_temp: expect.stringMatching(/^0\.0 /),
      valid: 0,
    });
    expect(Number(data[0]?.hashrate)).toBeGreaterThan(500);
    expect(Number(data[0]?.hashrate)).toBeLessThan(800);
  });

  test('leaves out a board that is gone, and all of them without a mining process', async () => {
    const short = await goldshell(['dead-board']);
    outage(short);
    short.pass(70_000);
    expect(await boards(short.place)).toHaveLength(2);
    const down = await goldshell(['process-down']);
    outage(down);
    expect(await boards(down.place)).toEqual([]);
  });

  test('shows no active pool while there is none', async () => {
    const farm = await goldshell();
    expect(await read(farm.place, '/mcb/pools')).toMatchObject([{ active: true, dragid: 0 }]);
    outage(farm, false);
    expect(await read(farm.place, '/mcb/pools')).toMatchObject([{ active: false }]);
    expect((await boards(farm.place))[0]).toMatchObject({ hashrate: 0 });
  });

  test('sleeps and wakes by its power plans, written whole', async () => {
    const { place, state, pass } = await goldshell();
    const setting = (await read(place, '/mcb/setting')) as Setting;
    const sleep = planOf(setting, 3);
    expect(await put(place, '/mcb/setting', { select: sleep })).toBe(400);
    expect(state()).toBe('hashing');
    expect(await put(place, '/mcb/setting', { ...setting, select: sleep })).toBe(200);
    expect(state()).toBe('sleeping');
    expect(await read(place, '/mcb/setting')).toMatchObject({ select: sleep });
    await put(place, '/mcb/setting', { ...setting, select: planOf(setting, 0) });
    pass(70_000);
    expect(state()).toBe('hashing');
  });

  test('has no plan to sleep by on a box', async () => {
    const { place } = await goldshell(['none'], 'Goldshell Mini DOGE');
    const setting = (await read(place, '/mcb/setting')) as Setting;
    expect(planOf(setting, 3)).toBe(-1);
    expect(await put(place, '/mcb/setting', { ...setting, select: 2 })).toBe(400);
  });

  test('takes pools one by one, and gives them up likewise', async () => {
    const { place, farm } = await goldshell();
    const [old] = (await read(place, '/mcb/pools')) as Json[];
    const other = { url: 'stratum+tcp://other:3333', user: 'w', pass: 'p' };
    expect(await put(place, '/mcb/newpool', other)).toBe(200);
    expect(await put(place, '/mcb/delpool', old)).toBe(200);
    expect(await put(place, '/mcb/delpool', old)).toBe(400);
    expect(await read(place, '/mcb/pools')).toMatchObject([{ ...other, dragid: 0 }]);
    expect(farm.meter().pushes).toEqual([]);
  });
});
