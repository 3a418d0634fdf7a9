import { afterAll, describe, expect, test } from '@jest/globals';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import { diagnoseOnce } from '../../../agent/miner/health.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import type { Unreadable } from '../../../shared/sighting.ts';
import { millis } from '../../../shared/units.ts';
import { closeOdd, dripping, MANNERS, type Manner, odd } from './odd.ts';
import { closeAll, replay } from './replay.ts';

/** Only those that never answer are given up at a deadline; a busy machine must not make one of the others. */
const DEADLINE_MS = 10_000;
const SHORT_MS = 1_500;
const rootRoot = { of: () => ({ user: 'root', password: 'root' }) };
const miners = createMiners({ credentials: rootRoot, deadlineMs: millis(DEADLINE_MS), spacingMs: millis(5) });
const hasty = createMiners({ credentials: rootRoot, deadlineMs: millis(SHORT_MS), spacingMs: millis(5) });
afterAll(() => Promise.all([miners.close(), hasty.close(), closeOdd(), closeAll()]));

type Case = readonly [name: string, manner: Manner, antminer: Unreadable, whatsminer: Unreadable];
const cases: readonly Case[] = [
  ['hangs', MANNERS.hangs, 'silent', 'silent'],
  ['answers garbage', MANNERS['answers garbage'], 'garbage', 'garbage'],
  ['closes before it answers', MANNERS['closes before it answers'], 'closed_early', 'closed_early'],
  ['resets the line', MANNERS['resets the line'], 'closed_early', 'closed_early'],
  ['closes in the middle of a reply', MANNERS['closes in the middle of a reply'], 'closed_early', 'closed_early'],
  ['announces more than it sends', MANNERS['announces more than it sends'], 'closed_early', 'closed_early'],
  ['answers 10 MB', MANNERS['answers 10 MB'], 'garbage', 'garbage'],
  ['never ends its answer', MANNERS['never ends its answer'], 'garbage', 'garbage'],
  ['sends endless headers', MANNERS['sends endless headers'], 'garbage', 'garbage'],
  ['redirects elsewhere', MANNERS['redirects elsewhere'], 'garbage', 'garbage'],
  ['sends a byte a second', dripping, 'silent', 'silent'],
];
const each = cases.flatMap(([name, manner, antminer, whatsminer]) => [
  { name, manner, family: 'antminer-stock', unreadable: antminer },
  { name, manner, family: 'whatsminer-v2', unreadable: whatsminer },
]);

describe('a device that', () => {
  test.concurrent.each(each)(
    '$name is $unreadable to the driver of $family',
    async ({ manner, family, unreadable }) => {
      const device = await odd(manner);
      const reading = await (unreadable === 'silent' ? hasty : miners).read(device.target(family));
      await device.close();
      expect(reading).toEqual({ unreadable, detail: expect.any(String), snapshot: null });
    },
  );

  test.concurrent.each(cases)('%s is no known family', async (_, manner, unreadable) => {
    const device = await odd(manner);
    const reading = await (unreadable === 'silent' ? hasty : miners).read(device.target(null));
    await device.close();
    expect([reading.snapshot, reading.unreadable]).toEqual([null, expect.any(String)]);
  });

  test('is not there refuses', async () => {
    const device = await odd(MANNERS.hangs);
    await device.close();
    for (const family of ['antminer-stock', 'whatsminer-v2', null]) {
      const reading = await miners.read(device.target(family));
      expect([reading.unreadable, reading.snapshot]).toEqual(['refused', null]);
    }
  });

  test('redirects is asked nothing at the place it names', async () => {
    const other = await odd(MANNERS.hangs);
    const port = other.target(null).ports.http;
    const device = await odd((socket) =>
      socket.end(`HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${port}/\r\n\r\n`),
    );
    const reading = await miners.read(device.target('antminer-stock'));
    await Promise.all([device.close(), other.close()]);
    expect(reading.detail).toContain('not followed');
    expect(other.heard).toEqual([]);
  });

  test('takes too long on one port is still read through the other', async () => {
    const stats = { STATS: [{ Type: 'Antminer S19' }, { Elapsed: 900, 'GHS 5s': 95_000, chain_acn1: 76 }] };
    const device = await odd((socket, rpc) => (rpc ? socket.end(`${JSON.stringify(stats)}\0`) : undefined));
    const { unreadable, snapshot } = await hasty.read(device.target('antminer-stock'));
    await device.close();
    expect([unreadable, snapshot?.miningState, snapshot?.hashrateThs]).toEqual([null, 'hashing', 95]);
    expect(snapshot?.partial).toContainEqual({ read: 'summary', why: expect.stringMatching(/^silent/) });
  });
});

describe('an Antminer that refuses the password', () => {
  const page = { transport: 'http', request: { method: 'GET', path: '/cgi-bin/stats.cgi' }, response: { STATS: [{}] } };

  test('is auth_failed with an unknown state, and is not asked again with it', async () => {
    const device = await replay({ family: 'antminer-stock', exchanges: [page], password: 'changed' });
    const first = await miners.read(device.target);
    // Once for the challenge and once as its answer: no third time, now or later.
    expect(device.asked).toHaveLength(2);
    const second = await miners.read(device.target);
    expect(device.asked).toHaveLength(2);
    await device.close();
    for (const { unreadable, snapshot } of [first, second]) {
      expect(unreadable).toBe('auth_failed');
      expect([snapshot?.miningState, snapshot?.errors[0]?.code]).toEqual(['unknown', 'auth_failed']);
    }
  });

  test('is not written to', async () => {
    const device = await replay({ family: 'antminer-stock', exchanges: [page], password: 'changed' });
    const answer = await miners.act(device.target, { action: 'reboot' });
    await device.close();
    expect(answer.result).toBe('auth_failed');
    expect(device.asked.some((one) => one.includes('reboot'))).toBe(false);
  });

  test('has no password to refuse where none is configured', async () => {
    const bare = createMiners({ credentials: noCredentials, deadlineMs: millis(DEADLINE_MS), spacingMs: millis(5) });
    const device = await replay({ family: 'antminer-stock', exchanges: [page] });
    const reading = await bare.read(device.target);
    const answer = await bare.act(device.target, { action: 'reboot' });
    await Promise.all([device.close(), bare.close()]);
    expect([reading.unreadable, reading.detail]).toEqual(['auth_failed', expect.stringContaining('no password')]);
    expect(answer).toEqual({ result: 'auth_failed', detail: expect.stringContaining('no password') });
    expect(reading.snapshot?.errors).toEqual([
      { code: 'auth_failed', message: 'no password is configured for this miner' },
    ]);
    const { condition, evidence } = diagnoseOnce(reading);
    expect([condition, evidence]).toEqual([
      'wrong_credentials',
      [expect.stringMatching(/no password.*credentials set/)],
    ]);
  });
});

test('a password is no answer to another realm', async () => {
  const challenge =
    'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="elsewhere", nonce="1", qop="auth"\r\nContent-Length: 0\r\n\r\n';
  const device = await odd((socket, rpc) => socket.end(rpc ? '' : challenge));
  const reading = await miners.read(device.target('antminer-stock'));
  await device.close();
  expect(reading.unreadable).toBe('unidentified');
  expect(device.heard.filter((text) => /authorization/i.test(text))).toEqual([]);
});

test('a page that answers while the API refuses is a stopped process', async () => {
  const conf = { pools: [{ url: 'stratum+tcp://p:1', user: 'u', pass: 'x' }], 'bitmain-work-mode': '0' };
  const text = 'Socket connect failed: Connection refused';
  const pages = ['stats', 'summary', 'pools'].map((name) => ({
    transport: 'http',
    request: { method: 'GET', path: `/cgi-bin/${name}.cgi` },
    response_text: text,
  }));
  const configuration = {
    transport: 'http',
    request: { method: 'GET', path: '/cgi-bin/get_miner_conf.cgi' },
    response: conf,
  };
  const patient = createMiners({ credentials: rootRoot, deadlineMs: millis(10_000), spacingMs: millis(5) });
  const device = await replay({ family: 'antminer-stock', exchanges: [...pages, configuration] });
  const { unreadable, snapshot } = await patient.read(device.target);
  await Promise.all([device.close(), patient.close()]);
  expect([unreadable, snapshot?.miningState, snapshot?.errors[0]?.code]).toEqual([null, 'stopped', 'process_down']);
});

test('a device that was given up is silent, and the line to it is closed', async () => {
  const device = await odd(MANNERS.hangs);
  const giveUp = new AbortController();
  const reading = miners.read(device.target('whatsminer-v2'), giveUp.signal);
  giveUp.abort();
  expect((await reading).unreadable).toBe('silent');
  await device.close();
});
