import { afterEach, describe, expect, test } from '@jest/globals';
import { responseOf } from '../../../sim/miners/antminer/digest.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { ask, cgi, digest, nonceOf, page, request, rpcOf, say } from './raw.ts';

afterEach(stopFarms);

const CONF = '/cgi-bin/set_miner_conf.cgi';
const POOLS = [{ url: 'stratum+tcp://pool:3333', user: 'farm.1', pass: 'x' }];
const post = (conf: object) => ({ path: CONF, method: 'POST', body: JSON.stringify(conf) });

describe('digest', () => {
  test('agrees with the reference vector', () => {
    const fields = {
      username: 'root',
      realm: 'antMiner Configuration',
      uri: '/cgi-bin/summary.cgi',
      nonce: 'abc123',
      nc: '00000001',
      cnonce: '0a4f113b',
      qop: 'auth',
    };
    expect(responseOf(fields, 'GET', 'root')).toBe('307c77d5fdcdec40a6cebc1256821619');
  });

  test('answers a bare request with 401 and the banner, whatever the page', async () => {
    const { place } = await rehearse();
    for (const path of ['/', '/cgi-bin/summary.cgi', '/cgi-bin/reboot.cgi', '/nowhere']) {
      const { status, headers } = await request(place, { path });
      expect([path, status]).toEqual([path, 401]);
      expect(headers).toMatch(/WWW-Authenticate: Digest realm="antMiner Configuration", nonce="\w{32}", qop="auth"/);
    }
  });

  test('lets in who knows the password, and 401 again who does not', async () => {
    const { place } = await rehearse();
    expect(await page(place, { path: '/cgi-bin/summary.cgi' })).toMatchObject({ status: 200 });
    expect(await page(place, { path: '/cgi-bin/summary.cgi' }, 'toor')).toMatchObject({ status: 401 });
  });

  test('takes no proof for another page, and no nonce that it did not give', async () => {
    const { place } = await rehearse();
    const path = '/cgi-bin/summary.cgi';
    const authorization = digest('root', await nonceOf(place), { path });
    expect(await request(place, { path: '/cgi-bin/stats.cgi', authorization })).toMatchObject({ status: 401 });
    const forged = digest('root', 'a'.repeat(32), { path });
    expect(await request(place, { path, authorization: forged })).toMatchObject({ status: 401 });
  });
});

describe('the pages', () => {
  test('show a miner at work', async () => {
    const { place } = await rehearse();
    expect(await cgi(place, 'get_system_info.cgi')).toMatchObject({
      minertype: 'Antminer S19j Pro',
      macaddr: expect.stringMatching(/^02:A7:/),
    });
    expect(await cgi(place, 'get_blink_status.cgi')).toEqual({ blink: false });
    expect(await cgi(place, 'get_miner_conf.cgi')).toMatchObject({ 'bitmain-work-mode': '0' });
    expect(await cgi(place, 'pools.cgi')).toMatchObject({ POOLS: [{ index: 0, status: 'Alive' }, {}, {}] });
    const { SUMMARY } = (await cgi(place, 'summary.cgi')) as { SUMMARY: { rate_5s: number; rate_ideal: number }[] };
    expect(SUMMARY[0]).toMatchObject({ rate_ideal: 104_000, rate_unit: 'GH/s' });
    expect(SUMMARY[0]?.rate_5s).toBeGreaterThan(100_000);
  });

  test('give no watts and no serial on the older firmware', async () => {
    const { place } = await rehearse();
    expect(await cgi(place, 'get_system_info.cgi')).not.toHaveProperty('serinum');
    expect(((await cgi(place, 'stats.cgi')) as { STATS: object[] }).STATS[0]).not.toHaveProperty('watt');
  });

  test('show dead pools and no rate while the internet is away', async () => {
    const farm = await rehearse();
    outage(farm, false);
    expect(await cgi(farm.place, 'pools.cgi')).toMatchObject({ POOLS: [{ status: 'Dead' }, {}, {}] });
    expect(await cgi(farm.place, 'summary.cgi')).toMatchObject({ SUMMARY: [{ rate_5s: 0 }] });
  });

  test('show a board that is gone as one without chips', async () => {
    const farm = await rehearse({ faults: ['dead-board'] });
    outage(farm);
    farm.pass(70_000);
    const { STATS } = (await cgi(farm.place, 'stats.cgi')) as { STATS: { chain: object[] }[] };
    expect(STATS[0]?.chain).toMatchObject([{ asic_num: 126 }, { asic_num: 126 }, { asic_num: 0, asic: '' }]);
  });

  test('name the fault that stops it', async () => {
    const farm = await rehearse({ faults: ['hot-inlet'] });
    outage(farm);
    const { SUMMARY } = (await cgi(farm.place, 'summary.cgi')) as { SUMMARY: { status: object[] }[] };
    expect(SUMMARY[0]?.status).toContainEqual({ type: 'temp', status: 'e', code: 'P:1', msg: 'over max temp' });
  });

  test('are not found where there are none', async () => {
    const { place } = await rehearse();
    expect(await page(place, { path: '/cgi-bin/toString' })).toMatchObject({ status: 404 });
    expect(await page(place, { path: '/kaonsu/v1/brief' })).toMatchObject({ status: 404 });
  });
});

describe('a reboot', () => {
  test('closes before it answers, refuses while it boots, and has a new uptime after', async () => {
    const farm = await rehearse({ faults: ['hung'] });
    outage(farm);
    expect((await page(farm.place, { path: '/cgi-bin/reboot.cgi' })).heard).toMatchObject({ text: '', closed: true });
    expect(farm.state()).toBe('booting');
    expect(await say(rpcOf(farm.place), '{"command":"version"}')).toMatchObject({ text: '', error: 'ECONNREFUSED' });
    expect((await request(farm.place, { path: '/' })).heard.error).toBe('ECONNREFUSED');
    farm.pass(20_000);
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    const { SUMMARY } = (await cgi(farm.place, 'summary.cgi')) as { SUMMARY: { elapsed: number }[] };
    expect(SUMMARY[0]?.elapsed).toBeLessThan(80);
  });
});

describe('a written configuration', () => {
  test('puts it to sleep and wakes it by miner-mode', async () => {
    const farm = await rehearse();
    expect((await page(farm.place, post({ 'miner-mode': 1, pools: POOLS }))).body).toContain('M000');
    expect(farm.state()).toBe('sleeping');
    expect(await cgi(farm.place, 'get_miner_conf.cgi')).toMatchObject({
      'bitmain-work-mode': '1',
      pools: [POOLS[0], {}, {}],
    });
    expect((await page(farm.place, post({ 'miner-mode': 0, pools: POOLS }))).body).toContain('M000');
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
  });

  test('takes bitmain-work-mode, and does not sleep for it', async () => {
    const farm = await rehearse();
    expect((await page(farm.place, post({ 'bitmain-work-mode': '1', pools: POOLS }))).body).toContain('M000');
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
  });

  test.each([{}, { pools: [] }, { pools: [{ url: '' }] }])('is refused without a first pool: %j', async (conf) => {
    const farm = await rehearse();
    expect((await page(farm.place, post({ 'miner-mode': 1, ...conf }))).body).toContain('M001');
    expect(farm.farm.meter().pushes).toEqual([]);
  });

  test('lights the LED until it is told not to', async () => {
    const { place } = await rehearse();
    const blink = (on: string) => ({ path: '/cgi-bin/blink.cgi', method: 'POST', body: `{"blink":${on}}` });
    expect((await page(place, blink('"true"'))).body).toContain('B000');
    expect(await cgi(place, 'get_blink_status.cgi')).toEqual({ blink: true });
    expect((await page(place, blink('false'))).body).toContain('B100');
    expect(await cgi(place, 'get_blink_status.cgi')).toEqual({ blink: false });
  });
});

describe('builds that differ in what they want', () => {
  const WHOLE = { 'freq-level': '100', 'bitmain-fan-ctrl': false, 'bitmain-fan-pwm': '100', pools: POOLS };

  test('take a number for a mode without effect, and sleep for a text', async () => {
    const farm = await rehearse({ model: 'Antminer S19 Pro 110T' });
    expect((await page(farm.place, post({ 'miner-mode': 1, ...WHOLE }))).body).toContain('M000');
    expect(await cgi(farm.place, 'get_miner_conf.cgi')).toMatchObject({ 'bitmain-work-mode': '0' });
    expect((await page(farm.place, post({ 'miner-mode': '1', ...WHOLE }))).body).toContain('M000');
    expect(farm.state()).toBe('sleeping');
  });

  test('take a post as their own page makes it, and no other', async () => {
    const farm = await rehearse({ model: 'Antminer S21 200T' });
    const script = ['Content-Type: text/plain;charset=UTF-8', 'X-Requested-With: XMLHttpRequest'];
    const asked = post({ 'miner-mode': 1, ...WHOLE });
    for (const headers of [[], script.slice(0, 1), script.slice(1)]) {
      expect((await page(farm.place, { ...asked, headers })).body).toContain('M001');
    }
    const short = post({ 'miner-mode': 1, pools: POOLS });
    expect((await page(farm.place, { ...short, headers: script })).body).toContain('M001');
    expect(farm.farm.meter().pushes).toEqual([]);
    expect((await page(farm.place, { ...asked, headers: script })).body).toContain('M000');
    expect(farm.state()).toBe('sleeping');
  });
});

test.each([
  ['Antminer L9', 'MH/s', 16_000],
  ['Antminer Z15', 'kSol/s', 420],
])('an %s counts in %s', async (model, unit, nominal) => {
  const { place } = await rehearse({ model, family: 'antminer-stock' });
  expect(await cgi(place, 'summary.cgi')).toMatchObject({ SUMMARY: [{ rate_unit: unit, rate_ideal: nominal }] });
  const { STATS } = (await cgi(place, 'stats.cgi')) as { STATS: { chain: { rate_real: number }[] }[] };
  const sum = STATS[0]?.chain.reduce((rates, { rate_real: one }) => rates + one, 0) ?? 0;
  expect(Math.abs(sum / nominal - 1)).toBeLessThan(0.03);
});

describe('the RPC', () => {
  test('ends its answer with a NUL byte and closes', async () => {
    const { place } = await rehearse();
    const { text, closed } = await say(rpcOf(place), '{"command":"version"}');
    expect(text.endsWith('}\0')).toBe(true);
    expect(closed).toBe(true);
    expect(JSON.parse(text.slice(0, -1))).toMatchObject({ VERSION: [{ Type: 'Antminer S19j Pro', BMMiner: '1.0.0' }] });
  });

  test('answers text with text', async () => {
    const { place } = await rehearse();
    const { text } = await say(rpcOf(place), 'version');
    expect(text).toMatch(/^STATUS=S,When=\d+,Code=22,.*\|VERSION,BMMiner=1\.0\.0,.*Type=Antminer S19j Pro\|/);
  });

  test('puts a request together that comes in pieces', async () => {
    const { place } = await rehearse();
    expect((await say(rpcOf(place), ['{"comm', 'and":"sum', 'mary"}'])).text).toContain('"Code":11');
    expect((await say(rpcOf(place), '{"command":"sum')).text).toContain('"Code":23');
  });

  test.each([
    ['restart', 45],
    ['addpool', 45],
    ['nonsense', 14],
    ['summary+pools', 14],
  ])('refuses %s with code %i', async (command, code) => {
    const farm = await rehearse();
    expect(await ask(farm.place, { command })).toMatchObject({ STATUS: [{ STATUS: 'E', Code: code }] });
    expect(farm.farm.meter().pushes).toEqual([]);
  });

  test('refuses when the mining process has died, and the web page answers', async () => {
    const farm = await rehearse({ faults: ['process-down'] });
    outage(farm);
    expect(await say(rpcOf(farm.place), '{"command":"version"}')).toMatchObject({ error: 'ECONNREFUSED' });
    expect(await page(farm.place, { path: '/cgi-bin/get_system_info.cgi' })).toMatchObject({ status: 200 });
  });
});
