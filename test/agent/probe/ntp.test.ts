import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createNtp, type Ntp } from '../../../agent/probe/ntp.io.ts';
import { agreedClock, offsetText, originOf, questionOf, readAnswer } from '../../../agent/probe/ntp.ts';
import { createResolve } from '../../../agent/probe/resolve.io.ts';
import { endpointText } from '../../../agent/probe/targets.ts';
import type { Endpoint } from '../../../config/site.ts';
import { realClock } from '../../../shared/clock.io.ts';
import type { Clock } from '../../../shared/clock.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import type { Finding } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { closedPort, type Running } from './servers.ts';
import { type NtpSays, type NtpServer, ntpServer, stamp } from './trusted-servers.ts';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});
const start = async (server: Promise<NtpServer>): Promise<NtpServer> => {
  const one = await server;
  running.push(one);
  return one;
};
const serving = (says: Parameters<typeof ntpServer>[0] = () => ({})) => start(ntpServer(says));

const HOUR_MS = 3_600_000;
const LONG_MS = 5_000;
const SHORT_MS = 150; // for those that never answer
const resolve = createResolve([], null);
const ntpOf = (at: readonly Endpoint[], options: { clock?: Clock; real?: Clock; sourceAddress?: string } = {}): Ntp =>
  createNtp({
    targets: at.map(endpointText),
    from: { sourceAddress: options.sourceAddress ?? null, resolve },
    clock: options.clock ?? realClock,
    ...(options.real === undefined ? {} : { real: options.real }),
  });
const ask = (
  ntp: Ntp,
  at: Endpoint,
  { timeoutMs = LONG_MS, signal = new AbortController().signal } = {},
): Promise<Finding> =>
  ntp.probe(
    {
      ...{ layer: 'ntp', uplink: uplinkId('isp'), target: endpointText(at), kind: null },
      ...{ delayMs: millis(0), timeoutMs: millis(timeoutMs) },
    },
    signal,
  );
const word = (finding: Finding): string => (finding.is === 'up' ? 'up' : `${finding.is} ${finding.why}`);

describe('a time server', () => {
  test('that answers is up, with what this host’s clock lacks', async () => {
    const { at } = await serving();
    const finding = await ask(ntpOf([at]), at);
    expect(finding).toMatchObject({ is: 'up', detail: expect.stringContaining('this host’s clock is') });
    expect(Math.abs(finding.is === 'up' ? (finding.offsetMs ?? Infinity) : Infinity)).toBeLessThan(LONG_MS);
  });

  test('tells by how much a clock is ahead, and gives the true time', async () => {
    const { at } = await serving();
    const clock = virtualClock(unixMs(Date.now() + 5 * HOUR_MS));
    const ntp = ntpOf([at], { clock });
    expect(await ask(ntp, at)).toMatchObject({ is: 'up', detail: 'this host’s clock is 5.0 h ahead' });
    const by = ntp.clock();
    expect(by?.servers).toBe(1);
    expect(Math.abs(by === null ? Infinity : ntp.nowMs(by) - Date.now())).toBeLessThan(60_000);
  });

  test('stays right when the wall clock steps afterwards', async () => {
    const { at } = await serving();
    const clock = virtualClock(unixMs(Date.now()));
    const ntp = ntpOf([at], { clock });
    await ask(ntp, at);
    clock.stepWall(millis(24 * HOUR_MS));
    expect(await ask(ntp, at)).toMatchObject({ is: 'up', detail: 'this host’s clock is 24.0 h ahead' });
    const by = ntp.clock();
    expect(Math.abs(by === null ? Infinity : ntp.nowMs(by) - Date.now())).toBeLessThan(60_000);
  });

  test('sees another random question each time, and nothing else of us', async () => {
    const server = await serving(() => null);
    const questions: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      await ask(ntpOf([server.at]), server.at, { timeoutMs: SHORT_MS });
      questions.push(server.last()?.toString('hex') ?? '');
    }
    expect(questions[0]).toMatch(/^23(00){39}[0-9a-f]{16}$/);
    expect(questions[0]).not.toBe(questions[1]);
  });

  test('is asked from the uplink’s own address', async () => {
    const server = await serving();
    expect(word(await ask(ntpOf([server.at], { sourceAddress: '127.0.0.2' }), server.at))).toBe('up');
    expect(server.from()).toEqual(['127.0.0.2']);
  });

  test('is not asked where the uplink has no address', async () => {
    const { at } = await serving();
    expect(word(await ask(ntpOf([at], { sourceAddress: '203.0.113.77' }), at))).toBe('down noAddress');
  });

  const rows: readonly (readonly [string, NtpSays | null, string, string])[] = [
    ['echoes nothing', { originate: Buffer.alloc(8) }, 'down wrongAnswer', 'does not echo'],
    ['sends back half a packet', { bytes: 47 }, 'down wrongAnswer', '47 bytes'],
    ['answers as a client', { mode: 3 }, 'down wrongAnswer', 'mode 3'],
    ['is silent', null, 'down timeout', 'no answer'],
    ['has lost its own source', { stratum: 16 }, 'down unsynchronised', 'stratum 16'],
    ['says that it is not in step', { leap: 3 }, 'down unsynchronised', 'leap indicator 3'],
    ['wants to be left alone', { stratum: 0, reference: 'RATE' }, 'down kissOfDeath', 'kiss RATE'],
    [
      'says something in its kiss that is no text',
      { stratum: 0, reference: '\x00\x1b[2' },
      'down kissOfDeath',
      'kiss ??[2',
    ],
    ['answered before it was asked', { transmit: stamp(1_000_000_000_000) }, 'down wrongAnswer', 'cannot be'],
    ['gives no time', { transmit: Buffer.alloc(8) }, 'down wrongAnswer', 'cannot be'],
  ];
  test.each(rows)('that %s is no clock', async (_, says, expected, detail) => {
    const { at } = await serving(() => says);
    const ntp = ntpOf([at]);
    const finding = await ask(ntp, at, {
      timeoutMs: expected.endsWith('out') || detail.match(/echo|bytes|mode/) ? SHORT_MS : LONG_MS,
    });
    expect([word(finding), finding.detail]).toEqual([expected, expect.stringContaining(detail)]);
    expect(ntp.clock()).toBeNull();
  });

  test('is waited for though a stranger answers first', async () => {
    const server = await serving(() => ({ originate: Buffer.alloc(8) }));
    const ntp = ntpOf([server.at]);
    const asking = ask(ntp, server.at);
    // The stranger has to be heard before the true answer, which is the second packet to the same socket.
    while (server.last() === null) await new Promise((next) => setImmediate(next));
    server.again({});
    expect(word(await asking)).toBe('up');
  });

  test('that answers after the deadline has not answered', async () => {
    let answer = (_: NtpSays): void => {};
    const { at } = await serving(() => new Promise((said) => (answer = said)));
    const ntp = ntpOf([at]);
    expect(word(await ask(ntp, at, { timeoutMs: SHORT_MS }))).toBe('down timeout');
    answer({});
    await new Promise((next) => setImmediate(next));
    expect(ntp.clock()).toBeNull();
  });

  test('that is not there refuses, or says nothing', async () => {
    const at = await closedPort();
    expect(word(await ask(ntpOf([at]), at, { timeoutMs: LONG_MS }))).toMatch(/^down (refused|timeout)$/);
  });

  test('ends at once with the signal', async () => {
    const { at } = await serving(() => null);
    const stop = new AbortController();
    const asking = ask(ntpOf([at]), at, { timeoutMs: 600_000, signal: stop.signal });
    stop.abort();
    expect(word(await asking)).toBe('unknown aborted');
  });

  test('says nothing of a site time that runs at its own pace', async () => {
    const { at } = await serving();
    const ntp = ntpOf([at], { clock: { ...realClock, rate: 10 } });
    expect(word(await ask(ntp, at))).toBe('unknown notConfigured');
    expect(ntp.clock()).toBeNull();
  });
});

describe('how often a time server is asked', () => {
  const later = () => {
    let aheadMs = 0;
    const real: Clock = { ...realClock, monoMs: () => millis(realClock.monoMs() + aheadMs) };
    return { real, pass: (ms: number) => (aheadMs += ms) };
  };
  const MINUTE_MS = 60_000;

  test('once a minute after an answer', async () => {
    const server = await serving();
    const { real, pass } = later();
    const ntp = ntpOf([server.at], { real });
    await ask(ntp, server.at);
    pass(MINUTE_MS);
    expect(word(await ask(ntp, server.at))).toBe('up');
    expect(server.asked()).toBe(1);
    pass(4_000);
    await ask(ntp, server.at);
    expect(server.asked()).toBe(2);
  });

  test('no sooner than in a quarter of an hour after a kiss', async () => {
    const server = await serving(() => ({ stratum: 0, reference: 'RATE' }));
    const { real, pass } = later();
    const ntp = ntpOf([server.at], { real });
    await ask(ntp, server.at);
    pass(15 * MINUTE_MS);
    expect(word(await ask(ntp, server.at))).toBe('down kissOfDeath');
    expect(server.asked()).toBe(1);
    pass(3 * MINUTE_MS);
    await ask(ntp, server.at);
    expect(server.asked()).toBe(2);
  });

  test('in every round while it is silent', async () => {
    const server = await serving(() => null);
    const ntp = ntpOf([server.at]);
    await ask(ntp, server.at, { timeoutMs: SHORT_MS });
    await ask(ntp, server.at, { timeoutMs: SHORT_MS });
    expect(server.asked()).toBe(2);
  });

  test('once by all who ask at the same time', async () => {
    const server = await serving();
    const ntp = ntpOf([server.at]);
    const never = new AbortController().signal;
    const [first, , soon] = await Promise.all([
      ask(ntp, server.at),
      ask(ntp, server.at),
      ntp.soon(millis(LONG_MS), never),
    ]);
    expect(word(first)).toBe('up');
    expect(soon?.servers).toBe(1);
    expect(server.asked()).toBe(1);
  });

  test('an answer counts for a quarter of an hour', async () => {
    const answers: (NtpSays | null)[] = [{}];
    const server = await serving(() => answers.shift() ?? null);
    const { real, pass } = later();
    const ntp = ntpOf([server.at], { real });
    await ask(ntp, server.at);
    pass(15 * MINUTE_MS - 1_000);
    expect(word(await ask(ntp, server.at, { timeoutMs: SHORT_MS }))).toBe('down timeout');
    expect(ntp.clock()).not.toBeNull();
    pass(2_000);
    expect(ntp.clock()).toBeNull();
  });
});

describe('several time servers', () => {
  test.each([
    ['nobody', [], null],
    ['one', [7], [7, 1]],
    ['two that agree', [7, 9], [7, 2]],
    ['two that disagree', [0, 5 * HOUR_MS], null],
    ['a liar among three', [5 * HOUR_MS, 1, 2], [2, 2]],
    ['three of three minds', [0, HOUR_MS, 2 * HOUR_MS], null],
    ['two against two', [0, 1, HOUR_MS, HOUR_MS + 1], null],
    ['three against one', [0, 1, 2, HOUR_MS], [1, 3]],
    ['the edge of what agrees', [0, 10_000], [0, 2]],
    ['and past it', [0, 10_001], null],
  ] as const)('%s', (_, origins, expected) => {
    expect(agreedClock(origins)).toEqual(expected === null ? null : { fromMs: expected[0], servers: expected[1] });
  });

  test('of which fewer than half lie never lead a clock away', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ max: 1e13, min: -1e13 }), { maxLength: 4 }), (lies) => {
        const honest = Array.from({ length: lies.length + 1 }, (_, n) => n);
        const agreed = agreedClock([...lies, ...honest]);
        expect(agreed === null || Math.abs(agreed.fromMs) <= 20_000).toBe(true);
      }),
    );
  });
});

describe('a packet', () => {
  const nonce = Buffer.from('0102030405060708', 'hex');
  test('of any bytes at all is read without an error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void readAnswer(bytes, nonce)));
  });
  test('reads what was written, also after 2036', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2100, 0) }), (ms) => {
        const packet = Buffer.from(questionOf(nonce));
        packet[0] = 0x24;
        packet[1] = 1;
        nonce.copy(packet, 24);
        stamp(ms).copy(packet, 32);
        stamp(ms).copy(packet, 40);
        const answer = readAnswer(packet, nonce);
        expect(answer.is === 'time' && Math.abs(answer.sentMs - ms) < 1).toBe(true);
      }),
    );
  });
  test('gives an offset that is off by half of what the two ways differ at most', () => {
    // Asked at 1,000 of our clock, heard at 1,100; the server's clock is 5,000 ahead, and held it for 20.
    const there = { askedMs: millis(1_000), receivedMs: 6_070, sentMs: 6_090, heardMs: millis(1_100) };
    expect(originOf(there)).toBe(5_030);
  });
  test.each([
    [12, '12 ms behind'],
    [-1_500, '1.5 s ahead'],
    [150_000, '2.5 min behind'],
    [-5 * HOUR_MS, '5.0 h ahead'],
  ])('%i ms are %s', (ms, text) => expect(offsetText(ms)).toBe(text));
});
