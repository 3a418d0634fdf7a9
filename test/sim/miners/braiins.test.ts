import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { TOKEN_LIFE_S } from '../../../sim/miners/braiins/family.ts';
import { alone, askWeb } from './alone.ts';
import { outage, type Rehearsal, rehearse, stopFarms } from './farm.ts';
import { ask, request, rest, rpcOf, say } from './raw.ts';

afterEach(stopFarms);

const start = (faults: readonly FaultKind[] = ['none']): Promise<Rehearsal> =>
  rehearse({ model: 'Antminer S19 XP 141T', family: 'braiins', faults });

const API = '/api/v1';
const LOGIN = { path: `${API}/auth/login`, method: 'POST' };

async function login(place: Place, password = 'root'): Promise<string> {
  const { json } = await rest(place, { ...LOGIN, json: { username: 'root', password } });
  return String((json as { token?: string }).token ?? '');
}

async function get(place: Place, path: string): Promise<Record<string, unknown>> {
  const { json } = await rest(place, { path: `${API}/${path}`, authorization: await login(place) });
  return json as Record<string, unknown>;
}

const put = async (place: Place, path: string, json?: unknown) =>
  rest(place, { path: `${API}/${path}`, method: 'PUT', authorization: await login(place), json });

describe('a login', () => {
  test('gives a token that opens the reads, as it is and not as a bearer', async () => {
    const { place } = await start();
    const token = await login(place);
    const path = `${API}/miner/details`;
    expect(await rest(place, { path, authorization: token })).toMatchObject({ status: 200 });
    expect(await rest(place, { path, authorization: `Bearer ${token}` })).toMatchObject({ status: 401 });
    expect(await rest(place, { path })).toMatchObject({ status: 401 });
    expect(await rest(place, { path: `${API}/version/` })).toMatchObject({ status: 200, json: { major: 1 } });
    expect((await request(place, { path: '/' })).body).toContain('Braiins OS');
  });

  test('with another password is refused with 401', async () => {
    const [plain, other] = [await start(), await start(['auth'])];
    for (const [place, password] of [
      [plain.place, 'guess'],
      [other.place, 'root'],
    ] as const) {
      expect(await rest(place, { ...LOGIN, json: { username: 'root', password } })).toMatchObject({ status: 401 });
    }
  });

  test('ends after an hour without use', () => {
    const miner = alone('braiins');
    const reply = askWeb(miner, { ...LOGIN, json: { username: 'root', password: 'root' } });
    const { token, timeout_s } = JSON.parse(reply?.body ?? '') as { token: string; timeout_s: number };
    expect(timeout_s).toBe(TOKEN_LIFE_S);
    const read = () => askWeb(miner, { path: `${API}/network`, headers: { authorization: token } })?.status;
    miner.time.monoMs += TOKEN_LIFE_S * 1_000 - 1;
    expect(read()).toBe(200);
    miner.time.monoMs += TOKEN_LIFE_S * 1_000 - 1;
    expect(read()).toBe(200);
    miner.time.monoMs += TOKEN_LIFE_S * 1_000;
    expect(read()).toBe(401);
  });
});

describe('the reads', () => {
  test('show a miner at work', async () => {
    const { place } = await start();
    expect(await get(place, 'miner/details')).toMatchObject({
      status: 2,
      miner_identity: { miner_model: 'Antminer S19 XP' },
      sticker_hashrate: { gigahash_per_second: 104_000 },
    });
    const { miner_stats: rates } = (await get(place, 'miner/stats')) as {
      miner_stats: { real_hashrate: { last_5s: { gigahash_per_second: number } } };
    };
    expect(rates.real_hashrate.last_5s.gigahash_per_second).toBeGreaterThan(100_000);
    expect((await get(place, 'miner/hw/hashboards')).hashboards).toMatchObject([{ id: '1' }, { id: '2' }, { id: '3' }]);
    expect(await get(place, 'pools')).toMatchObject([{ pools: [{ alive: true, active: true }] }]);
    expect(await get(place, 'miner/errors')).toEqual({ errors: [] });
  });

  test('show a lost board, heat, a pool that is away and a process that is gone', async () => {
    const short = await start(['dead-board']);
    outage(short);
    short.pass(70_000);
    expect((await get(short.place, 'miner/hw/hashboards')).hashboards).toHaveLength(2);
    const hot = await start(['hot-inlet']);
    outage(hot);
    expect(await get(hot.place, 'miner/details')).toMatchObject({ status: 5 });
    const away = await start();
    outage(away, false);
    expect(await get(away.place, 'pools')).toMatchObject([{ pools: [{ alive: false, active: false }] }]);
    const gone = await start(['process-down']);
    outage(gone);
    expect(await get(gone.place, 'miner/details')).toMatchObject({ status: 1, bosminer_uptime_s: 0 });
  });

  test('of the RPC name the maker and need no login', async () => {
    const { place } = await start(['auth']);
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{ BOSer: expect.any(String) }] });
    expect(await ask(place, { command: 'temps+fans' })).toMatchObject({
      temps: [{ TEMPS: [{ ID: 1 }, { ID: 2 }, { ID: 3 }] }],
      fans: [{ FANS: [{ ID: 0 }, {}, {}, {}] }],
    });
    expect(await ask(place, { command: 'tunerstatus' })).toMatchObject({
      TUNERSTATUS: [{ PowerLimit: expect.any(Number) }],
    });
    expect(await ask(place, { command: 'restart' })).toMatchObject({ STATUS: [{ STATUS: 'E', Code: 14 }] });
  });
});

describe('an order', () => {
  test('pauses and resumes, stops and starts; the bool says whether it was so already', async () => {
    const farm = await start();
    const state = async () => (await get(farm.place, 'miner/details')).status;
    for (const [down, up, status] of [
      ['pause', 'resume', 3],
      ['stop', 'start', 1],
    ] as const) {
      expect((await put(farm.place, `actions/${down}`)).json).toBe(false);
      expect([farm.state(), await state()]).toEqual(['sleeping', status]);
      expect((await put(farm.place, `actions/${down}`)).json).toBe(true);
      expect((await put(farm.place, `actions/${up}`)).json).toBe(false);
      farm.pass(60_000);
      expect([farm.state(), await state()]).toEqual(['hashing', 2]);
    }
  });

  test('pauses by RPC from anybody; a stopped process has no RPC', async () => {
    const farm = await start();
    expect(await ask(farm.place, { command: 'pause' })).toMatchObject({ PAUSE: true });
    expect(farm.state()).toBe('sleeping');
    await ask(farm.place, { command: 'resume' });
    farm.pass(60_000);
    await put(farm.place, 'actions/stop');
    expect(await say(rpcOf(farm.place), '{"command":"summary"}')).toMatchObject({ text: '', closed: true });
  });

  test('restarts the process, and the REST API stays; reboots, and every login is void', async () => {
    const farm = await start(['hung']);
    outage(farm);
    const token = await login(farm.place);
    expect(await put(farm.place, 'actions/restart')).toMatchObject({ status: 200 });
    expect(farm.state()).toBe('booting');
    expect(await get(farm.place, 'miner/details')).toMatchObject({ bosminer_uptime_s: 0 });
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    expect(await put(farm.place, 'actions/reboot')).toMatchObject({ status: 204, json: null });
    expect((await request(farm.place, { path: '/' })).heard.error).toBe('ECONNREFUSED');
    farm.pass(20_000);
    farm.pass(60_000);
    expect(await rest(farm.place, { path: `${API}/network`, authorization: token })).toMatchObject({ status: 401 });
  });

  test('limits power within its range, lights the LED and sets all pools at once', async () => {
    const { place } = await start();
    expect(await put(place, 'performance/power-target', { watt: 2_500 })).toMatchObject({ json: { watt: 2_500 } });
    expect(await get(place, 'configuration/miner')).toMatchObject({ tuner: { power_target: { watt: 2_500 } } });
    expect(await put(place, 'performance/power-target', { watt: 99_000 })).toMatchObject({ status: 400 });
    expect(await put(place, 'actions/locate', true)).toMatchObject({ json: true });
    expect(await get(place, 'actions/locate')).toBe(true);
    const pools = [{ url: 'stratum+tcp://p:1', user: 'w', password: 'x', enabled: true }];
    expect(await put(place, 'pools/batch', [{ name: 'g1', pools }])).toMatchObject({ status: 200 });
    expect(await get(place, 'pools')).toMatchObject([{ pools: [{ url: 'stratum+tcp://p:1', user: 'w' }] }]);
  });

  test('without a login does nothing, nor does any to a deaf miner', async () => {
    const [plain, deaf] = [await start(), await start(['deaf'])];
    expect(await rest(plain.place, { path: `${API}/actions/pause`, method: 'PUT' })).toMatchObject({ status: 401 });
    expect(plain.state()).toBe('hashing');
    expect(await put(deaf.place, 'actions/stop')).toMatchObject({ status: 200 });
    await put(deaf.place, 'actions/locate', true);
    expect([deaf.state(), await get(deaf.place, 'actions/locate')]).toEqual(['hashing', false]);
  });
});
