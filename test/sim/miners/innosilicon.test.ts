import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { ask, request } from './raw.ts';

afterEach(stopFarms);

const innosilicon = (faults: readonly FaultKind[] = ['none'], model = 'Innosilicon T3') =>
  rehearse({ model, family: 'innosilicon', faults });

type Json = Record<string, unknown>;

async function call(place: Place, name: string, form: Record<string, string> = {}, token?: string): Promise<Json> {
  const headers = token === undefined ? [] : [`Authorization: Bearer ${token}`];
  const body = new URLSearchParams(form).toString();
  return JSON.parse((await request(place, { path: `/api/${name}`, method: 'POST', body, headers })).body) as Json;
}
const ADMIN = { username: 'admin', password: 'admin' };
const tokenOf = async (place: Place): Promise<string> => String((await call(place, 'auth', ADMIN)).jwt);
const known = async (place: Place, name: string, form: Record<string, string> = {}): Promise<Json> =>
  call(place, name, form, await tokenOf(place));
const sum = (rows: readonly Json[], key: string): number =>
  rows.reduce((total, row) => total + Number(row[key] ?? 0), 0);

describe('Innosilicon', () => {
  test('is known by its page and the banner of its miner', async () => {
    const { place } = await innosilicon();
    expect((await request(place, { path: '/' })).body).toContain('DragonMint');
    expect(await ask(place, { command: 'version' })).toMatchObject({
      STATUS: [{ Description: expect.stringContaining('innominer') }],
    });
  });

  test('gives no token for a wrong password, and calls a bad one expired', async () => {
    const { place } = await innosilicon();
    expect(await call(place, 'auth', { ...ADMIN, password: 'x' })).toEqual({ success: false });
    for (const token of [undefined, '12345'])
      expect(await call(place, 'getAll', {}, token)).toEqual({ success: false, token: 'expired' });
    const changed = await innosilicon(['auth']);
    expect(await call(changed.place, 'auth', ADMIN)).toEqual({ success: false });
  });

  test('says the same over both of its APIs', async () => {
    const { place } = await innosilicon();
    expect(await known(place, 'type')).toMatchObject({ success: true, type: 'T3' });
    expect(await known(place, 'overview')).toMatchObject({ version: { ethaddr: expect.stringMatching(/^02:/) } });
    const { all } = (await known(place, 'getAll')) as { all: { total_hash: Json; chain: Json[]; power: number } };
    const { SUMMARY } = (await ask(place, { command: 'summary' })) as { SUMMARY: Json[] };
    expect(all.total_hash['Hash Rate']).toBe(SUMMARY[0]?.['MHS 5s']);
    expect(Number(all.total_hash['Hash Rate H']) / 1e12).toBeGreaterThan(100);
    expect(sum(all.chain, 'Hash Rate H') / 1e12).toBeGreaterThan(100);
    expect(all.power).toBeGreaterThan(2_500);
    expect(await known(place, 'pools')).toMatchObject({ pools: [{ Status: 'Alive', 'Stratum Active': true }] });
  });

  test('shows a missing board by its number alone, and a code', async () => {
    const farm = await innosilicon(['dead-board']);
    outage(farm);
    farm.pass(70_000);
    const { STATS } = (await ask(farm.place, { command: 'stats' })) as { STATS: Json[] };
    expect(STATS[2]).toEqual({ STATS: 2 });
    expect(await known(farm.place, 'getErrorDetail')).toMatchObject({ code: 21 });
  });

  test('has a list for each row on an A9, in Sol/s', async () => {
    const { place } = await innosilicon(['none'], 'Innosilicon A9');
    expect(await ask(place, { command: 'pools' })).toMatchObject({ POOL0: [{ Status: 'Alive' }] });
    const stats = (await ask(place, { command: 'stats' })) as Record<'STATS0' | 'STATS1' | 'STATS2', Json[]>;
    const total = sum([...stats.STATS0, ...stats.STATS1, ...stats.STATS2], 'MHS av');
    expect(total).toBeGreaterThan(50_000);
    expect(total).toBeLessThan(53_000);
  });

  test('restarts, reboots, takes pools and goes off', async () => {
    const farm = await innosilicon(['hung']);
    const { place } = farm;
    outage(farm);
    await known(place, 'restartCgMiner');
    expect(await known(place, 'getAll')).toMatchObject({ success: true });
    farm.pass(70_000);
    expect(farm.state()).toBe('hashing');
    expect(await known(place, 'updatePools', { Pool1: '' })).toMatchObject({ success: false });
    const pool = { Pool1: 'stratum+tcp://other:3333', UserName1: 'w', Password1: 'p' };
    await known(place, 'updatePools', pool);
    expect(await ask(place, { command: 'pools' })).toMatchObject({ POOLS: [{ URL: 'stratum+tcp://other:3333' }] });
    await known(place, 'poweroff');
    expect(farm.state()).toBe('sleeping');
    await known(place, 'reboot');
    expect((await request(place, { path: '/' })).heard.error).toBe('ECONNREFUSED');
    expect(farm.farm.meter().pushes.map(({ action }) => action)).toEqual(['restart', 'sleep', 'reboot']);
  });
});

describe('DragonMint', () => {
  const dragonmint = (faults: readonly FaultKind[] = ['none']) =>
    rehearse({ model: 'DragonMint T1', family: 'dragonmint', faults });

  test('tells of its boards over RPC, and of nothing by web', async () => {
    const { place } = await dragonmint();
    const { STATUS, STATS } = (await ask(place, { command: 'stats' })) as { STATUS: Json[]; STATS: Json[] };
    expect(STATUS).toMatchObject([{ Description: 'cgminer 4.10.0', Code: 70 }]);
    expect(STATS[0]).toMatchObject({ ID: 'DT10', 'Num chips': 63, 'Num active chips': 63, 'Fan duty': 45 });
    expect(STATS.map(({ ID }) => ID)).toEqual(['DT10', 'DT11', 'DT12', 'POOL0']);
    expect(sum(STATS, 'MHS av')).toBeGreaterThan(100e6);
    expect((await request(place, { path: '/' })).heard.error).toBe('ECONNREFUSED');
  });

  test('has no rate without a pool, and refuses to be written', async () => {
    const farm = await dragonmint();
    outage(farm, false);
    expect(await ask(farm.place, { command: 'stats' })).toMatchObject({
      STATS: [{ 'MHS av': 0 }, {}, {}, { ID: 'POOL0' }],
    });
    expect(await ask(farm.place, { command: 'restart' })).toMatchObject({ STATUS: [{ Code: 45 }] });
    expect(farm.farm.meter().pushes).toEqual([]);
  });
});
