import { createServer } from 'node:http';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { minerId } from '../../../shared/ids.ts';
import { minersWith, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';
import { close, open } from './replay.ts';

const miners = minersWith(password('root', 'root'));
const mistaken = minersWith(password('root', 'wrong'));
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), mistaken.close()]));

const CONF = {
  pools: [{ url: 'stratum+tcp://a:3333', user: 'farm.1', pass: 'secret' }],
  'bitmain-fan-ctrl': true,
  'bitmain-fan-pwm': '80',
  'bitmain-freq-level': '90',
  'bitmain-work-mode': '1',
};
/** As an S9 has it: no modes, no levels (fact sheet 3.5). */
const OLD_CONF = {
  pools: [{ url: 'stratum+tcp://a:3333', user: 'farm.1', pass: 'secret' }],
  'bitmain-fan-ctrl': false,
  'bitmain-fan-pwm': '80',
  'bitmain-freq': '650',
  'bitmain-nobeeper': false,
};
const DONE = { says: { stats: 'success', code: 'M000', msg: 'OK!' } };
const PAGES: Pages = {
  'GET /cgi-bin/stats.cgi': { says: { STATS: [{ elapsed: 5_000, rate_5s: 0, 'miner-mode': 1 }] } },
  'GET /cgi-bin/get_miner_conf.cgi': { says: CONF },
  'GET /cgi-bin/get_blink_status.cgi': { says: { blink: false } },
  'POST /cgi-bin/set_miner_conf.cgi': DONE,
  'POST /cgi-bin/blink.cgi': ({ body }) => ({
    says: { code: String((body as { blink: unknown }).blink) === 'true' ? 'B000' : 'B100' },
  }),
};
/** Old firmware: neither of the newer pages, and its own. */
const OLD: Pages = {
  'GET /cgi-bin/get_system_info.cgi': { says: { minertype: 'Antminer S9', macaddr: '00:0A:35:00:00:01' } },
  'GET /cgi-bin/get_miner_conf.cgi': { says: OLD_CONF },
  'POST /cgi-bin/set_miner_conf.cgi': { says: 'ok' },
  'POST /cgi-bin/blink.cgi': { says: { isBlinking: false } },
};

async function order(given: MinerOrder, pages: Pages, { by = miners, family = 'antminer-stock', realm = REALM } = {}) {
  device = await pageDevice({ family, digest: 'root', realm, pages });
  const answer = await by.act(device.target, given);
  const bodies = (path: string) =>
    (device?.heard ?? []).filter(({ asked }) => asked === `POST /cgi-bin/${path}`).map(({ body }) => body);
  return { answer, device, bodies };
}
const REALM = 'antMiner Configuration';
const SENT = { result: 'sent', detail: null };
const NEW_POOLS = [
  { url: 'stratum+tcp://c:1', worker: 'new.1', password: 'p' },
  { url: 'stratum+tcp://d:2', worker: 'new.2', password: '' },
];
const POOLS: MinerOrder = { action: 'pools', pools: NEW_POOLS };

describe('pools of a stock Antminer', () => {
  test('are written as a whole, with mode, level and fans as they were', async () => {
    const { answer, bodies } = await order(POOLS, PAGES);
    expect(answer).toEqual(SENT);
    expect(bodies('set_miner_conf.cgi')).toEqual([
      {
        'miner-mode': 1,
        'freq-level': '90',
        'bitmain-fan-ctrl': true,
        'bitmain-fan-pwm': '80',
        pools: [
          { url: 'stratum+tcp://c:1', user: 'new.1', pass: 'p' },
          { url: 'stratum+tcp://d:2', user: 'new.2', pass: '' },
          { url: '', user: '', pass: '' },
        ],
      },
    ]);
  });

  test('say nothing of a mode that the document does not show', async () => {
    const { 'bitmain-work-mode': _, ...conf } = CONF;
    const { bodies } = await order(POOLS, { ...PAGES, 'GET /cgi-bin/get_miner_conf.cgi': { says: conf } });
    expect(bodies('set_miner_conf.cgi')).toHaveLength(1);
    expect(bodies('set_miner_conf.cgi')[0]).not.toHaveProperty('miner-mode');
  });

  test('of old firmware go as a form, with fans and frequency as they were', async () => {
    const { answer, bodies } = await order(POOLS, OLD);
    expect(answer).toEqual(SENT);
    const [form] = bodies('set_miner_conf.cgi') as string[];
    expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
      ...{ _ant_pool1url: 'stratum+tcp://c:1', _ant_pool1user: 'new.1', _ant_pool1pw: 'p' },
      ...{ _ant_pool2url: 'stratum+tcp://d:2', _ant_pool2user: 'new.2', _ant_pool2pw: '' },
      ...{ _ant_pool3url: '', _ant_pool3user: '', _ant_pool3pw: '' },
      ...{ _ant_nobeeper: 'false', _ant_fan_customize_switch: 'false', _ant_fan_customize_value: '80' },
      _ant_freq: '650',
    });
  });

  test.each([
    ['is no JSON', '<html>'],
    ['has lost a comma', '{"pools":[{"url":"a"}{"url":"b"}],"bitmain-work-mode":"0"}'],
    ['has no list of pools', { 'bitmain-work-mode': '0' }],
    ['has nothing but pools', { pools: CONF.pools }],
  ])('are not written where the configuration %s', async (_, says) => {
    const { answer, bodies } = await order(POOLS, { ...PAGES, 'GET /cgi-bin/get_miner_conf.cgi': { says } });
    expect(answer.result).toBe('refused');
    expect(bodies('set_miner_conf.cgi')).toEqual([]);
  });

  test('are one to three', async () => {
    const pools = [...NEW_POOLS, ...NEW_POOLS];
    const { answer, bodies } = await order({ action: 'pools', pools }, PAGES);
    expect([answer.result, bodies('set_miner_conf.cgi')]).toEqual(['refused', []]);
  });

  test('that the page does not take are refused', async () => {
    const bad = { says: { stats: 'error', code: 'M001', msg: 'bad' } };
    const { answer } = await order(POOLS, { ...PAGES, 'POST /cgi-bin/set_miner_conf.cgi': bad });
    expect(answer).toEqual({ result: 'refused', detail: 'the page says M001: bad' });
  });

  test('are uncertain where the line closes without an answer', async () => {
    const { answer, bodies } = await order(POOLS, { ...PAGES, 'POST /cgi-bin/set_miner_conf.cgi': null });
    expect([answer.result, bodies('set_miner_conf.cgi').length]).toEqual(['no_reply', 1]);
  });

  test('are not ordered with a wrong password, nor again', async () => {
    const { answer, device } = await order(POOLS, PAGES, { by: mistaken });
    expect(answer.result).toBe('auth_failed');
    expect((await mistaken.act(device.target, POOLS)).result).toBe('auth_failed');
    expect(device.heard).toEqual([]);
  });
});

test.each(['sleep', 'wake'] as const)('old firmware has no %s', async (action) => {
  const { answer, bodies } = await order({ action }, OLD);
  expect([answer.result, bodies('set_miner_conf.cgi')]).toEqual(['unsupported', []]);
});

describe('the light of a stock Antminer', () => {
  test.each([
    [true, 'true'],
    [false, 'false'],
  ])('is set to %s', async (on, blink) => {
    const status = { 'GET /cgi-bin/get_blink_status.cgi': { says: { blink: !on } } };
    const { answer, bodies } = await order({ action: 'locate', on }, { ...PAGES, ...status });
    expect([answer, bodies('blink.cgi')]).toEqual([SENT, [{ blink }]]);
  });

  test('that is so already is left alone', async () => {
    const { answer, bodies } = await order({ action: 'locate', on: false }, PAGES);
    expect([answer.result, bodies('blink.cgi')]).toEqual(['sent', []]);
  });

  test('of a build that wants a boolean is given one', async () => {
    const wants: Pages = {
      'POST /cgi-bin/blink.cgi': ({ body }) => ({
        says: { code: (body as { blink: unknown }).blink === true ? 'B000' : 'B100' },
      }),
    };
    const { answer, bodies } = await order({ action: 'locate', on: true }, { ...PAGES, ...wants });
    expect([answer, bodies('blink.cgi')]).toEqual([SENT, [{ blink: 'true' }, { blink: true }]]);
  });

  test.each([
    ['an error', { says: { code: 'E001' } }, 1],
    ['the other state, whatever it is sent', { says: { code: 'B100' } }, 2],
  ])('whose page answers with %s is refused', async (_, page, times) => {
    const pages = { ...PAGES, 'POST /cgi-bin/blink.cgi': page };
    const { answer, bodies } = await order({ action: 'locate', on: true }, pages);
    expect([answer.result, bodies('blink.cgi').length]).toEqual(['refused', times]);
  });

  test('is not touched where its state cannot be read', async () => {
    const pages = { ...PAGES, 'GET /cgi-bin/get_blink_status.cgi': { status: 500, says: '' } };
    const { answer, bodies } = await order({ action: 'locate', on: true }, pages);
    const forms = bodies('blink.cgi').filter((body) => body !== 'action=onPageLoaded');
    expect([answer.result, forms]).toEqual(['refused', []]);
  });

  test.each([
    [true, 'action=startBlink'],
    [false, 'action=stopBlink'],
  ])('of old firmware is set to %s by a form', async (on, form) => {
    const { answer, bodies } = await order({ action: 'locate', on }, OLD);
    expect(answer).toEqual(SENT);
    expect(bodies('blink.cgi')).toEqual(['action=onPageLoaded', form]);
  });

  test('of old firmware may blink instead of answering', async () => {
    const server = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text) => text.includes('onPageLoaded') && response.end('{}'));
      if (request.method === 'GET')
        response.writeHead(request.url?.includes('system_info') ? 200 : 404).end('{"minertype":"Antminer S9"}');
    });
    const ports = { http: await open(server), rpc: 1 };
    const target = { miner: minerId('blinks'), address: '127.0.0.1', ports, family: 'antminer-stock' };
    const answer = await miners.act(target, { action: 'locate', on: true });
    await close(server);
    expect(answer.result).toBe('sent');
  }, 15_000);
});

describe('an Elphapex', () => {
  const FC = {
    ...{ algo: 'ltc', 'fc-fan-ctrl': false, 'fc-fan-pwm': '20', 'fc-freq-level': '100', 'fc-work-mode': 0 },
    pools: CONF.pools,
  };
  const elphapex = { family: 'elphapex', realm: 'Daoge Configuration' };
  const pages = (conf: Record<string, unknown>): Pages => ({
    ...PAGES,
    'GET /cgi-bin/get_miner_conf.cgi': () => ({ says: conf }),
    'POST /cgi-bin/set_miner_conf.cgi': ({ body }) => {
      conf['fc-work-mode'] = (body as { 'miner-mode': unknown })['miner-mode'];
      return DONE;
    },
  });

  test('sleeps by its own document, in its own words', async () => {
    const { answer, bodies } = await order({ action: 'sleep' }, pages({ ...FC }), elphapex);
    expect(answer).toEqual(SENT);
    expect(bodies('set_miner_conf.cgi')).toEqual([
      {
        ...{ 'miner-mode': 1, 'freq-level': '100', 'fc-fan-ctrl': false, 'fc-fan-pwm': '20', algo: 'ltc' },
        pools: [...CONF.pools, { url: '', user: '', pass: '' }, { url: '', user: '', pass: '' }],
      },
    ]);
  });

  test('keeps its mode when its pools change', async () => {
    const { answer, bodies } = await order(POOLS, pages({ ...FC, 'fc-work-mode': 1 }), elphapex);
    expect(answer).toEqual(SENT);
    expect(bodies('set_miner_conf.cgi')).toEqual([expect.objectContaining({ 'miner-mode': 1, algo: 'ltc' })]);
  });
});

describe('orders of the families that share the pages', () => {
  test.each([
    ['hiveon', REALM, ['reboot', 'sleep', 'wake', 'locate', 'pools']],
    ['mskminer', REALM, ['reboot', 'locate', 'pools']],
    ['hammer', 'blackMiner Configuration', ['reboot', 'locate']],
    ['volcminer', 'blackMiner Configuration', ['reboot', 'locate']],
    ['elphapex', 'Daoge Configuration', ['reboot', 'sleep', 'wake', 'locate', 'pools']],
  ])('%s does what is known of it, and nothing else', async (family, realm, can) => {
    const conf = { ...CONF, 'fc-work-mode': '1', 'bitmain-work-mode': '1' };
    const pages: Pages = {
      ...PAGES,
      'GET /cgi-bin/get_miner_conf.cgi': { says: conf },
      'GET /cgi-bin/reboot.cgi': null,
    };
    const orders: readonly MinerOrder[] = [
      { action: 'restart' },
      { action: 'reboot' },
      { action: 'sleep' },
      { action: 'locate', on: true },
      { action: 'powerLimit', powerW: 3_000 },
      POOLS,
    ];
    device = await pageDevice({ family, digest: 'root', realm, pages });
    for (const given of orders) {
      const { result } = await miners.act(device.target, given);
      // It closes before it has answered a reboot, as most do.
      const expected = given.action === 'reboot' ? 'no_reply' : 'sent';
      expect([given.action, result]).toEqual([given.action, can.includes(given.action) ? expected : 'unsupported']);
    }
  });
});
