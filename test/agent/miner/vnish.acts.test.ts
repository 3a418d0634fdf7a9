import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { minersWith, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('', 'admin'));
const strangers = minersWith(noCredentials);
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), strangers.close()]));

const empty = { says: '' };
const PAGES: Pages = {
  'GET /api/v1/info': { says: { miner: 'Antminer S19', fw_name: 'Vnish', fw_version: '1.2.6' } },
  'GET /api/v1/status': { says: { miner_state: 'mining', find_miner: false } },
  'GET /api/v1/summary': { says: { miner: { miner_type: 'Antminer S19 (Vnish 1.2.6)', hr_realtime: 95_000 } } },
  'GET /api/v1/perf-summary': { says: { current_preset: { name: '3250' }, preset_switcher: { enabled: false } } },
  'POST /api/v1/unlock': { says: { token: 'key' } },
  'POST /api/v1/mining/restart': empty,
  'POST /api/v1/mining/stop': empty,
  'POST /api/v1/mining/start': empty,
  'POST /api/v1/system/reboot': { says: { after: 3 } },
};

async function order(given: MinerOrder, more: Pages = {}, by = miners) {
  device = await pageDevice({ family: 'vnish', pages: { ...PAGES, ...more } });
  return { answer: await by.act(device.target, given), device };
}
const bodies = ({ heard }: PageDevice, asked: string) =>
  heard.filter((one) => one.asked === asked).map((one) => one.body);

describe('a VNish', () => {
  const simple = [
    ['restart', 'mining/restart'],
    ['reboot', 'system/reboot'],
    ['sleep', 'mining/stop'],
    ['wake', 'mining/start'],
  ] as const;
  test.each(simple)('takes %s in a session, at %s', async (action, path) => {
    const { answer, device } = await order({ action });
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(device.writes()).toEqual(['POST /api/v1/unlock', `POST /api/v1/${path}`]);
    expect(device.heard.at(-1)).toMatchObject({ body: null, authorization: 'Bearer key' });
  });

  test('whose session ran out is unlocked once more', async () => {
    let unlocked = 0;
    const { answer, device } = await order(
      { action: 'wake' },
      {
        'POST /api/v1/unlock': () => ({ says: { token: `key${++unlocked}` } }),
        'POST /api/v1/mining/start': ({ authorization }) =>
          authorization === 'Bearer key2' ? empty : { status: 401, says: {} },
      },
    );
    expect(answer.result).toBe('sent');
    expect(device.writes()).toHaveLength(4);
  });

  test.each([403, 429])('that answers unlock with %i is ordered nothing, and not asked again', async (status) => {
    const { answer, device } = await order({ action: 'restart' }, { 'POST /api/v1/unlock': { status, says: {} } });
    expect(answer.result).toBe('auth_failed');
    expect((await miners.act(device.target, { action: 'restart' })).result).toBe('auth_failed');
    expect(device.writes()).toEqual(['POST /api/v1/unlock']);
  });

  test('is ordered nothing without a password where it wants one', async () => {
    const { answer, device } = await order(
      { action: 'restart' },
      { 'POST /api/v1/mining/restart': { status: 401, says: {} } },
      strangers,
    );
    expect(answer.result).toBe('auth_failed');
    expect(device.writes()).toEqual(['POST /api/v1/mining/restart']);
  });

  test.each([
    [{ status: 500, says: { err: 'CGMiner err: failed-to-activate' } }, 'refused'],
    [{ says: { err: 'wrong state' } }, 'refused'],
    [{ says: { success: false } }, 'refused'],
    [null, 'no_reply'],
    [{ status: 404, says: '' }, 'unsupported'],
  ])('that answers a restart with %j', async (page, result) => {
    const { answer, device } = await order({ action: 'restart' }, { 'POST /api/v1/mining/restart': page });
    expect(answer.result).toBe(result);
    expect(device.writes().filter((one) => one.endsWith('restart'))).toHaveLength(1);
  });
});

describe("a VNish's light, which an order changes over", () => {
  const lit = (find_miner: unknown) => ({ says: { miner_state: 'mining', find_miner } });

  test.each([
    [false, true, ['POST /api/v1/unlock', 'POST /api/v1/find-miner']],
    [true, true, []],
    [false, false, []],
  ])('that is %s and shall be %s', async (is, on, writes) => {
    const { answer, device } = await order(
      { action: 'locate', on },
      { 'GET /api/v1/status': lit(is), 'POST /api/v1/find-miner': { says: { on: !is } } },
    );
    expect(answer.result).toBe('sent');
    expect(device.writes()).toEqual(writes);
  });

  test('is left alone where nobody says whether it is on', async () => {
    for (const page of [lit(undefined), { status: 500, says: '' }]) {
      const { answer, device } = await order({ action: 'locate', on: true }, { 'GET /api/v1/status': page });
      expect(answer.result).toBe('refused');
      expect(device.writes()).toEqual([]);
      await device.close();
    }
  });

  test('has another name in newer builds, and answers with a bare flag', async () => {
    const { answer, device } = await order(
      { action: 'locate', on: true },
      { 'POST /api/v1/locate-miner': { says: 'true' } },
    );
    expect(answer.result).toBe('sent');
    expect(device.writes().slice(-2)).toEqual(['POST /api/v1/find-miner', 'POST /api/v1/locate-miner']);
  });

  test('that went the wrong way is not called so', async () => {
    const { answer } = await order(
      { action: 'locate', on: true },
      { 'POST /api/v1/find-miner': { says: { on: false } } },
    );
    expect(answer).toEqual({ result: 'refused', detail: 'its light is off, says the device' });
  });
});

describe("a VNish's power limit is a preset", () => {
  const presets = {
    says: [
      { name: 'disabled', status: 'untuned' },
      { name: '2550', status: 'tuned' },
      { name: '3160', status: 'untuned', modded_psu_required: false },
      { name: '2890', status: 'tuned' },
      { name: '3000', status: 'tuned', modded_psu_required: true },
    ],
  };
  const taken = { says: { restart_required: false, reboot_required: false } };
  const pages = { 'GET /api/v1/autotune/presets': presets, 'POST /api/v1/settings': taken };
  const limit = (powerW: number, more: Pages = {}) => order({ action: 'powerLimit', powerW }, { ...pages, ...more });

  test.each([
    [3_159, '2890'],
    [2_890, '2890'],
    [9_000, '3160'],
  ])('for %i W: the highest that is not above it, and needs no other power supply', async (powerW, preset) => {
    const { answer, device } = await limit(powerW);
    expect(answer.result).toBe('sent');
    expect(bodies(device, 'POST /api/v1/settings')).toEqual([{ miner: { overclock: { preset } } }]);
    expect(answer.detail?.includes('not yet tuned')).toBe(preset === '3160');
  });

  test('below the lowest is refused, and nothing is written', async () => {
    const { answer, device } = await limit(2_549);
    expect(answer).toEqual({ result: 'refused', detail: 'its lowest preset is 2550 W' });
    expect(device.writes()).toEqual(['POST /api/v1/unlock']);
  });

  test('is not written after a read that failed', async () => {
    for (const more of [{ 'GET /api/v1/autotune/presets': null }, { 'GET /api/v1/status': null }]) {
      const { answer, device } = await limit(3_000, more);
      expect(answer.result).toBe('refused');
      expect(device.writes()).toEqual(['POST /api/v1/unlock']);
      await device.close();
    }
  });

  test.each([
    ['mining', { restart_required: true }, ['POST /api/v1/mining/restart']],
    ['mining', { restart_required: true, reboot_required: true }, ['POST /api/v1/system/reboot']],
    // It would wake one that sleeps by order.
    ['stopped', { restart_required: true }, []],
  ])('on one that is %s and answers %j', async (miner_state, says, writes) => {
    const { answer, device } = await limit(2_890, {
      'GET /api/v1/status': { says: { miner_state } },
      'POST /api/v1/settings': { says },
    });
    expect(answer.result).toBe('sent');
    expect(device.writes().slice(2)).toEqual(writes);
  });

  test('says so where the preset switcher may leave it again', async () => {
    const { answer } = await limit(2_890, {
      'GET /api/v1/perf-summary': { says: { preset_switcher: { enabled: true, top_preset: '4690' } } },
    });
    expect(answer.detail).toBe('preset of 2890 W; its preset switcher may go up to 4690 W');
  });
});

describe("a VNish's pools", () => {
  const one = { url: 'stratum+tcp://pool.example:3333', worker: 'account.rig', password: 'x' };
  const settings = { says: { miner: { pools: [{ url: 'old:1', user: 'a', pass: 'b' }, {}, {}] } } };
  const pages = { 'GET /api/v1/settings': settings, 'POST /api/v1/settings': { says: { restart_required: true } } };

  test('are all written at once, with the slots that are left over emptied', async () => {
    const { answer, device } = await order({ action: 'pools', pools: [one] }, pages);
    expect(answer).toEqual({ result: 'sent', detail: null });
    const none = { url: '', user: '', pass: '' };
    expect(bodies(device, 'POST /api/v1/settings')).toEqual([
      { miner: { pools: [{ url: one.url, user: one.worker, pass: 'x' }, none, none] } },
    ]);
    expect(device.writes().at(-1)).toBe('POST /api/v1/mining/restart');
  });

  test.each([{ status: 500, says: '' }, null, { says: '{"miner":{"pools":[{"url":"a"},]}}' }, { says: { miner: {} } }])(
    'are not written after a reading of %j',
    async (page) => {
      const { answer, device } = await order(
        { action: 'pools', pools: [one] },
        { ...pages, 'GET /api/v1/settings': page },
      );
      expect(answer.result).toBe('refused');
      expect(device.writes()).toEqual(['POST /api/v1/unlock']);
    },
  );
});
