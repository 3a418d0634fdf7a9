import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { minersWith, type Page, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('', 'letmein'));
const strangers = minersWith(noCredentials);
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), strangers.close()]));

const SUMMARY = {
  Status: { 'Operating State': 'Mining' },
  Mining: { Coin: 'BTC' },
  Stratum: { 'Worker Unique Id': true },
  PerpetualTune: { Running: true, Algorithm: { ChipTune: { Target: 2_800, Unit: 'W' } } },
};
const done: Page = { says: { result: true, error: null } };
const no = (error: unknown): Page => ({ says: { result: false, error } });
const paths = ['softreboot', 'reboot', 'miner', 'identify', 'perpetualtune/algo', 'coin'];
const all = (page: Page): Pages => Object.fromEntries(paths.map((path) => [`POST /${path}`, page]));

async function order(given: MinerOrder, more: Pages = all(done), by = miners) {
  device = await pageDevice({ family: 'epic', port: 'rpc', pages: { 'GET /summary': { says: SUMMARY }, ...more } });
  return { answer: await by.act(device.target, given), device };
}
const writes = ({ heard }: PageDevice) =>
  heard.filter(({ asked }) => asked.startsWith('POST')).map(({ asked, body }) => [asked, body]);

const pool = { url: 'stratum+tcp://pool.example:3333', worker: 'account.rig', password: 'x' };

describe('an ePIC', () => {
  const orders: readonly (readonly [MinerOrder, string, unknown])[] = [
    [{ action: 'restart' }, '/softreboot', 0],
    [{ action: 'reboot' }, '/reboot', 0],
    [{ action: 'sleep' }, '/miner', 'Stop'],
    [{ action: 'wake' }, '/miner', 'Autostart'],
    [{ action: 'locate', on: true }, '/identify', true],
    [{ action: 'locate', on: false }, '/identify', false],
    [{ action: 'powerLimit', powerW: 2_500 }, '/perpetualtune/algo', { algo: 'ChipTune', target: 2_500 }],
    [
      { action: 'pools', pools: [pool] },
      '/coin',
      {
        coin: 'BTC',
        stratum_configs: [{ pool: pool.url, login: pool.worker, password: 'x' }],
        unique_id: true,
      },
    ],
  ];
  test.each(orders)('takes %j at %s, with the password beside it', async (given, path, param) => {
    const { answer, device } = await order(given);
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(writes(device)).toEqual([[`POST ${path}`, { param, password: 'letmein' }]]);
  });

  test.each(['Incorrect password', 'Unauthorized'])('that answers "%s" is not asked again', async (error) => {
    const { answer, device } = await order({ action: 'wake' }, all(no(error)));
    expect(answer).toEqual({ result: 'auth_failed', detail: error });
    expect((await miners.act(device.target, { action: 'reboot' })).result).toBe('auth_failed');
    expect(writes(device)).toHaveLength(1);
    expect((await miners.read(device.target)).unreadable).toBeNull();
  });

  test.each([
    ['another no', no('Miner is updating'), 'refused', 'Miner is updating'],
    ['a no without words', no(null), 'refused', 'no reason given'],
    ['HTTP 401', { status: 401, says: '' }, 'auth_failed', expect.anything()],
    ['HTTP 404', { status: 404, says: '' }, 'unsupported', expect.anything()],
    ['an empty page', { says: '' }, 'no_reply', expect.anything()],
    ['a closed line', null, 'no_reply', expect.anything()],
  ] as const)('that gives %s', async (_, page, result, detail) => {
    const { answer, device } = await order({ action: 'reboot' }, all(page));
    expect(answer).toEqual({ result, detail });
    expect(writes(device)).toHaveLength(1);
  });

  test('is ordered nothing without a password', async () => {
    const { answer, device } = await order({ action: 'sleep' }, all(done), strangers);
    expect(answer.result).toBe('auth_failed');
    expect(writes(device)).toEqual([]);
  });

  test('whose tuning counts in TH/s, or rests, has no limit in watts', async () => {
    const tunes = [
      { Running: true, Algorithm: { BoardTune: { Target: 143, Unit: 'TH/s' } } },
      { Running: false, Algorithm: { ChipTune: { Target: 2_800, Unit: 'W' } } },
    ];
    for (const PerpetualTune of tunes) {
      const summary = { 'GET /summary': { says: { ...SUMMARY, PerpetualTune } } };
      const { answer, device } = await order({ action: 'powerLimit', powerW: 2_500 }, { ...all(done), ...summary });
      expect(answer.result).toBe('unsupported');
      expect(writes(device)).toEqual([]);
      await device.close();
    }
  });

  test('gets no pools where its document could not be read in full', async () => {
    // The first summary is the reading before the order, the second the order's own.
    for (const second of [null, { says: `${JSON.stringify(SUMMARY).slice(0, -1)},}` }, { says: { Mining: {} } }]) {
      let asked = 0;
      const summary = () => (++asked === 1 ? { says: SUMMARY } : second);
      const { answer, device } = await order(
        { action: 'pools', pools: [pool] },
        { ...all(done), 'GET /summary': summary },
      );
      expect(answer.result).toBe('refused');
      expect([asked, writes(device)]).toEqual([2, []]);
      await device.close();
    }
  });
});
