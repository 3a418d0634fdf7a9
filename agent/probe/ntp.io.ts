import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { realClock } from '../../shared/clock.io.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { findingOfError } from './errno.ts';
import {
  type Answer,
  ASK_AGAIN_MS,
  agreedClock,
  KEPT_MS,
  type NtpClock,
  offsetText,
  originOf,
  questionOf,
  readAnswer,
} from './ntp.ts';
import type { Probe } from './probe.ts';
import { endpointOf } from './targets.ts';
import type { From } from './tcp.io.ts';

/** What one uplink's time servers have said. */
export type Ntp = Readonly<{
  probe: Probe;
  /** Null: none has answered lately, or they disagree. */
  clock(): NtpClock | null;
  /** True Unix time by that clock. */
  nowMs(by: NtpClock): number;
  /** The same, after those have been asked who have not been; within `timeoutMs` of real time. Never rejects. */
  soon(timeoutMs: Millis, signal: AbortSignal): Promise<NtpClock | null>;
}>;

export type NtpOptions = Readonly<{
  /** Of all servers, as the plan names them. */
  targets: readonly string[];
  from: From;
  /** Site time: what is measured is this clock. */
  clock: Clock;
  /** Real time, of deadlines and of how often a server may be asked. */
  real?: Clock;
}>;

const NONCE_BYTES = 8;
const KISSED_MS = 1_024_000; // and the slowest that is usual (2^10 s), for who has asked us to go away

const NO_TRUE_TIME: Finding = { is: 'unknown', why: 'notConfigured', detail: 'site time runs at a pace of its own' };

type Held = Readonly<{ finding: Finding; origin: number | null; atMs: Millis; againMs: number }>;

/**
 * INVARIANT: one question a server at a time, and none sooner after an answer than `ASK_AGAIN_MS`; whoever asks
 * meanwhile gets the same finding. Silence is no answer, and is asked again in the next round.
 */
export function createNtp({ targets, from, clock, real = realClock }: NtpOptions): Ntp {
  const held = new Map<string, Held>();
  const asking = new Map<string, Promise<Finding>>();
  const heard = new Map<string, Readonly<{ origin: number; atMs: Millis }>>();

  const once = async (target: string, timeoutMs: Millis, signal: AbortSignal): Promise<Finding> => {
    const said = await exchange({ target, from, clock, timeoutMs }, signal);
    const atMs = real.monoMs();
    if ('origin' in said) heard.set(target, { origin: said.origin, atMs });
    const againMs = said.answered === false ? 0 : said.answered === 'kiss' ? KISSED_MS : ASK_AGAIN_MS;
    held.set(target, { finding: said.finding, origin: 'origin' in said ? said.origin : null, atMs, againMs });
    return said.finding;
  };
  const ask = (target: string, timeoutMs: Millis, signal: AbortSignal): Promise<Finding> => {
    if (clock.rate !== 1) return Promise.resolve(NO_TRUE_TIME);
    const last = held.get(target);
    if (last !== undefined && real.monoMs() - last.atMs < last.againMs)
      return Promise.resolve(measuredNow(last, clock));
    const under = asking.get(target) ?? once(target, timeoutMs, signal).finally(() => asking.delete(target));
    asking.set(target, under);
    return under;
  };
  const current = (): NtpClock | null => {
    const since = real.monoMs() - KEPT_MS;
    return agreedClock([...heard.values()].filter(({ atMs }) => atMs >= since).map(({ origin }) => origin));
  };
  return {
    probe: ({ target, timeoutMs }, signal) => ask(target, timeoutMs, signal),
    clock: current,
    nowMs: ({ fromMs }) => fromMs + clock.monoMs(),
    async soon(timeoutMs, signal) {
      const over = new AbortController();
      const late = sleep(real, timeoutMs, AbortSignal.any([signal, over.signal]));
      await Promise.race([late, Promise.all(targets.map((target) => ask(target, timeoutMs, signal)))]);
      over.abort();
      return current();
    },
  };
}

/** The servers are asked rarely, and the clock may step at any time. */
function measuredNow({ finding, origin }: Held, clock: Clock): Finding {
  if (origin === null || finding.is !== 'up') return finding;
  return { is: 'up', tookMs: finding.tookMs, ...measured(origin, clock) };
}

function measured(origin: number, clock: Clock): Readonly<{ offsetMs: number; detail: string }> {
  const offsetMs = Math.round(origin + clock.monoMs() - clock.wallMs());
  return { offsetMs, detail: `this host’s clock is ${offsetText(offsetMs)}` };
}

type Said =
  | Readonly<{ finding: Finding; answered: true; origin: number }>
  | Readonly<{ finding: Finding; answered: boolean | 'kiss' }>;
type Asking = Readonly<{ target: string; from: From; clock: Clock; timeoutMs: Millis }>;

const silent = (finding: Finding): Said => ({ finding, answered: false });

/** One question and its answer. Never rejects. */
async function exchange({ target, from, clock, timeoutMs }: Asking, signal: AbortSignal): Promise<Said> {
  const { host, port } = endpointOf(target);
  const startedMs = realClock.monoMs();
  const took = (): Millis => millis(realClock.monoMs() - startedMs);
  const resolved = await from.resolve(host, timeoutMs, signal);
  if ('finding' in resolved) return silent(resolved.finding);
  const leftMs = millis(Math.max(1, timeoutMs - took()));
  const to = { host: resolved.address, port, sourceAddress: from.sourceAddress };
  const got = await converse({ to, leftMs, clock, took }, signal);
  if ('finding' in got) return silent(got.finding);
  const { answer, askedMs, heardMs } = got;
  const tookMs = took();
  if (answer.is === 'refused') {
    const { why, detail } = answer;
    return { finding: { is: 'down', why, tookMs, detail }, answered: why === 'kissOfDeath' ? 'kiss' : true };
  }
  const { receivedMs, sentMs } = answer;
  const origin = originOf({ askedMs, heardMs, receivedMs, sentMs });
  return { finding: { is: 'up', tookMs, ...measured(origin, clock) }, answered: true, origin };
}

type Got =
  | Readonly<{ answer: Exclude<Answer, { is: 'stranger' }>; askedMs: Millis; heardMs: Millis }>
  | Readonly<{ finding: Finding }>;
type Conversation = Readonly<{
  to: Readonly<{ host: string; port: number; sourceAddress: string | null }>;
  leftMs: Millis;
  clock: Clock;
  took(): Millis;
}>;

/** Over a socket that takes packets of this server alone. */
function converse({ to, leftMs, clock, took }: Conversation, signal: AbortSignal): Promise<Got> {
  const nonce = randomBytes(NONCE_BYTES);
  return new Promise((finish) => {
    if (signal.aborted) return finish({ finding: { is: 'unknown', why: 'aborted' } });
    const socket = createSocket(to.host.includes(':') ? 'udp6' : 'udp4');
    let askedMs = clock.monoMs();
    let strange: string | null = null;
    let settled = false;
    const settle = (got: Got): void => {
      if (settled) return; // what a closed socket still had under way
      settled = true;
      stopTimer();
      signal.removeEventListener('abort', aborted);
      socket.removeAllListeners().on('error', () => {});
      socket.close();
      finish(got);
    };
    const failed = (error: unknown): void => settle({ finding: findingOfError(error, took()) });
    const aborted = (): void => settle({ finding: { is: 'unknown', why: 'aborted' } });
    const stopTimer = realClock.after(leftMs, () => settle({ finding: late(strange, took()) }));
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('error', failed);
    socket.on('message', (packet) => {
      const heardMs = clock.monoMs();
      const answer = readAnswer(packet, nonce);
      if (answer.is === 'stranger') strange = answer.detail;
      else settle({ answer, askedMs, heardMs });
    });
    socket.bind({ port: 0, ...(to.sourceAddress === null ? {} : { address: to.sourceAddress }) }, () =>
      socket.connect(to.port, to.host, (error?: unknown) => {
        if (error) return failed(error);
        askedMs = clock.monoMs();
        socket.send(questionOf(nonce), (unsent) => unsent && failed(unsent));
      }),
    );
  });
}

const late = (strange: string | null, tookMs: Millis): Finding =>
  strange === null
    ? { is: 'down', why: 'timeout', tookMs, detail: 'no answer' }
    : { is: 'down', why: 'wrongAnswer', tookMs, detail: strange };
