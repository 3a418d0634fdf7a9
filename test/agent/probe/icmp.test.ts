import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { icmpProbe } from '../../../agent/probe/icmp.io.ts';
import { pingArguments, readPing } from '../../../agent/probe/icmp.ts';
import { realClock } from '../../../shared/clock.io.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import type { Finding } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { EPERM, fakePing, IPUTILS, IPUTILS_SILENT, PASSES, pathOf, SILENT } from './fake-ping.ts';

const HOST_PATH = process.env.PATH;
afterEach(() => {
  process.env.PATH = HOST_PATH;
  delete process.env.LC_ALL;
  delete process.env.POOL_PASSWORD;
});

const spec = (target = '198.51.100.1', timeoutMs = 5_000) => ({
  layer: 'icmp' as const,
  uplink: uplinkId('isp'),
  target,
  kind: 'foreign' as const,
  delayMs: millis(0),
  timeoutMs: millis(timeoutMs),
});
const never = new AbortController().signal;
const aProbe = (sourceAddress: string | null = null) => icmpProbe({ echoes: 3, sourceAddress, clock: realClock });
const textOf = (finding: Finding): string =>
  finding.is === 'up' ? `up ${Number(finding.tookMs.toFixed(3))}` : `${finding.is} ${finding.why}`;

/** One probe against a script in place of `ping`. */
const asked = (script: string, ...of: Parameters<typeof spec>): Promise<Finding> => {
  process.env.PATH = pathOf(fakePing(script));
  return aProbe()(spec(...of), never);
};
const aFile = (): string => join(mkdtempSync(join(tmpdir(), 'relight-ping-')), 'said');
const lines = (file: string): readonly string[] => readFileSync(file, 'utf8').trim().split('\n');

describe('a ping', () => {
  test('that passes is up, with its mean round trip', async () => {
    expect(await asked(PASSES)).toEqual({ is: 'up', tookMs: 0.117 });
  });

  test('without a reply is down', async () => {
    expect(await asked(SILENT)).toMatchObject({ is: 'down', why: 'timeout', detail: 'no reply' });
  });

  test.each([
    ['that is not permitted', EPERM, 'notPermitted', /Operation not permitted/],
    [
      'of BusyBox without permission',
      'echo "ping: permission denied (are you root?)" >&2; exit 1',
      'notPermitted',
      /den/,
    ],
    [
      'whose packets the own firewall drops',
      `echo "ping: sendmsg: Operation not permitted" >&2\n${SILENT}`,
      'notPermitted',
      /sendmsg/,
    ],
    ['that says one word', 'echo sh:; exit 127', 'ownFault', /ended with 127: sh:/],
    ['that says one word and fails as if nobody had answered', 'echo sh:; exit 1', 'ownFault', /ended with 1: sh:/],
    ['that does not know its arguments', 'echo "Usage: ping [-c count] destination" >&2; exit 2', 'ownFault', /Usage/],
    ['without a route', 'echo "ping: connect: Network is unreachable" >&2; exit 2', 'ownFault', /unreachable/],
    ['that says nothing, successfully', 'exit 0', 'ownFault', /ended with 0/],
    ['that is killed by others', 'kill -9 $$', 'ownFault', /a signal/],
    ['that counts replies and fails', `${PASSES.replace('exit 0', 'exit 2')}`, 'ownFault', /ended with 2/],
  ])('%s says nothing about the world', async (_, script, why, detail) => {
    expect(await asked(script)).toEqual({ is: 'unknown', why, detail: expect.stringMatching(detail) });
  });

  test('speaks the language that is read, whatever the host is set to', async () => {
    process.env.LC_ALL = 'de_DE.UTF-8';
    const german = 'echo "PING 198.51.100.1: 3 Pakete gesendet, 3 empfangen"; exit 0';
    expect(await asked(`if [ "$LC_ALL" != C ]; then ${german}; fi\n${PASSES}`)).toMatchObject({ is: 'up' });
  });

  test('is given no secret of ours', async () => {
    const file = aFile();
    process.env.POOL_PASSWORD = 'hunter2';
    await asked(`env > ${file}\n${PASSES}`);
    expect(lines(file)).toContain('LC_ALL=C');
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
  });

  test.each([
    ['hangs', 'exec sleep 60', /killed: no end/],
    ['leaves a child with its pipes behind', 'sleep 3 & wait', /killed: no end/],
    ['floods', 'exec yes "64 bytes from somewhere"', /killed: more output/],
    ['floods its errors', 'exec yes >&2', /killed: more output/],
  ])('that %s is killed, and is unknown', async (_, script, detail) => {
    const file = aFile();
    const startedMs = realClock.monoMs();
    const finding = await asked(`echo $$ > ${file}\n${script}`, '198.51.100.1', 400);
    expect(finding).toEqual({ is: 'unknown', why: 'ownFault', detail: expect.stringMatching(detail) });
    expect(realClock.monoMs() - startedMs).toBeLessThan(2_500);
    await gone(Number(lines(file)[0]));
  });

  test('ends at once with the signal', async () => {
    const file = aFile();
    writeFileSync(file, '');
    process.env.PATH = pathOf(fakePing(`echo $$ > ${file}\nexec sleep 60`));
    const stop = new AbortController();
    const finding = aProbe()(spec('198.51.100.1', 60_000), stop.signal);
    while (readFileSync(file, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await finding).toEqual({ is: 'unknown', why: 'aborted' });
    await gone(Number(lines(file)[0]));
    expect(await aProbe()(spec(), AbortSignal.abort())).toEqual({ is: 'unknown', why: 'aborted' });
  });

  test('of a name is never started', async () => {
    const file = aFile();
    writeFileSync(file, '');
    for (const target of ['pool.example', '-f', '1.2.3', '']) {
      expect(await asked(`echo started > ${file}\n${PASSES}`, target)).toMatchObject({ why: 'notConfigured' });
    }
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  test('leaves from the uplink’s address, with its arguments made anew for each family', async () => {
    const file = aFile();
    process.env.PATH = pathOf(fakePing(`printf "%s\\n" "$*" >> ${file}\n${PASSES}`));
    const probe = aProbe('10.0.0.2');
    for (const target of ['2001:db8::1', '198.51.100.1']) await probe(spec(target), never);
    const shared = '-n -W 2 -c 3 -I 10.0.0.2 -s 56 -i 0.2';
    expect(lines(file)).toEqual([`${shared} 2001:db8::1`, `${shared} 198.51.100.1`]);
  });
});

/** A process that was killed is gone within moments; this waits for it, and the test's own time limit is the end. */
async function gone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(1);
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a host without ping', () => {
  test('is looked at again after ten minutes, and not before', async () => {
    const clock = virtualClock(unixMs(1_700_000_000_000));
    const probe = icmpProbe({ echoes: 3, sourceAddress: null, clock });
    process.env.PATH = pathOf(null);
    const none = { is: 'unknown', why: 'ownFault', detail: 'ENOENT: this host has no `ping`' };
    expect(await probe(spec(), never)).toEqual(none);
    process.env.PATH = pathOf(fakePing(PASSES));
    clock.advance(millis(599_000));
    expect(await probe(spec(), never)).toEqual(none);
    clock.advance(millis(1_000));
    expect(await probe(spec(), never)).toMatchObject({ is: 'up' });
  });

  test('is told from one on which no process can be made', async () => {
    process.env.PATH = pathOf(fakePing(PASSES));
    // As with EPERM for a `ping` that has capabilities which the service may not: spawn() itself throws.
    expect(await aProbe('10.0.0.2\0')(spec(), never)).toMatchObject({ is: 'unknown', why: 'ownFault' });
  });

  test('is told from one that may not run it', async () => {
    const folder = fakePing(PASSES);
    writeFileSync(join(folder, 'ping'), 'no program', { mode: 0o644 });
    process.env.PATH = folder;
    const finding = await aProbe()(spec(), never);
    expect(finding.is === 'unknown' && finding.detail).not.toMatch(/has no/);
    expect(finding.is).toBe('unknown');
  });
});

/** Of BusyBox 1.35, recorded likewise. */
const BUSYBOX = `PING 198.51.100.1 (198.51.100.1): 56 data bytes
64 bytes from 198.51.100.1: seq=0 ttl=64 time=0.040 ms
64 bytes from 198.51.100.1: seq=1 ttl=64 time=0.050 ms
64 bytes from 198.51.100.1: seq=2 ttl=64 time=0.048 ms

--- 198.51.100.1 ping statistics ---
3 packets transmitted, 3 packets received, 0% packet loss
round-trip min/avg/max = 0.040/0.046/0.050 ms
`;
const BUSYBOX_SILENT = `PING 198.51.100.1 (198.51.100.1): 56 data bytes

--- 198.51.100.1 ping statistics ---
3 packets transmitted, 0 packets received, 100% packet loss
`;
const IPV6 = `PING 2001:db8::1(2001:db8::1) 56 data bytes
64 bytes from 2001:db8::1: icmp_seq=1 ttl=64 time=0.045 ms
64 bytes from 2001:db8::1: icmp_seq=2 ttl=64 time=0.032 ms

--- 2001:db8::1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 207ms
rtt min/avg/max/mdev = 0.032/0.038/0.045/0.006 ms
`;
/** Written by hand: a loss among replies, and a router that answers. */
const LOSSY = IPUTILS.replace(/.*icmp_seq=2.*\n/, '').replace('3 received, 0%', '2 received, 33.3333%');
const UNREACHABLE = IPUTILS_SILENT.replace(
  '\n\n---',
  '\nFrom 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n\n---',
).replace('0 received,', '0 received, +1 errors,');

describe('what ping says', () => {
  test.each([
    ['iputils', IPUTILS, 0, 'up 0.117'],
    ['iputils with a source address', IPUTILS.replace(') 56', ') from 10.0.0.2 : 56'), 0, 'up 0.117'],
    ['iputils over IPv6', IPV6, 0, 'up 0.038'],
    ['iputils over IPv6, as newer ones write it', IPV6.replace('1(2', '1 (2'), 0, 'up 0.038'],
    ['BusyBox, which gives no deviation', BUSYBOX, 0, 'up 0.046'],
    ['no reply', IPUTILS_SILENT, 1, 'down timeout'],
    ['no reply, as BusyBox says it', BUSYBOX_SILENT, 1, 'down timeout'],
    ['BusyBox without a route', BUSYBOX_SILENT.slice(0, 45), 1, 'unknown ownFault'],
    ['a router’s refusal', UNREACHABLE, 1, 'down timeout'],
    ['some of the replies', LOSSY, 0, 'up 0.117'],
    ['a reply that the exit code denies', IPUTILS, 1, 'unknown ownFault'],
    ['an account that breaks off', IPUTILS_SILENT.slice(0, 60), 1, 'unknown ownFault'],
    ['a reply without a time', IPUTILS.replaceAll(/time=\S+ ms/g, 'time=x'), 0, 'unknown ownFault'],
    ['nothing', '', 1, 'unknown ownFault'],
  ])('%s', (_, stdout, exitCode, expected) => {
    expect(textOf(readPing('198.51.100.1', { exitCode, stdout, stderr: '' }, millis(2_400)))).toBe(expected);
  });

  test('is quoted short, and in one line', () => {
    const said = { exitCode: 2, stdout: '', stderr: `a\n\u001b[31m${'x'.repeat(1_000)}` };
    const finding = readPing('198.51.100.1', said, millis(1));
    expect(finding.detail).toMatch(/^ping ended with 2: a \[31mx{90,100}$/);
  });

  test('of losses is told', () => {
    expect(readPing('198.51.100.1', { exitCode: 0, stdout: LOSSY, stderr: '' }, millis(1)).detail).toBe('33 % lost');
  });
});

describe('what ping is asked', () => {
  test.each([
    [3, 5_000, 2],
    [10, 5_000, 2],
    [3, 2_000, 1],
    [1, 2_000, 2],
    [3, 400, 1],
  ])('%i echoes within %i ms wait %i s for their replies', (echoes, timeoutMs, waitS) => {
    const args = pingArguments({
      address: '198.51.100.1',
      echoes,
      sourceAddress: null,
      timeoutMs: millis(timeoutMs),
    });
    expect(args.join(' ')).toBe(`-n -W ${waitS} -c ${echoes} -s 56 -i 0.2 198.51.100.1`);
  });
});
