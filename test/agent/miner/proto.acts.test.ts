import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { minersWith, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('', 'secret'));
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => miners.close());

const WRITES = ['system/reboot', 'system/locate', 'mining/stop', 'mining/start'];
const TARGET = '/api/v1/mining/target';

async function order(given: MinerOrder, more: Pages = {}) {
  device = await pageDevice({
    family: 'proto',
    pages: {
      'GET /api/v1/mining': { says: { 'mining-status': { status: 'Mining', hashrate_ghs: 141_000 } } },
      'POST /api/v1/auth/login': { says: { access_token: 'key' } },
      ...Object.fromEntries(WRITES.map((path) => [`POST /api/v1/${path}`, { status: 202, says: '' }])),
      ...more,
    },
  });
  return { answer: await miners.act(device.target, given), device };
}
const writes = ({ heard }: PageDevice) => heard.filter(({ asked }) => !asked.startsWith('GET'));

describe('a Proto Rig', () => {
  const orders: readonly (readonly [MinerOrder, string])[] = [
    [{ action: 'reboot' }, 'system/reboot'],
    [{ action: 'sleep' }, 'mining/stop'],
    [{ action: 'wake' }, 'mining/start'],
    [{ action: 'locate', on: true }, 'system/locate'],
  ];
  test.each(orders)('takes %j in a session, at %s', async (given, path) => {
    const { answer, device } = await order(given);
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(writes(device).map(({ asked, authorization }) => [asked, authorization])).toEqual([
      ['POST /api/v1/auth/login', null],
      [`POST /api/v1/${path}`, 'Bearer key'],
    ]);
  });

  test.each([{ action: 'restart' }, { action: 'pools', pools: [] }, { action: 'locate', on: false }] as const)(
    'has no %j',
    async (given) => {
      const { answer, device } = await order(given);
      expect(answer.result).toBe('unsupported');
      expect(writes(device).map(({ asked }) => asked)).toEqual(['POST /api/v1/auth/login']);
    },
  );

  test('with another password is auth_failed, and asked no more', async () => {
    const { answer, device } = await order(
      { action: 'wake' },
      { 'POST /api/v1/auth/login': { status: 401, says: {} } },
    );
    expect(answer.result).toBe('auth_failed');
    expect((await miners.act(device.target, { action: 'wake' })).result).toBe('auth_failed');
    expect(writes(device).map(({ asked }) => asked)).toEqual(['POST /api/v1/auth/login']);
  });

  test.each([
    [{ status: 500, says: {} }, 'refused'],
    [{ status: 403, says: {} }, 'refused'],
    [{ status: 404, says: {} }, 'unsupported'],
    [null, 'no_reply'],
  ])('that answers a reboot with %j', async (page, result) => {
    const { answer, device } = await order({ action: 'reboot' }, { 'POST /api/v1/system/reboot': page });
    expect(answer.result).toBe(result);
    expect(writes(device)).toHaveLength(2);
  });
});

describe("a Proto Rig's power target", () => {
  const now = { power_target_watts: 3_400, performance_mode: 'Efficiency' };
  const after = { power_target_watts: 3_000, performance_mode: 'Efficiency' };
  const limit = (more: Pages) =>
    order({ action: 'powerLimit', powerW: 3_000 }, { [`GET ${TARGET}`]: { says: now }, ...more });
  const bodies = (of: PageDevice) =>
    writes(of)
      .slice(1)
      .map(({ asked, body }) => [asked, body]);

  test('is written with all that stands beside it', async () => {
    const { answer, device } = await limit({ [`PUT ${TARGET}`]: { says: after } });
    expect(answer.result).toBe('sent');
    expect(bodies(device)).toEqual([[`PUT ${TARGET}`, after]]);
  });

  test('is posted where it cannot be put', async () => {
    const { answer, device } = await limit({
      [`PUT ${TARGET}`]: { status: 405, says: '' },
      [`POST ${TARGET}`]: { says: '' },
    });
    expect(answer.result).toBe('sent');
    expect(bodies(device)).toEqual([
      [`PUT ${TARGET}`, after],
      [`POST ${TARGET}`, after],
    ]);
  });

  test('is written once, whatever else it answers', async () => {
    for (const [page, result] of [
      [{ status: 500, says: '' }, 'refused'],
      [null, 'no_reply'],
    ] as const) {
      const { answer, device } = await limit({ [`PUT ${TARGET}`]: page, [`POST ${TARGET}`]: { says: '' } });
      expect([answer.result, bodies(device).length]).toEqual([result, 1]);
      await device.close();
    }
  });

  test.each([{ status: 500, says: '' }, null, { says: '{"power_target_watts":3400,}' }, { says: {} }])(
    'is not written after it was read as %j',
    async (page) => {
      const { answer, device } = await limit({ [`GET ${TARGET}`]: page, [`PUT ${TARGET}`]: { says: '' } });
      expect(answer.result).toBe('refused');
      expect(bodies(device)).toEqual([]);
    },
  );
});
