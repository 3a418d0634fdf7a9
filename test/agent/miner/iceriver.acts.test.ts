import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { type Heard, minersWith, type Page, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('admin', '12345678'));
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => miners.close());

const READ = 'post=4';
const DATA: Page = {
  says: { error: 0, data: { softver1: 'x_ks3m_miner', rtpow: '6226G', powstate: true, locate: false } },
};

/** `page` answers the order; reads are answered in any case. */
async function order(given: MinerOrder, page: Page, more: Pages = {}) {
  const panel = ({ body }: Heard): Page => (body === READ ? DATA : page);
  const pages = {
    'POST /user/loginpost': { says: { error: 0 }, cookie: 'sid=1' },
    'POST /user/userpanel': panel,
    ...more,
  };
  device = await pageDevice({ family: 'iceriver', pages });
  return { answer: await miners.act(device.target, given), device };
}
const writes = ({ heard }: PageDevice) =>
  heard
    .filter(({ asked, body }) => asked.includes('locate=') || String(body).includes('locate='))
    .map(({ asked, body, cookie }) => [asked, body, cookie]);

describe('an IceRiver', () => {
  test.each([
    [true, '1'],
    [false, '0'],
  ])('is told %j for its lamp', async (on, word) => {
    const { answer, device } = await order({ action: 'locate', on }, { says: { error: 0 } });
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(writes(device)).toEqual([['POST /user/userpanel', `post=5&locate=${word}`, 'sid=1']]);
  });

  test('that reads the URL alone is told so, once the form came to nothing', async () => {
    const url = 'POST /user/userpanel?post=5&locate=1';
    for (const page of [{ says: {} }, { status: 400, says: '' }, { status: 404, says: '' }]) {
      const { answer, device } = await order({ action: 'locate', on: true }, page, { [url]: { says: { error: 0 } } });
      expect(answer.result).toBe('sent');
      expect(writes(device).map(([asked]) => asked)).toEqual(['POST /user/userpanel', url]);
      await device.close();
    }
  });

  test.each([
    ['a no', { says: { error: 2, message: 'busy' } }, 'refused', 'busy'],
    ['HTTP 500', { status: 500, says: '' }, 'refused', 'HTTP 500'],
    ['a closed line', null, 'no_reply', expect.anything()],
  ] as const)('that gives %s is told once', async (_, page, result, detail) => {
    const { answer, device } = await order({ action: 'locate', on: true }, page);
    expect(answer).toEqual({ result, detail });
    expect(writes(device)).toHaveLength(1);
  });

  test('that has neither way is no worse for it', async () => {
    const { answer, device } = await order({ action: 'locate', on: true }, { says: 'done' });
    expect([answer.result, writes(device).length]).toEqual(['refused', 2]);
  });

  test('with another password is auth_failed, and asked no more', async () => {
    const no = { 'POST /user/loginpost': { says: { error: 1, message: 'password error' } } };
    const { answer, device } = await order({ action: 'locate', on: true }, { says: { error: 0 } }, no);
    expect(answer.result).toBe('auth_failed');
    expect((await miners.act(device.target, { action: 'locate', on: true })).result).toBe('auth_failed');
    expect(device.heard.map(({ asked }) => asked)).toEqual(['POST /user/loginpost']);
  });

  test('whose panel could not be read is told nothing', async () => {
    const broken = {
      'POST /user/userpanel': { status: 500, says: '' },
      'POST /user/userpanel?post=4': { status: 500, says: '' },
    };
    const { answer, device } = await order({ action: 'locate', on: true }, { says: { error: 0 } }, broken);
    expect([answer.result, writes(device)]).toEqual(['refused', []]);
  });

  test.each([{ action: 'restart' }, { action: 'sleep' }, { action: 'pools', pools: [] }] as const)(
    'has no %j',
    async (given) => {
      const { answer } = await order(given, { says: { error: 0 } });
      expect(answer.result).toBe('unsupported');
    },
  );
});
