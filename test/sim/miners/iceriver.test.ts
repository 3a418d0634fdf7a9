import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { request, rpcOf, say } from './raw.ts';

afterEach(stopFarms);

const iceriver = (faults: readonly FaultKind[] = ['none'], model = 'IceRiver KS3M') =>
  rehearse({ model, family: 'iceriver', faults });

type Json = Record<string, unknown>;

const login = (place: Place, password: string) =>
  request(place, { path: `/user/loginpost?post=6&user=admin&pwd=${password}`, method: 'POST' });

async function cookie(place: Place): Promise<string> {
  const { headers } = await login(place, '12345678');
  return `Cookie: ${/Set-Cookie: ([^;\r]+)/.exec(headers)?.[1]}`;
}

async function post(place: Place, query: string, path = '/user/userpanel'): Promise<Json> {
  const { body } = await request(place, { path: `${path}?${query}`, method: 'POST', headers: [await cookie(place)] });
  return (JSON.parse(body) as { data: Json }).data;
}

describe('IceRiver', () => {
  test('is known by its title, and has no RPC', async () => {
    const { place } = await iceriver();
    expect(Buffer.from((await request(place, { path: '/' })).body, 'latin1').toString('utf8')).toContain('用户界面');
    expect(await say(rpcOf(place), 'version')).toMatchObject({ error: 'ECONNREFUSED' });
  });

  test('shows its login page to who has no cookie or a wrong password', async () => {
    const { place } = await iceriver();
    const wrong = await login(place, 'x');
    expect(wrong).toMatchObject({ status: 200, body: expect.stringContaining('<form>') });
    expect(wrong.headers).not.toContain('Set-Cookie');
    expect(await request(place, { path: '/user/userpanel?post=4', method: 'POST' })).toMatchObject({ status: 302 });
    const changed = await iceriver(['auth']);
    expect((await login(changed.place, '12345678')).headers).not.toContain('Set-Cookie');
  });

  test('takes the fields of a request from its body as well', async () => {
    const { place } = await iceriver();
    const body = 'post=6&user=admin&pwd=12345678';
    expect((await request(place, { path: '/user/loginpost', method: 'POST', body })).headers).toContain('Set-Cookie');
  });

  test('tells what it hashes with the letter of its unit', async () => {
    const { place } = await iceriver();
    const data = await post(place, 'post=4');
    expect(data).toMatchObject({
      unit: 'G',
      rtpow: expect.stringMatching(/^10\d{4}G$/),
      softver1: '10306_ks3m_miner',
      mac: expect.stringMatching(/^02(-[0-9a-f]{2}){5}$/),
      runtime: expect.stringMatching(/^\d\d:[012]\d:[0-5]\d:[0-5]\d$/),
      powstate: true,
    });
    expect(data.boards).toMatchObject([{ no: 1, rtpow: expect.stringMatching(/^3\d{4}\.\d\dG$/) }, {}, {}]);
    expect(data.pools).toMatchObject([{ no: 1, connect: true, state: 1 }, { addr: '' }, { addr: '' }]);
    const large = await iceriver(['none'], 'IceRiver KS5L');
    expect(await post(large.place, 'post=4')).toMatchObject({
      unit: 'T',
      rtpow: expect.stringMatching(/^10\d\.\d\dT$/),
    });
  });

  test('shows dead pools, a missing board, and that it sleeps', async () => {
    const farm = await iceriver(['dead-board']);
    outage(farm, false);
    expect(await post(farm.place, 'post=4')).toMatchObject({ rtpow: '0G', powstate: false, netstate: false });
    farm.pool.serves = true;
    farm.pass(200);
    farm.pass(70_000);
    expect((await post(farm.place, 'post=4')).boards).toMatchObject([{}, {}, { state: false, chipnum: 0 }]);
    const asleep = await iceriver(['asleep']);
    outage(asleep);
    expect(await post(asleep.place, 'post=4')).toMatchObject({ powstate: false, netstate: true });
  });

  test('blinks, and takes no other order', async () => {
    const { place, farm } = await iceriver();
    await post(place, 'post=5&locate=1');
    expect(await post(place, 'post=4')).toMatchObject({ locate: true });
    await post(place, 'post=5&locate=0');
    expect(await post(place, 'post=4')).toMatchObject({ locate: false });
    const reboot = { path: '/user/userpanel?post=7', method: 'POST', headers: [await cookie(place)] };
    expect(await request(place, reboot)).toMatchObject({ status: 404 });
    expect(farm.meter().pushes).toEqual([]);
  });
});
