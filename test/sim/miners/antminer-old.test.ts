import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { ask, cgi, page, request, rpcOf, rpcText, say } from './raw.ts';

afterEach(stopFarms);

type Json = Readonly<Record<string, unknown>>;
const S9 = 'Antminer S9 13.5T';
const S17 = 'Antminer S17 Pro 53T';
const start = (model = S9, faults: readonly FaultKind[] = ['none']) =>
  rehearse({ model, family: 'antminer-stock', faults });

const post = (place: Place, name: string, form: Readonly<Record<string, string>> | string) =>
  page(place, {
    path: `/cgi-bin/${name}`,
    method: 'POST',
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
const rpc = async (place: Place, command: string): Promise<string> =>
  (await rpcText(place, JSON.stringify({ command }))) ?? '';
/** The second row of `stats`, its lost comma put back. */
async function body(place: Place): Promise<Json> {
  const { STATS } = JSON.parse((await rpc(place, 'stats')).replaceAll('}{', '},{')) as { STATS: Json[] };
  return STATS[1] ?? {};
}

describe('which firmware it is', () => {
  test.each([
    ['Antminer S9i 14T', 404],
    ['Antminer T9 11.5T', 404],
    ['Antminer L3++', 404],
    ['Antminer S15 28T', 404],
    ['Antminer S17 Pro', 404],
    ['Antminer S17+ 73T', 200],
    ['Antminer S19 95T', 200],
    ['Antminer L7', 200],
  ])('the name %s says: miner_type.cgi is answered with %i', async (model, status) => {
    const { place } = await start(model);
    expect(await page(place, { path: '/cgi-bin/miner_type.cgi' })).toMatchObject({ status });
  });

  test('its banner does not say: the realm is the same', async () => {
    const { place } = await start();
    const { status, headers } = await request(place, { path: '/' });
    expect([status, headers]).toEqual([401, expect.stringContaining('realm="antMiner Configuration"')]);
    expect(await page(place, { path: '/' }, 'toor')).toMatchObject({ status: 401 });
    expect((await page(place, { path: '/' })).body).toContain('Antminer');
  });
});

describe('the RPC of the S9 and its time', () => {
  test('runs the rows of stats together, whatever else is joined to it', async () => {
    const { place } = await start();
    for (const command of ['stats', 'version+stats']) {
      const text = await rpc(place, command);
      expect(() => JSON.parse(text)).toThrow(SyntaxError);
      expect(text).toContain('}{"STATS":0');
    }
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{ BMMiner: '4.9.0', API: '3.1' }] });
  });

  test.each([
    [S9, 6, 63, 3],
    ['Antminer T9', 11, 54, 5],
    ['Antminer L3+', 1, 72, 1],
  ])('of %s numbers its boards from %i, of %i chips, and its fans from %i', async (model, first, chips, fan) => {
    const row = await body((await start(model)).place);
    const used = (key: string): number[] =>
      Array.from({ length: 16 }, (_, at) => at + 1).filter((n) => Number(row[`${key}${n}`] ?? 0) > 0);
    const boards = [first, first + 1, first + 2];
    expect([used('chain_acn'), used('temp'), used('temp2_'), used('chain_rate')]).toEqual(Array(4).fill(boards));
    expect([row[`chain_acn${first}`], used('fan')]).toEqual([chips, [fan, fan + 1]]);
    expect(row).not.toHaveProperty('total_rateideal');
  });

  test('gives the rate of now as a text, in GH/s or what stands for it', async () => {
    const now = async (model: string) => (await body((await start(model)).place))['GHS 5s'];
    expect(await now(S9)).toMatch(/^10\d{4}\.\d\d$/);
    expect(await now('Antminer L3+')).toMatch(/^(49|50|51)\d\.\d\d$/);
    expect(await now('Antminer Z9 Mini')).toMatch(/^1[56]\.\d\d$/);
  });
});

describe('the RPC of 2019', () => {
  test('parses, and has four sensors a board', async () => {
    const { place } = await start(S17);
    const { STATS } = (await ask(place, { command: 'stats' })) as { STATS: Json[] };
    expect(STATS).toMatchObject([
      { BMMiner: '4.9.0', Type: 'Antminer S17 Pro' },
      {
        total_acn: 144,
        temp_pcb1: expect.stringMatching(/^\d+-\d+-\d+-\d+$/),
        temp_pcb4: '-',
        freq1: '535',
        freq4: '0',
      },
    ]);
  });

  test('of an S9k closes its version once too often', async () => {
    const { place } = await start('Antminer S9k 13.5T');
    expect(await rpc(place, 'version')).toMatch(/"Type":"Antminer S9k"\}\],"id":1\}"\}$/);
    expect(await ask(place, { command: 'stats' })).toMatchObject({ STATS: [{}, { total_acn: 180 }] });
  });
});

test.each(['restart', 'addpool', 'ascset'])('the RPC grants no %s', async (command) => {
  const farm = await start();
  expect(await ask(farm.place, { command })).toMatchObject({ STATUS: [{ STATUS: 'E', Code: 45 }] });
  expect(farm.farm.meter().pushes).toEqual([]);
});

test('the RPC answers text with text', async () => {
  const { place } = await start();
  expect(await rpcText(place, 'stats')).toMatch(/\|STATS=0,ID=BC50,Elapsed=\d+/);
});

describe('the pages', () => {
  test('say what the RPC says, as it says it', async () => {
    const { place } = await start();
    expect(await cgi(place, 'get_system_info.cgi')).toMatchObject({ minertype: 'Antminer S9' });
    expect((await page(place, { path: '/cgi-bin/miner_stats.cgi' })).body).toContain('}{"STATS":0');
    expect(await cgi(place, 'miner_summary.cgi')).toMatchObject({ SUMMARY: [{ 'GHS 5s': expect.any(String) }] });
    expect(await cgi(place, 'miner_pools.cgi')).toMatchObject({
      POOLS: [{ POOL: 0, Status: 'Alive' }, { URL: '', Status: 'Dead' }, {}],
    });
  });

  test.each(['summary', 'stats', 'pools', 'get_blink_status', 'get_miner_status', 'toString'])(
    'have no %s.cgi',
    async (name) => {
      const { place } = await start();
      expect(await page(place, { path: `/cgi-bin/${name}.cgi` })).toMatchObject({ status: 404 });
    },
  );

  test('say that the mining process is not there when it has died', async () => {
    const { place, ...farm } = await start(S9, ['process-down']);
    outage({ place, ...farm });
    expect(await say(rpcOf(place), '{"command":"version"}')).toMatchObject({ error: 'ECONNREFUSED' });
    expect((await page(place, { path: '/cgi-bin/miner_stats.cgi' })).body).toBe(
      'Socket connect failed: Connection refused',
    );
  });

  test('show a board that is gone as an empty one', async () => {
    const farm = await start(S9, ['dead-board']);
    outage(farm);
    farm.pass(70_000);
    expect(await body(farm.place)).toMatchObject({ chain_acn7: 63, chain_acn8: 0, chain_rate8: '', miner_count: 2 });
  });
});

describe('an order', () => {
  const POOL = { _ant_pool1url: 'stratum+tcp://other:3333', _ant_pool1user: 'w', _ant_pool1pw: 'x' };
  const REST = { _ant_fan_customize_switch: 'true', _ant_fan_customize_value: '80', _ant_freq: '600' };
  const conf = (place: Place) => cgi(place, 'get_miner_conf.cgi');

  test('sets pools by a form that stands for all settings, and loads the process again', async () => {
    const farm = await start();
    expect(await conf(farm.place)).toMatchObject({ 'bitmain-freq': '650', 'bitmain-fan-ctrl': false });
    expect(await conf(farm.place)).not.toHaveProperty('bitmain-work-mode');
    expect((await post(farm.place, 'set_miner_conf.cgi', { ...POOL, ...REST })).body).toBe('ok');
    expect(await conf(farm.place)).toMatchObject({
      pools: [{ url: 'stratum+tcp://other:3333', user: 'w', pass: 'x' }, { url: '' }, { url: '' }],
      ...{ 'bitmain-freq': '600', 'bitmain-fan-ctrl': true, 'bitmain-fan-pwm': '80' },
    });
    await post(farm.place, 'set_miner_conf.cgi', POOL);
    expect(await conf(farm.place)).toMatchObject({ 'bitmain-freq': '' });
    expect(farm.farm.meter().pushes).toMatchObject([{ action: 'restart' }, { action: 'restart' }]);
  });

  test('is not read in JSON, nor taken without a first pool', async () => {
    const farm = await start();
    const json = JSON.stringify({ 'miner-mode': 1, pools: [{ url: 'a', user: 'b', pass: '' }] });
    for (const form of [json, '_ant_pool1url=', '']) {
      expect(await post(farm.place, 'set_miner_conf.cgi', form)).toMatchObject({ status: 400 });
    }
    expect(farm.farm.meter().pushes).toEqual([]);
    expect(await conf(farm.place)).toMatchObject({ 'bitmain-freq': '650' });
  });

  test('leaves no trace on a deaf one', async () => {
    const { place } = await start(S9, ['deaf']);
    expect((await post(place, 'set_miner_conf.cgi', { ...POOL, ...REST })).body).toBe('ok');
    expect(await conf(place)).toMatchObject({ 'bitmain-freq': '650', pools: [{ user: 'farm' }, {}, {}] });
  });

  test('to blink is not answered in the S9’s time, and shows', async () => {
    const { place } = await start();
    const blink = (action: string) => post(place, 'blink.cgi', { action });
    const hangs = await Promise.race([
      blink('startBlink'),
      new Promise((resolve) => setTimeout(resolve, 500, 'hangs')),
    ]);
    expect(hangs).toBe('hangs');
    expect((await blink('onPageLoaded')).body).toContain('"isBlinking":true');
    expect((await blink('stopBlink')).body).toContain('"isBlinking":false');
    expect((await blink('onPageLoaded')).body).toContain('"isBlinking":false');
    expect(await blink('dance')).toMatchObject({ status: 400 });
  });

  test('to blink is answered in 2019', async () => {
    const { place } = await start(S17);
    expect((await post(place, 'blink.cgi', { action: 'startBlink' })).body).toContain('"isBlinking":true');
  });

  test('to reboot closes before it answers, and shows in the uptime', async () => {
    const farm = await start(S9, ['hung']);
    outage(farm);
    expect((await page(farm.place, { path: '/cgi-bin/reboot.cgi' })).heard).toMatchObject({ text: '', closed: true });
    farm.pass(20_000);
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    expect((await body(farm.place)).Elapsed).toBeLessThan(80);
  });
});
