import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { minersWith, type Page, type PageDevice, type Pages, pageDevice } from './page-device.ts';

/** There is no password to any of it. */
const miners = minersWith(noCredentials);
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => miners.close());

const INFO = {
  ...{ ASICModel: 'BM1370', hashRate: 1_000, uptimeSeconds: 7_200 },
  ...{ stratumURL: 'old.example', stratumPort: 1, fallbackStratumURL: 'older.example', fallbackStratumPort: 2 },
};
const yes: Page = { says: 'System will restart shortly.' };
const WRITES = ['POST /api/system/restart', 'POST /api/system/pause', 'POST /api/system/resume'];
const all = (page: Page): Pages =>
  Object.fromEntries([...WRITES, 'POST /api/system/identify', 'PATCH /api/system'].map((write) => [write, page]));

type Of = Readonly<{ family?: string; info?: object; pages?: Pages }>;
async function deviceOf({ family = 'bitaxe', info = INFO, pages = all(yes) }: Of = {}): Promise<PageDevice> {
  device = await pageDevice({ family, pages: { 'GET /api/system/info': { says: info }, ...pages } });
  return device;
}
async function order(given: MinerOrder, of: Of = {}) {
  const own = await deviceOf(of);
  return { answer: await miners.act(own.target, given), own };
}
const written = ({ heard }: PageDevice) =>
  heard.filter(({ asked }) => !asked.startsWith('GET')).map(({ asked, body }) => [asked, body]);

describe('a Bitaxe', () => {
  test.each([
    ['restart', 'restart'],
    ['reboot', 'restart'],
    ['sleep', 'pause'],
    ['wake', 'resume'],
  ] as const)('takes %s at its page to %s', async (action, page) => {
    const { answer, own } = await order({ action });
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(written(own)).toEqual([[`POST /api/system/${page}`, null]]);
  });

  test.each([
    ['an unknown page', { status: 404, says: '' }, 'unsupported'],
    ['a page without that method', { status: 405, says: '' }, 'unsupported'],
    ['HTTP 401', { status: 401, says: 'Unauthorized' }, 'auth_failed'],
    ['HTTP 500', { status: 500, says: '' }, 'refused'],
    ['a closed line', null, 'no_reply'],
  ] as const)('that answers a pause with %s', async (_, page, result) => {
    const { answer, own } = await order({ action: 'sleep' }, { pages: all(page) });
    expect(answer.result).toBe(result);
    expect(own.writes()).toHaveLength(1);
  });

  test('is ordered nothing after a reading that it refused', async () => {
    const no = { status: 401, says: 'Unauthorized' };
    const pages = { ...all(yes), 'GET /api/system/info': no, 'GET /api/system/asic': no };
    const { answer, own } = await order({ action: 'reboot' }, { pages });
    expect([answer.result, own.writes()]).toEqual(['auth_failed', []]);
  });

  test('has no power limit', async () => {
    const { answer, own } = await order({ action: 'powerLimit', powerW: 15 });
    expect([answer.result, own.writes()]).toEqual(['unsupported', []]);
  });

  test('shows itself by a toggle, which is pressed only where it turns the right way', async () => {
    const own = await deviceOf();
    const press = async (on: boolean) => {
      const { result } = await miners.act(own.target, { action: 'locate', on });
      return [result, own.writes().length];
    };
    expect(await press(false)).toEqual(['sent', 0]);
    expect(await press(true)).toEqual(['sent', 1]);
    expect(await press(true)).toEqual(['sent', 1]);
    expect(await press(false)).toEqual(['sent', 2]);
    expect(await press(false)).toEqual(['sent', 2]);
    expect(own.writes()).toEqual(Array(2).fill('POST /api/system/identify'));
  });

  test('that did not take the press may be asked again', async () => {
    const own = await deviceOf({ pages: all({ status: 500, says: '' }) });
    for (const presses of [1, 2]) {
      expect((await miners.act(own.target, { action: 'locate', on: true })).result).toBe('refused');
      expect(own.writes()).toHaveLength(presses);
    }
  });

  test('of the Nerd kind that cannot pause is shut down, and started to bring it back', async () => {
    const pages = {
      ...all(yes),
      'POST /api/system/pause': { status: 404, says: '' },
      'POST /api/system/shutdown': yes,
    };
    const { answer, own } = await order({ action: 'sleep' }, { family: 'nerdaxe', pages });
    expect([answer.result, own.writes()]).toEqual(['sent', ['POST /api/system/pause', 'POST /api/system/shutdown']]);
    await own.close();
    const down = { family: 'nerdaxe', info: { ...INFO, shutdown: true }, pages };
    expect((await order({ action: 'wake' }, down)).own.writes()).toEqual(['POST /api/system/restart']);
    await device?.close();
    const up = { ...down, info: { ...INFO, shutdown: false } };
    expect((await order({ action: 'wake' }, up)).own.writes()).toEqual(['POST /api/system/resume']);
  });

  test.each([
    [{ shutdown: false }, 'sent'],
    [{}, 'unsupported'],
  ])('of the Nerd kind that cannot be paused, and shows %j, has nothing to wake from', async (more, result) => {
    const { answer, own } = await order(
      { action: 'wake' },
      { family: 'nerdaxe', info: { ...INFO, ...more }, pages: {} },
    );
    expect([answer.result, own.writes()]).toEqual([result, ['POST /api/system/resume']]);
  });

  test('of the Nerd kind is not started by an order that could not see how it is', async () => {
    for (const second of [null, { status: 500, says: '' }]) {
      let asked = 0;
      const info = () => (++asked === 1 ? { says: INFO } : second);
      const pages = { ...all(yes), 'GET /api/system/info': info };
      const { answer, own } = await order({ action: 'wake' }, { family: 'nerdaxe', pages });
      expect([answer.result, own.writes()]).toEqual(['refused', []]);
      await own.close();
    }
  });

  test('of the Nerd kind has a page of its own for that, or the same', async () => {
    const nerd = { family: 'nerdaxe', info: { ...INFO, deviceModel: 'NerdAxe' } };
    const v2 = 'POST /api/v2/identify';
    const { own } = await order({ action: 'locate', on: true }, { ...nerd, pages: { ...all(yes), [v2]: yes } });
    expect(own.writes()).toEqual([v2]);
    await own.close();
    const { answer, own: old } = await order({ action: 'locate', on: true }, nerd);
    expect([answer.result, old.writes()]).toEqual(['sent', [v2, 'POST /api/system/identify']]);
  });
});

describe("a Bitaxe's pools", () => {
  const first = { url: 'stratum+tcp://new.example:3333', worker: 'account.rig', password: 'x' };
  const second = { url: 'newer.example:4444', worker: 'account.rig', password: 'y' };
  const FIRST = { stratumURL: 'new.example', stratumPort: 3_333, stratumUser: 'account.rig', stratumPassword: 'x' };
  const pools = (given: readonly (typeof first)[], of: Of = {}) => order({ action: 'pools', pools: given }, of);

  test('are written, both of them, and used after a restart', async () => {
    const { answer, own } = await pools([first, second]);
    expect(answer.result).toBe('sent');
    expect(written(own)).toEqual([
      [
        'PATCH /api/system',
        {
          ...FIRST,
          ...{ fallbackStratumURL: 'newer.example', fallbackStratumPort: 4_444 },
          ...{ fallbackStratumUser: 'account.rig', fallbackStratumPassword: 'y' },
        },
      ],
      ['POST /api/system/restart', null],
    ]);
  });

  test('are one where only one is wanted', async () => {
    const { own } = await pools([first]);
    expect(written(own)[0]).toEqual(['PATCH /api/system', { ...FIRST, fallbackStratumURL: '' }]);
  });

  test('are told to use TLS where the device has a word for it', async () => {
    const secure = { ...first, url: 'stratum+ssl://new.example:3333' };
    const { own } = await pools([secure, second], { info: { ...INFO, stratumTLS: false, fallbackStratumTLS: true } });
    expect(written(own)[0]?.[1]).toMatchObject({ stratumTLS: true, fallbackStratumTLS: false });
    await own.close();
    const { answer, own: old } = await pools([secure]);
    expect([answer.result, old.writes()]).toEqual(['refused', []]);
  });

  test.each([
    ['none', []],
    ['three', [first, second, first]],
    ['one without a port', [{ ...first, url: 'stratum+tcp://new.example' }]],
    ['one of another protocol', [{ ...first, url: 'stratum2+tcp://new.example:1' }]],
  ])('are not written where %s is wanted', async (_, given) => {
    const { answer, own } = await pools(given);
    expect([answer.result, own.writes()]).toEqual(['refused', []]);
  });

  test('are not written after a read that failed, or was mended', async () => {
    for (const second of [null, { status: 500, says: '' }, { says: `${JSON.stringify(INFO).slice(0, -1)},}` }]) {
      let asked = 0;
      const info = () => (++asked === 1 ? { says: INFO } : second);
      const { answer, own } = await pools([first], { pages: { ...all(yes), 'GET /api/system/info': info } });
      expect([answer.result, asked, own.writes()]).toEqual(['refused', 2, []]);
      await own.close();
    }
  });

  test('that were not taken cause no restart', async () => {
    for (const [page, result] of [
      [{ status: 400, says: 'Wrong API input' }, 'refused'],
      [{ status: 401, says: 'Unauthorized' }, 'auth_failed'],
      [null, 'no_reply'],
    ] as const) {
      const { answer, own } = await pools([first], { pages: { ...all(yes), 'PATCH /api/system': page } });
      expect([answer.result, own.writes()]).toEqual([result, ['PATCH /api/system']]);
      await own.close();
    }
  });

  test('that were taken are sent, also where the restart for them was refused', async () => {
    const pages = { ...all(yes), 'POST /api/system/restart': { status: 500, says: '' } };
    const { answer } = await pools([first], { pages });
    expect(answer).toEqual({ result: 'sent', detail: 'written, and used from its next restart on: HTTP 500' });
  });
});
