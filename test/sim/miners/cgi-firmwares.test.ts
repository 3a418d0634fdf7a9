import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { type Login, pageAs } from './cgi.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { ask, request, rpcOf, rpcText, say } from './raw.ts';

afterEach(stopFarms);

type Json = Record<string, unknown>;
type Firmware = Readonly<{ family: string; model: string; realm: string; login: Login }>;

const ROOT: Login = { user: 'root', password: 'root' };
const HIVEON: Firmware = { family: 'hiveon', model: 'Antminer S19j Pro 104T', realm: 'antMiner', login: ROOT };
const MSK: Firmware = { family: 'mskminer', model: 'Antminer S9', realm: 'antMiner', login: ROOT };
const HAMMER: Firmware = { family: 'hammer', model: 'Hammer D10', realm: 'blackMiner', login: ROOT };
const VOLC: Firmware = {
  family: 'volcminer',
  model: 'VolcMiner D1',
  realm: 'blackMiner',
  login: { user: 'root', password: 'ltc@dog' },
};
const ELPHAPEX: Firmware = { family: 'elphapex', model: 'Elphapex DG Home1', realm: 'Daoge', login: ROOT };
const ALL = [HIVEON, MSK, HAMMER, VOLC, ELPHAPEX];

const farmOf = ({ family, model }: Firmware, faults: readonly FaultKind[] = ['none']) =>
  rehearse({ family, model, faults });

async function cgi(place: Place, { login }: Firmware, name: string): Promise<Json> {
  return JSON.parse((await pageAs(place, login, { path: `/cgi-bin/${name}` })).body) as Json;
}
const post = (place: Place, { login }: Firmware, name: string, body: string) =>
  pageAs(place, login, { path: `/cgi-bin/${name}`, method: 'POST', body });
const rowOf = (reply: Json, key: string, at = 0): Json => (reply[key] as Json[])[at] ?? {};
const mended = (text: string | null): Json => JSON.parse((text ?? '').replaceAll('}{', '},{')) as Json;

const POOLS = [{ url: 'stratum+tcp://other:3333', user: 'w', pass: 'p' }];

describe.each(ALL)('$family', (firmware) => {
  test('asks for its password in its own realm, and lets nobody in with another', async () => {
    const { place } = await farmOf(firmware);
    const { status, headers } = await request(place, { path: '/' });
    expect(status).toBe(401);
    expect(headers).toContain(`Digest realm="${firmware.realm} Configuration"`);
    const path = '/cgi-bin/get_system_info.cgi';
    expect(await pageAs(place, firmware.login, { path })).toMatchObject({ status: 200 });
    expect(await pageAs(place, { user: 'root', password: 'toor' }, { path })).toMatchObject({ status: 401 });
    expect(await pageAs(place, firmware.login, { path, realm: 'another' })).toMatchObject({ status: 401 });
    const changed = await farmOf(firmware, ['auth']);
    expect(await pageAs(changed.place, firmware.login, { path })).toMatchObject({ status: 401 });
  });

  test('is rebooted without an answer', async () => {
    const farm = await farmOf(firmware);
    const { heard } = await pageAs(farm.place, firmware.login, { path: '/cgi-bin/reboot.cgi' });
    expect(heard).toMatchObject({ text: '', closed: true });
    expect(farm.farm.meter().pushes).toMatchObject([{ action: 'reboot' }]);
  });
});

describe.each([HIVEON, ELPHAPEX])('$family', (firmware) => {
  const mode = (value: number) => JSON.stringify({ 'miner-mode': value, pools: POOLS });

  test('sleeps and wakes by miner-mode, and takes the pools beside it', async () => {
    const farm = await farmOf(firmware);
    expect((await post(farm.place, firmware, 'set_miner_conf.cgi', mode(1))).body).toContain('M000');
    expect(farm.state()).toBe('sleeping');
    expect(rowOf(await cgi(farm.place, firmware, 'get_miner_conf.cgi'), 'pools')).toMatchObject(POOLS[0] ?? {});
    await post(farm.place, firmware, 'set_miner_conf.cgi', mode(0));
    farm.pass(70_000);
    expect(farm.state()).toBe('hashing');
  });
});

describe.each([HAMMER, VOLC])('$family', (firmware) => {
  test('takes pools with a restart, and does not sleep', async () => {
    const farm = await farmOf(firmware);
    const conf = JSON.stringify({ 'miner-mode': 1, pools: POOLS });
    expect((await post(farm.place, firmware, 'set_miner_conf.cgi', conf)).body).toContain('M000');
    expect((await post(farm.place, firmware, 'set_miner_conf.cgi', '{}')).body).toContain('M001');
    expect(farm.farm.meter().pushes).toMatchObject([{ action: 'restart' }]);
    expect(rowOf(await cgi(farm.place, firmware, 'get_conf.cgi'), 'pools')).toMatchObject(POOLS[0] ?? {});
  });

  test('has its figures over RPC alone', async () => {
    const { place } = await farmOf(firmware);
    const page = await pageAs(place, firmware.login, { path: '/cgi-bin/summary.cgi' });
    expect(page.status).toBe(404);
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{ Type: firmware.model }] });
    const now = rowOf(await ask(place, { command: 'summary' }), 'SUMMARY')['MHS 5s'];
    expect(now).toMatch(/^\d+\.\d{4}$/);
  });

  test('has one key for the four sensors of a board', async () => {
    const farm = await farmOf(firmware, ['dead-board']);
    const text = (await rpcText(farm.place, '{"command":"stats"}')) ?? '';
    expect(text.match(/"temp1":/g)).toHaveLength(4);
    outage(farm);
    farm.pass(70_000);
    const body = rowOf(mended(await rpcText(farm.place, '{"command":"stats"}')), 'STATS', 1);
    expect(body.chain_acn1).toBeGreaterThan(100);
    expect(body).toMatchObject({ miner_count: 2, chain_acn3: 0, chain_acn4: 0, chain_rate3: '' });
  });
});

describe('what only one of them does', () => {
  test('Hiveon names itself over RPC and knows its watts', async () => {
    const { place } = await farmOf(HIVEON);
    expect(await ask(place, { command: 'version' })).toMatchObject({
      VERSION: [{ BMMiner: '4.11.1 rwglr', Type: 'Antminer S19j Pro Hiveon' }],
    });
    const body = rowOf(await ask(place, { command: 'stats' }), 'STATS', 1);
    expect(body.total_power).toBeGreaterThan(2_500);
    expect(body.chain_power1).toBeGreaterThan(800);
    expect(await cgi(place, HIVEON, 'summary.cgi')).toMatchObject({ SUMMARY: [{ rate_ideal: 104_000 }] });
  });

  test('Hammer counts Scrypt in MH/s, in rows that a comma parts', async () => {
    const { place } = await farmOf(HAMMER);
    const stats = JSON.parse((await rpcText(place, '{"command":"stats"}')) ?? '') as Json;
    expect(Number(rowOf(stats, 'STATS', 1)['MHS 5s'])).toBeGreaterThan(4_700);
  });

  test.each([MSK, VOLC])('$family runs the rows of its stats together', async (firmware) => {
    const { place } = await farmOf(firmware);
    const text = (await rpcText(place, '{"command":"stats"}')) ?? '';
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(mended(text)).toMatchObject({ STATS: [{}, { STATS: 0 }] });
  });

  test('MSKMiner numbers its boards from 6, and has a pool of its own', async () => {
    const { place } = await farmOf(MSK);
    const body = rowOf(mended(await rpcText(place, '{"command":"stats"}')), 'STATS', 1);
    expect(body).toMatchObject({ chain_acn5: 0, chain_acn6: 63, chain_acn8: 63, chain_acn9: 0, chain_rate1: '' });
    expect(Number(body['GHS 5s'])).toBeGreaterThan(100_000);
    const { POOLS: rows } = (await ask(place, { command: 'pools' })) as { POOLS: Json[] };
    expect(rows.at(-1)).toMatchObject({ URL: '*', Priority: 998 });
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{ BMMiner: '2.0.0 rwglr' }] });
  });

  test('MSKMiner takes forms, and hangs where it begins to blink', async () => {
    const farm = await farmOf(MSK);
    expect(await cgi(farm.place, MSK, 'miner_summary.cgi')).toMatchObject({ SUMMARY: [{}] });
    const form = new URLSearchParams({ _ant_pool1url: 'stratum+tcp://other:3333', _ant_pool1user: 'w' });
    expect((await post(farm.place, MSK, 'set_miner_conf.cgi', form.toString())).status).toBe(200);
    expect((await post(farm.place, MSK, 'set_miner_conf.cgi', '_ant_pool1url=')).status).toBe(400);
    expect(farm.farm.meter().pushes).toMatchObject([{ action: 'restart' }]);
    const conf = await cgi(farm.place, MSK, 'get_miner_conf.cgi');
    expect(rowOf(conf, 'pools')).toMatchObject({ url: 'stratum+tcp://other:3333', user: 'w' });
    expect((await pageAs(farm.place, ROOT, { path: '/cgi-bin/miner_stats.cgi' })).body).toContain('}{');
    expect(await cgi(farm.place, MSK, 'miner_pools.cgi')).toMatchObject({ POOLS: [{}, { POOL: 3 }] });
    expect((await post(farm.place, MSK, 'blink.cgi', 'action=startBlink')).heard.text).toBe('');
    expect((await post(farm.place, MSK, 'blink.cgi', 'action=onPageLoaded')).body).toContain('"isBlinking":true');
    expect((await post(farm.place, MSK, 'blink.cgi', 'action=stopBlink')).body).toContain('"isBlinking":false');
  });

  test('Elphapex has thousandths of degrees, empty slots with chips drawn in, and no RPC', async () => {
    const farm = await farmOf(ELPHAPEX, ['dead-board']);
    const { place } = farm;
    expect(await say(rpcOf(place), 'version')).toMatchObject({ error: 'ECONNREFUSED' });
    expect(await cgi(place, ELPHAPEX, 'get_system_info.cgi')).toMatchObject({
      minertype: 'DG-Home1',
      Algorithm: 'Scrypt',
    });
    const stats = rowOf(await cgi(place, ELPHAPEX, 'stats.cgi'), 'STATS');
    expect(stats).toMatchObject({ chain_num: 4, rate_unit: 'MH/s', rate_ideal: 9_011.25 });
    expect(Number(stats.rate_5s)).toBeGreaterThan(8_800);
    const [first, , , empty] = stats.chain as Json[];
    expect(first).toMatchObject({ asic_num: 120, temp_chip: Array(4).fill(expect.stringMatching(/^\d{5}$/)) });
    expect(empty).toMatchObject({ asic_num: 0, asic: expect.stringContaining('oooo'), temp_chip: ['', '', '', ''] });
    outage(farm, false);
    expect(await cgi(place, ELPHAPEX, 'pools.cgi')).toMatchObject({ POOLS: [{ status: 'Unreachable' }, {}, {}] });
    expect(await cgi(place, ELPHAPEX, 'get_power.cgi')).toMatchObject({ power_output: expect.stringMatching(/^\d+$/) });
  });
});

describe('SealMiner', () => {
  const sealminer = (faults: readonly FaultKind[] = ['none']) =>
    rehearse({ family: 'sealminer', model: 'SealMiner A2', faults });
  const login = (place: Place, password: string) =>
    request(place, { path: '/cgi-bin/login.php', method: 'POST', body: `username=seal&origin_pwd=${password}` });
  const INFO = '/cgi-bin/get_system_info.php';

  test('is known by its page and its banner, and reads over RPC', async () => {
    const { place } = await sealminer();
    expect((await request(place, { path: '/' })).body).toContain('amazeui');
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{ BDMiner: '1.0.0' }] });
    expect(rowOf(await ask(place, { command: 'summary' }), 'SUMMARY')['MHS 5s']).toBeGreaterThan(100e6);
    expect(await ask(place, { command: 'devs' })).toMatchObject({ DEVS: [{}, {}, {}] });
    expect(await ask(place, { command: 'restart' })).toMatchObject({ STATUS: [{ Code: 45 }] });
  });

  test('gives a cookie to who knows the password, and its login page to others', async () => {
    const { place } = await sealminer();
    expect((await login(place, 'x')).headers).not.toContain('Set-Cookie');
    expect(await request(place, { path: INFO })).toMatchObject({ status: 302 });
    const cookie = /Set-Cookie: ([^;\r]+)/.exec((await login(place, 'seal')).headers)?.[1];
    const page = await request(place, { path: INFO, headers: [`Cookie: ${cookie}`] });
    expect(JSON.parse(page.body)).toMatchObject({ minertype: 'SealMiner A2' });
    expect((await login((await sealminer(['auth'])).place, 'seal')).headers).not.toContain('Set-Cookie');
  });
});
