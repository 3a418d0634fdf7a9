import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import { minerId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import { close, open } from './replay.ts';

type Conf = Record<string, unknown>;
type Page = Readonly<{
  /** What the configuration page answers; null: not JSON. */
  conf?: Conf | null;
  /** What becomes of a posted configuration. */
  onPost?: (body: Conf, conf: Conf) => object | null;
  rebootCloses?: boolean;
}>;

const CONF: Conf = {
  pools: [
    { url: 'stratum+tcp://a:3333', user: 'farm.1', pass: 'secret' },
    { url: 'stratum+tcp://b:3333', user: 'farm.1', pass: 'x' },
  ],
  'bitmain-fan-ctrl': true,
  'bitmain-fan-pwm': '80',
  'bitmain-work-mode': '1',
  'bitmain-freq-level': '90',
};
const DONE = { stats: 'success', code: 'M000', msg: 'OK!' };

let closing: (() => Promise<unknown>) | null = null;
afterEach(async () => void (await closing?.()));

/** A page without a password: what is written is the point here. */
async function antminer({ conf = { ...CONF }, onPost, rebootCloses = true }: Page = {}) {
  const posted: Conf[] = [];
  const server = createServer((request, response) => {
    const path = request.url?.replace('/cgi-bin/', '');
    const json = (value: unknown): void => void response.end(JSON.stringify(value));
    if (path === 'stats.cgi') return json({ STATS: [{ elapsed: 5_000, rate_5s: 0, 'miner-mode': 1 }] });
    if (path === 'get_miner_conf.cgi') return conf === null ? void response.end('<html>') : json(conf);
    if (path === 'reboot.cgi') return rebootCloses ? void request.socket.destroy() : void response.end();
    if (path !== 'set_miner_conf.cgi') return void response.writeHead(404).end();
    request.setEncoding('utf8').once('data', (text) => {
      const body = JSON.parse(text) as Conf;
      posted.push(body);
      const reply = onPost?.(body, conf ?? {}) ?? DONE;
      json(reply);
    });
  });
  const http = await open(server);
  const target = {
    miner: minerId(`acts-${http}`),
    address: '127.0.0.1',
    ports: { http, rpc: 1 },
    family: 'antminer-stock',
  };
  const miners = createMiners({ credentials: { of: () => null }, deadlineMs: millis(10_000), spacingMs: millis(5) });
  closing = () => Promise.all([miners.close(), close(server)]);
  return { miners, target, posted };
}
const takes = (body: Conf, conf: Conf): null => {
  conf['bitmain-work-mode'] = String(body['miner-mode']);
  return null;
};

describe('a stock Antminer', () => {
  test('wakes by its own configuration with the mode alone changed', async () => {
    const { miners, target, posted } = await antminer({ onPost: takes });
    expect(await miners.act(target, { action: 'wake' })).toEqual({ result: 'sent', detail: null });
    const empty = { url: '', user: '', pass: '' };
    expect(posted).toEqual([
      {
        'miner-mode': 0,
        'freq-level': '90',
        'bitmain-fan-ctrl': true,
        'bitmain-fan-pwm': '80',
        pools: [...(CONF.pools as object[]), empty],
      },
    ]);
  });

  test('sleeps in the same way', async () => {
    const { miners, target, posted } = await antminer({ conf: { ...CONF, 'bitmain-work-mode': '0' }, onPost: takes });
    expect((await miners.act(target, { action: 'sleep' })).result).toBe('sent');
    expect(posted.map((body) => body['miner-mode'])).toEqual([1]);
  });

  test('of a build that takes the mode as a text is given a text', async () => {
    const { miners, target, posted } = await antminer({
      onPost: (body, conf) => (typeof body['miner-mode'] === 'string' ? takes(body, conf) : null),
    });
    expect((await miners.act(target, { action: 'wake' })).result).toBe('sent');
    expect(posted.map((body) => body['miner-mode'])).toEqual([0, '0']);
  }, 15_000);

  test.each([
    ['is no JSON', null],
    ['has no pools', { ...CONF, pools: [] }],
    ['has no first URL', { ...CONF, pools: [{ url: '', user: '', pass: '' }] }],
  ])('whose configuration %s is not written to', async (_, conf) => {
    const { miners, target, posted } = await antminer({ conf });
    expect((await miners.act(target, { action: 'wake' })).result).toBe('refused');
    expect(posted).toEqual([]);
  });

  test('that does not take a configuration refuses', async () => {
    const { miners, target, posted } = await antminer({ onPost: () => ({ stats: 'error', code: 'M001', msg: 'bad' }) });
    const answer = await miners.act(target, { action: 'wake' });
    expect([answer.result, answer.detail]).toEqual(['refused', expect.stringContaining('M001')]);
    expect(posted).toHaveLength(1);
  });

  test('often closes before it answers a reboot, which is no reply and no failure', async () => {
    const { miners, target } = await antminer();
    expect((await miners.act(target, { action: 'reboot' })).result).toBe('no_reply');
  });

  test('that answers a reboot has been sent it', async () => {
    const { miners, target } = await antminer({ rebootCloses: false });
    expect((await miners.act(target, { action: 'reboot' })).result).toBe('sent');
  });

  test('cannot restart its mining process alone', async () => {
    const { miners, target, posted } = await antminer();
    expect((await miners.act(target, { action: 'restart' })).result).toBe('unsupported');
    expect(posted).toEqual([]);
  });
});
