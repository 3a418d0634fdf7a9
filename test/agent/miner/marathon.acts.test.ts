import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { minersWith, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('root', 'root'));
const others = minersWith(password('root', 'other'));
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), others.close()]));

const CONFIG = 'GET /kaonsu/v1/miner_config';
/** Pools, fans and whatever else stand beside the mode, and must come back as they were. */
const document = (selector: string, more: object = {}) => ({
  mode: { 'work-mode-selector': selector, concorde: { 'power-target': 3_250, step: 5 }, fixed: { voltage: 13 } },
  pools: [
    { url: 'old.example:1', user: 'a', pass: 'b', weight: 1 },
    { url: 'spare.example:1', user: 'c', pass: 'd' },
  ],
  fans: { profile: 'AirCooling' },
  ...more,
});

async function order(given: MinerOrder, more: Pages = {}) {
  const taken = { says: '' };
  const paths = ['maintenance', 'locate_miner', 'miner_config'].map((path) => `POST /kaonsu/v1/${path}`);
  device = await pageDevice({
    family: 'marathon',
    digest: 'root',
    pages: {
      'GET /kaonsu/v1/brief': { says: { status: 'Mining', hashrate_realtime: 98, hashrate_ideal: 100_000 } },
      [CONFIG]: { says: document('Fixed') },
      ...Object.fromEntries(paths.map((path) => [path, taken])),
      ...more,
    },
  });
  return { answer: await miners.act(device.target, given), device };
}
const writes = ({ heard }: PageDevice) =>
  heard.filter(({ asked }) => asked.startsWith('POST')).map(({ asked, body }) => [asked.split('/').at(-1), body]);

describe('a Marathon', () => {
  const orders: readonly (readonly [MinerOrder, string, unknown])[] = [
    [{ action: 'restart' }, 'maintenance', { type: 'reload' }],
    [{ action: 'reboot' }, 'maintenance', { type: 'reboot' }],
    [{ action: 'locate', on: true }, 'locate_miner', { blinking: true }],
    [{ action: 'locate', on: false }, 'locate_miner', { blinking: false }],
  ];
  test.each(orders)('takes %j at %s', async (given, path, body) => {
    const { answer, device } = await order(given);
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(writes(device)).toEqual([[path, body]]);
  });

  test('with another password is auth_failed, and asked no more', async () => {
    const { device } = await order({ action: 'restart' });
    const before = device.heard.length;
    expect((await others.act(device.target, { action: 'restart' })).result).toBe('auth_failed');
    expect((await others.act(device.target, { action: 'wake' })).result).toBe('auth_failed');
    expect(device.heard).toHaveLength(before);
  });

  test.each([
    [{ status: 500, says: '' }, 'refused'],
    [{ status: 404, says: '' }, 'unsupported'],
    [null, 'no_reply'],
  ])('that answers a reboot with %j', async (page, result) => {
    const { answer, device } = await order({ action: 'reboot' }, { 'POST /kaonsu/v1/maintenance': page });
    expect(answer.result).toBe(result);
    expect(writes(device)).toHaveLength(1);
  });

  test('is put to sleep by its whole document, and woken into the mode that it had', async () => {
    let now: object = document('Fixed');
    const { answer, device } = await order(
      { action: 'sleep' },
      {
        [CONFIG]: () => ({ says: now }),
        'POST /kaonsu/v1/miner_config': ({ body }) => {
          now = body as object;
          return { says: '' };
        },
      },
    );
    expect(answer.result).toBe('sent');
    expect((await miners.act(device.target, { action: 'wake' })).result).toBe('sent');
    expect(writes(device)).toEqual([
      ['miner_config', { ...document('Sleep') }],
      ['miner_config', { ...document('Fixed') }],
    ]);
  });

  const bare = { mode: { 'work-mode-selector': 'Sleep' }, pools: [] };
  test.each([
    ['into Auto, which keeps to its target', document('Sleep'), document('Auto')],
    ['into Stock without a target', bare, { ...bare, mode: { 'work-mode-selector': 'Stock' } }],
    ['not into another mode when it is awake', document('Fixed'), document('Fixed')],
  ])('that somebody else put to sleep is woken %s', async (_, before, after) => {
    const { device } = await order({ action: 'wake' }, { [CONFIG]: { says: before } });
    expect(writes(device)).toEqual([['miner_config', after]]);
  });

  test.each([
    ['Fixed', 'Auto'],
    ['Auto', 'Auto'],
    // It goes on sleeping.
    ['Sleep', 'Sleep'],
  ])('in mode %s gets its limit in mode %s', async (before, after) => {
    const { device } = await order({ action: 'powerLimit', powerW: 2_800 }, { [CONFIG]: { says: document(before) } });
    const { mode, ...rest } = document(after);
    const expected = { ...mode, concorde: { 'power-target': 2_800, step: 5 } };
    expect(writes(device)).toEqual([['miner_config', { mode: expected, ...rest }]]);
  });

  test('takes all pools at once, with what else it keeps of each place', async () => {
    const pool = { url: 'new.example:3333', worker: 'account.rig', password: 'x' };
    const { device } = await order({ action: 'pools', pools: [pool] });
    const pools = [{ url: pool.url, user: pool.worker, pass: 'x', weight: 1 }];
    expect(writes(device)).toEqual([['miner_config', document('Fixed', { pools })]]);
  });

  test.each([
    { status: 500, says: '' },
    null,
    { says: '{"mode":{"work-mode-selector":"Auto"},}' },
    { says: { pools: [] } },
  ])('is not written to after its document came as %j', async (page) => {
    for (const action of ['sleep', 'wake'] as const) {
      const { answer, device } = await order({ action }, { [CONFIG]: page });
      expect(answer.result).toBe('refused');
      expect(writes(device)).toEqual([]);
      await device.close();
    }
  });
});
