import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { minersWith, type Page, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('admin', 'secret'));
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => miners.close());

const LOGIN = 'GET /user/login?username=admin&password=secret&cipher=false';
/** The plan for sleep stands first here: it is found by its level, not by its place. */
const SETTING = {
  ...{ name: 'aa:bb:cc:00:11:22', version: '2.0.1', ledcontrol: true, select: 1 },
  powerplans: [{ level: 3 }, { level: 0, info: 'normal' }, { level: 1 }],
};
const OLD = [
  { url: 'stratum+tcp://a.example:1', user: 'x', pass: 'p', active: true, dragid: 0, legal: true },
  { url: 'stratum+tcp://b.example:1', user: 'y', pass: 'q', active: false, dragid: 1, legal: true },
];
const yes: Page = { says: { success: true } };
const PAGES: Pages = {
  [LOGIN]: { says: { 'JWT Token': 'key' } },
  'POST /mcb/cgminer': { says: { data: [{ id: 0, hashrate: 1_000 }] } },
  'GET /mcb/setting': { says: SETTING },
  'GET /mcb/pools': { says: OLD },
  'PUT /mcb/setting': yes,
  'PUT /mcb/newpool': yes,
  'PUT /mcb/delpool': yes,
};

async function deviceOf(more: Pages = {}): Promise<PageDevice> {
  device = await pageDevice({ family: 'goldshell', pages: { ...PAGES, ...more } });
  return device;
}
async function order(given: MinerOrder, more: Pages = {}) {
  const own = await deviceOf(more);
  return { answer: await miners.act(own.target, given), own };
}
const written = ({ heard }: PageDevice) =>
  heard
    .filter(({ asked }) => asked.startsWith('PUT'))
    .map(({ asked, body }) => [asked.slice('PUT /mcb/'.length), body]);
/** The first answer is for the reading before the order, the second for the order's own. */
const firstThen = (page: Page, then: Page) => {
  let asked = 0;
  return () => (++asked === 1 ? page : then);
};

describe('a Goldshell', () => {
  test('sleeps by the power plan for it, in a setting that is otherwise written back whole', async () => {
    const { answer, own } = await order({ action: 'sleep' });
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(written(own)).toEqual([['setting', { ...SETTING, select: 0 }]]);
    expect(own.heard.at(-1)?.authorization).toBe('Bearer key');
  });

  test('wakes to its normal plan', async () => {
    const asleep = { says: { ...SETTING, select: '0' } };
    const { answer, own } = await order({ action: 'wake' }, { 'GET /mcb/setting': asleep });
    expect(answer.result).toBe('sent');
    // Whoever writes it as a text gets a text.
    expect(written(own)).toEqual([['setting', { ...SETTING, select: '1' }]]);
  });

  test('wakes to the plan that we took it from, and draws no more than before', async () => {
    let select = 2;
    const own = await deviceOf({
      'GET /mcb/setting': () => ({ says: { ...SETTING, select } }),
      'PUT /mcb/setting': ({ body }) => {
        select = (body as typeof SETTING).select;
        return yes;
      },
    });
    const seen = [];
    for (const action of ['sleep', 'sleep', 'wake'] as const) {
      expect((await miners.act(own.target, { action })).result).toBe('sent');
      seen.push(select);
    }
    expect(seen).toEqual([0, 0, 2]);
  });

  test('that is awake is not woken', async () => {
    const { answer, own } = await order({ action: 'wake' });
    expect([answer.result, written(own)]).toEqual(['sent', []]);
  });

  test.each(['sleep', 'wake'] as const)('without a plan for it has no %s', async (action) => {
    const setting = { ...SETTING, powerplans: [{ level: 0 }, { level: 1 }] };
    const { answer, own } = await order({ action }, { 'GET /mcb/setting': { says: setting } });
    expect([answer.result, written(own)]).toEqual(['unsupported', []]);
  });

  test.each(['restart', 'reboot'] as const)('has no %s', async (action) => {
    const { answer, own } = await order({ action });
    expect([answer.result, written(own)]).toEqual(['unsupported', []]);
  });

  test.each([
    ['fails', { status: 500, says: '' }],
    ['is closed', null],
    ['was mended', { says: `${JSON.stringify(SETTING).slice(0, -1)},}` }],
  ])('gets no setting where the read before it %s', async (_, second) => {
    const { answer, own } = await order(
      { action: 'sleep' },
      { 'GET /mcb/setting': firstThen({ says: SETTING }, second) },
    );
    expect([answer.result, written(own)]).toEqual(['refused', []]);
  });

  test.each([
    ['a no', { says: { success: false, msg: 'busy' } }, 'refused'],
    ['HTTP 500', { status: 500, says: '' }, 'refused'],
    ['HTTP 404', { status: 404, says: '' }, 'unsupported'],
    ['a closed line', null, 'no_reply'],
  ] as const)('that answers a setting with %s', async (_, page, result) => {
    const { answer, own } = await order({ action: 'sleep' }, { 'PUT /mcb/setting': page });
    expect([answer.result, written(own).length]).toEqual([result, 1]);
  });

  test('with another password is auth_failed, and asked no more', async () => {
    const { answer, own } = await order({ action: 'sleep' }, { [LOGIN]: { says: { msg: 'wrong' } } });
    expect(answer.result).toBe('auth_failed');
    expect((await miners.act(own.target, { action: 'wake' })).result).toBe('auth_failed');
    expect(own.heard.map(({ asked }) => asked)).toEqual(['GET /user/logout', LOGIN]);
  });

  test('gets its one session back at the end', async () => {
    const own = await deviceOf();
    await miners.read(own.target);
    await miners.forget(own.target.miner);
    expect(own.heard.at(-1)).toMatchObject({ asked: 'GET /user/logout', authorization: 'Bearer key' });
  });
});

describe("a Goldshell's pools", () => {
  const first = { url: 'stratum+tcp://c.example:1', worker: 'account.rig', password: 'r' };
  const second = { ...first, url: 'stratum+tcp://d.example:1' };
  const NEW = { url: first.url, user: 'account.rig', pass: 'r' };
  const [A, B] = OLD.map(({ url, user, pass, dragid }) => ({ url, user, pass, dragid }));
  const pools = (given: readonly (typeof first)[], more: Pages = {}) => order({ action: 'pools', pools: given }, more);

  test('go, from the last to the first, and the new ones come in order', async () => {
    const { answer, own } = await pools([first, second]);
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(written(own)).toEqual([
      ['delpool', B],
      ['delpool', A],
      ['newpool', NEW],
      ['newpool', { ...NEW, url: second.url }],
    ]);
  });

  test('stay where none is wanted', async () => {
    const { answer, own } = await pools([]);
    expect([answer.result, written(own)]).toEqual(['refused', []]);
  });

  test('stay after a read that failed, or was mended', async () => {
    for (const then of [
      null,
      { status: 500, says: '' },
      { says: `${JSON.stringify(OLD).slice(0, -1)},]` },
      { says: 'true' },
    ]) {
      const { answer, own } = await pools([first], { 'GET /mcb/pools': firstThen({ says: OLD }, then) });
      expect([answer.result, written(own)]).toEqual(['refused', []]);
      await own.close();
    }
  });

  test('that cannot go are not added to', async () => {
    for (const [page, result] of [
      [{ says: { success: false } }, 'refused'],
      [null, 'no_reply'],
    ] as const) {
      const { answer, own } = await pools([first], { 'PUT /mcb/delpool': page });
      expect([answer.result, written(own)]).toEqual([result, [['delpool', B]]]);
      await own.close();
    }
  });

  test('are put back where the first new one is refused', async () => {
    const adds = (of: PageDevice) => written(of).filter(([page]) => page === 'newpool');
    const page = firstThen({ says: { success: false, msg: 'bad url' } }, yes);
    const { answer, own } = await pools([first], { 'PUT /mcb/newpool': page });
    expect(answer).toEqual({
      result: 'refused',
      detail: 'pool 1 of 1 was not taken, and the old ones are back: bad url',
    });
    expect(adds(own).map(([, body]) => (body as { url: string }).url)).toEqual([first.url, A?.url, B?.url]);
  });

  test('are left as they are where a later one is refused, and the answer says which', async () => {
    const page = firstThen(yes, { says: { success: false, msg: 'full' } });
    const { answer, own } = await pools([first, second], { 'PUT /mcb/newpool': page });
    expect(answer).toEqual({ result: 'refused', detail: 'pool 2 of 2 was not taken: full' });
    expect(written(own)).toHaveLength(4);
  });
});
