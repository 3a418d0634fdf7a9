import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { LOCKED_MS, TOKEN_LIFE_MS, TRIES_MAX } from '../../../sim/miners/vnish/lock.ts';
import { type Alone, alone, askWeb } from './alone.ts';
import { outage, type Rehearsal, rehearse, stopFarms } from './farm.ts';
import { ask, request, rest } from './raw.ts';

afterEach(stopFarms);

const start = (faults: readonly FaultKind[] = ['none']): Promise<Rehearsal> =>
  rehearse({ model: 'Antminer S21 Pro 234T', family: 'vnish', faults });

const API = '/api/v1';

async function unlock(place: Place, pw = 'admin'): Promise<string> {
  const { json } = await rest(place, { path: `${API}/unlock`, method: 'POST', json: { pw } });
  return String((json as { token?: string }).token ?? '');
}

async function get(place: Place, path: string): Promise<Record<string, unknown>> {
  const authorization = `Bearer ${await unlock(place)}`;
  return (await rest(place, { path: API + path, authorization })).json as Record<string, unknown>;
}

const post = async (place: Place, path: string, json?: unknown) =>
  rest(place, { path: API + path, method: 'POST', authorization: `Bearer ${await unlock(place)}`, json });

const stateOf = async (place: Place): Promise<unknown> => (await get(place, '/status')).miner_state;

/** The same family in both of its versions: of so many, some have each. */
async function both(): Promise<readonly Place[]> {
  const { site } = await start(Array.from({ length: 24 }, () => 'none'));
  const places = [...site.miners.values()].map(({ address, ports }) => ({
    address,
    ports: { http: ports.http ?? 0, rpc: ports.rpc ?? 0 },
  }));
  const byVersion = new Map<unknown, Place>();
  for (const place of places) byVersion.set((await get(place, '/info')).fw_version, place);
  return ['1.2.7', '1.3.4'].flatMap((version) => byVersion.get(version) ?? []);
}

describe('unlocking', () => {
  test('takes the password alone, and its token with or without Bearer', async () => {
    const { place } = await start();
    const token = await unlock(place);
    for (const authorization of [token, `Bearer ${token}`]) {
      expect(await rest(place, { path: `${API}/settings`, authorization })).toMatchObject({ status: 200 });
    }
    expect(await rest(place, { path: `${API}/settings` })).toMatchObject({ status: 401 });
    const key = 'k'.repeat(32);
    expect(await post(place, '/apikeys', { key, description: 'agent' })).toMatchObject({ status: 200 });
    expect(await rest(place, { path: `${API}/settings`, headers: [`x-api-key: ${key}`] })).toMatchObject({
      status: 200,
    });
  });

  const tryPassword = (miner: Alone, pw: string) =>
    askWeb(miner, { path: `${API}/unlock`, method: 'POST', json: { pw } });

  test('answers 403 to a wrong password, and after some 429 to the right one too, for a while', () => {
    const miner = alone('vnish');
    for (let i = 0; i < TRIES_MAX; i++) expect(tryPassword(miner, 'guess')).toMatchObject({ status: 403 });
    expect(tryPassword(miner, 'admin')).toMatchObject({ status: 429 });
    miner.time.monoMs += LOCKED_MS - 1;
    expect(tryPassword(miner, 'admin')).toMatchObject({ status: 429 });
    miner.time.monoMs += 1;
    expect(tryPassword(miner, 'admin')).toMatchObject({ status: 200 });
  });

  test('lasts for a time', () => {
    const miner = alone('vnish');
    const { token } = JSON.parse(tryPassword(miner, 'admin')?.body ?? '') as { token: string };
    const read = () => askWeb(miner, { path: `${API}/auth-check`, headers: { authorization: token } })?.status;
    miner.time.monoMs += TOKEN_LIFE_MS - 1;
    expect(read()).toBe(200);
    miner.time.monoMs += 1;
    expect(read()).toBe(401);
  });
});

describe('the reads', () => {
  test('are open, but for the summary of newer versions', async () => {
    const places = await both();
    const status = async (path: string) =>
      Promise.all(places.map(async (place) => (await rest(place, { path: API + path })).status));
    expect(await status('/info')).toEqual([200, 200]);
    expect(await status('/status')).toEqual([200, 200]);
    expect(await status('/chains')).toEqual([200, 200]);
    expect(await status('/summary')).toEqual([200, 401]);
  });

  test('show a miner at work, with the pool of the developers among its own', async () => {
    const { place } = await start();
    expect(await get(place, '/info')).toMatchObject({
      miner: 'Antminer S21 Pro',
      fw_name: 'Vnish',
      hr_measure: 'GH/s',
      system: { uptime: expect.stringMatching(/^\d+:\d\d$/) },
    });
    const { miner } = (await get(place, '/summary')) as { miner: Record<string, number> };
    expect(miner).toMatchObject({
      miner_status: { miner_state: 'mining' },
      hr_stock: 104_000,
      pools: [{ pool_type: 'UserPool', status: 'active' }, { pool_type: 'DevFee' }],
      chains: [{ id: 1, status: { state: 'mining' } }, {}, {}],
    });
    expect(miner.hr_realtime).toBeGreaterThan(100_000);
    expect(miner.instant_hashrate).toBeCloseTo((miner.hr_realtime ?? 0) / 1_000, 1);
    expect((await request(place, { path: '/' })).body).toContain('AnthillOS');
  });

  test('of the RPC name the firmware in the stats; version is not one of them', async () => {
    const { place } = await start();
    expect(await ask(place, { command: 'stats' })).toMatchObject({
      STATS: [{ Type: expect.stringMatching(/^Antminer S21 Pro \(Vnish 1\.\d\.\d\)$/) }, { state: 'mining' }],
    });
    expect(await ask(place, { command: 'version' })).toMatchObject({ STATUS: [{ STATUS: 'E', Code: 0 }] });
  });

  test('show heat as a failure, a lost board, and a pool that is away', async () => {
    const hot = await start(['hot-inlet']);
    outage(hot);
    expect(await get(hot.place, '/status')).toMatchObject({ miner_state: 'failure', failure_code: 2_001 });
    const short = await start(['dead-board']);
    outage(short);
    short.pass(70_000);
    expect(await get(short.place, '/boards')).toMatchObject([{}, {}, { hashrate_rt: 0, status: { state: 'failure' } }]);
    const away = await start();
    outage(away, false);
    expect(await get(away.place, '/summary')).toMatchObject({
      miner: { hr_realtime: 0, pools: [{ status: 'offline' }, {}] },
    });
  });
});

describe('an order', () => {
  test('stops and starts, pauses and resumes, with an answer that is empty', async () => {
    const farm = await start();
    for (const [down, up] of [
      ['stop', 'start'],
      ['pause', 'resume'],
    ]) {
      expect(await post(farm.place, `/mining/${down}`)).toMatchObject({ status: 200, json: null });
      expect([farm.state(), await stateOf(farm.place)]).toEqual(['sleeping', 'stopped']);
      await post(farm.place, `/mining/${up}`);
      expect(await stateOf(farm.place)).toBe('restarting');
      farm.pass(10_000);
      expect(['initializing', 'starting', 'auto-tuning']).toContain(await stateOf(farm.place));
      farm.pass(60_000);
      expect([farm.state(), await stateOf(farm.place)]).toEqual(['hashing', 'mining']);
    }
  });

  test('to pause one that does not mine, or to resume one that was stopped, is an error', async () => {
    const farm = await start();
    await post(farm.place, '/mining/stop');
    for (const order of ['pause', 'resume']) {
      expect(await post(farm.place, `/mining/${order}`)).toMatchObject({
        status: 500,
        json: { err: expect.stringContaining('CGMiner err') },
      });
    }
    expect(farm.state()).toBe('sleeping');
  });

  test('restarts one that hangs, and reboots after three seconds', async () => {
    const farm = await start(['hung']);
    outage(farm);
    await post(farm.place, '/mining/restart');
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    expect(await post(farm.place, '/system/reboot')).toMatchObject({ json: { after: 3 } });
    farm.pass(2_900);
    expect(farm.state()).toBe('hashing');
    farm.pass(200);
    expect(farm.state()).toBe('booting');
    farm.pass(20_000);
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
  });

  test('to the LED toggles it, under the name that the version has, for anybody', async () => {
    const [old, young] = await both();
    if (!old || !young) throw new Error('not both versions');
    for (const [place, path, other] of [
      [old, '/find-miner', '/locate-miner'],
      [young, '/locate-miner', '/find-miner'],
    ] as const) {
      const press = () => rest(place, { path: API + path, method: 'POST' });
      const lit = async () => (await get(place, '/status')).find_miner;
      expect(await press()).toMatchObject({ status: 200 });
      expect(await lit()).toBe(true);
      await press();
      expect(await lit()).toBe(false);
      expect(await post(place, other)).toMatchObject({ status: 404 });
    }
  });

  test('of settings is saved, and in force after a restart', async () => {
    const farm = await start();
    const presets = (await get(farm.place, '/autotune/presets')) as unknown as { name: string }[];
    const preset = presets[0]?.name ?? '';
    const pools = [{ url: 'stratum+tcp://p:1', user: 'w', pass: 'x' }];
    expect(await post(farm.place, '/settings', { miner: { overclock: { preset }, pools } })).toMatchObject({
      json: { restart_required: true, reboot_required: false },
    });
    expect(await get(farm.place, '/settings')).toMatchObject({ miner: { overclock: { preset }, pools } });
    expect(await get(farm.place, '/status')).toMatchObject({ restart_required: true });
    expect((await get(farm.place, '/perf-summary')).current_preset).not.toMatchObject({ name: preset });
    await post(farm.place, '/mining/restart');
    farm.pass(60_000);
    expect(await get(farm.place, '/perf-summary')).toMatchObject({ current_preset: { name: preset } });
    expect(await get(farm.place, '/status')).toMatchObject({ restart_required: false });
    expect(await get(farm.place, '/summary')).toMatchObject({ miner: { pools: [{ url: 'p:1' }, {}] } });
    expect(await post(farm.place, '/settings', { miner: { overclock: { preset: '1' } } })).toMatchObject({
      status: 400,
    });
  });

  test('without a login does nothing, nor does any to a deaf miner', async () => {
    const [plain, deaf, other] = [await start(), await start(['deaf']), await start(['auth'])];
    expect(await rest(plain.place, { path: `${API}/mining/stop`, method: 'POST' })).toMatchObject({ status: 401 });
    expect(plain.state()).toBe('hashing');
    for (const order of ['stop', 'restart', 'resume']) {
      expect(await post(deaf.place, `/mining/${order}`)).toMatchObject({ status: 200 });
    }
    expect([deaf.state(), await stateOf(deaf.place)]).toEqual(['hashing', 'mining']);
    expect(await unlock(other.place)).toBe('');
  });
});
