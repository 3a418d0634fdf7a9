import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import type { HttpTarget } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { codeOf, findingOfError } from './errno.ts';
import type { Probe } from './probe.ts';
import { type HttpAsk, httpAsks } from './targets.ts';
import type { From } from './tcp.io.ts';

const CHALLENGE_BYTES = 16;
const HEADERS_MAX_BYTES = 8_192; // the body is never read

/** A value that nobody can know beforehand must come back in the same header. No redirect is followed. */
export function httpProbe(targets: readonly HttpTarget[], from: From, clock: Clock = realClock): Probe {
  const asks = new Map(targets.flatMap(httpAsks).map((ask) => [ask.target, ask]));
  return async ({ target, timeoutMs }, signal) => {
    const ask = asks.get(target);
    if (ask === undefined) return { is: 'unknown', why: 'notConfigured', detail: target };
    const startedMs = realClock.monoMs();
    const resolved = await from.resolve(ask.at.host, timeoutMs, signal);
    if ('finding' in resolved) return resolved.finding;
    const took = (): Millis => millis(realClock.monoMs() - startedMs);
    const leftMs = millis(Math.max(1, timeoutMs - took()));
    const to = { ask, address: resolved.address, sourceAddress: from.sourceAddress };
    return challenge({ ...to, leftMs, took, clock }, signal);
  };
}

type Challenge = Readonly<{
  ask: HttpAsk;
  address: string;
  sourceAddress: string | null;
  leftMs: Millis;
  took(): Millis;
  /** Site time, which the date of an answer is held against. */
  clock: Clock;
}>;

function challenge(
  { ask, address, sourceAddress, leftMs, took, clock }: Challenge,
  signal: AbortSignal,
): Promise<Finding> {
  const value = randomBytes(CHALLENGE_BYTES).toString('hex');
  const deadline = AbortSignal.timeout(leftMs);
  return new Promise((finish) => {
    const failed = (error: unknown): void => {
      if (signal.aborted) finish({ is: 'unknown', why: 'aborted' });
      else if (deadline.aborted) finish({ is: 'down', why: 'timeout', tookMs: took(), detail: 'no answer' });
      else finish(findingOfHttpError(error, took()));
    };
    const asking = request({
      host: address,
      port: ask.at.port,
      path: ask.path,
      agent: false,
      maxHeaderSize: HEADERS_MAX_BYTES,
      headers: { host: ask.hostHeader, 'cache-control': 'no-store', [ask.challengeHeader]: value },
      signal: AbortSignal.any([signal, deadline]),
      ...(sourceAddress === null ? {} : { localAddress: sourceAddress }),
    });
    asking.on('error', failed);
    asking.on('response', (response) => {
      const echoed = response.headers[ask.challengeHeader.toLowerCase()] === value;
      const finding = judgeAnswer(response, echoed, took());
      finish(finding.is === 'up' ? { ...finding, ...dated(response, clock) } : finding);
      asking.destroy();
    });
    asking.end();
  });
}

function judgeAnswer({ statusCode = 0, headers }: IncomingMessage, echoed: boolean, tookMs: Millis): Finding {
  if (statusCode === 511) return { is: 'down', why: 'status511', tookMs };
  if (statusCode >= 300 && statusCode < 400) {
    const to = String(headers.location ?? '').slice(0, LOCATION_SHOWN_CHARS);
    return { is: 'down', why: 'redirect', tookMs, detail: `${statusCode} to ${to}` };
  }
  if (echoed) return { is: 'up', tookMs };
  return { is: 'down', why: 'challengeMissing', tookMs, detail: `status ${statusCode}` };
}

/** A date that came with an echo was written now: that makes it a witness of the time, to the second. */
function dated({ headers }: IncomingMessage, clock: Clock): Readonly<{ offsetMs?: number }> {
  const dateMs = Date.parse(headers.date ?? '');
  return Number.isFinite(dateMs) && clock.rate === 1 ? { offsetMs: Math.round(dateMs - clock.wallMs()) } : {};
}

const LOCATION_SHOWN_CHARS = 100;

function findingOfHttpError(error: unknown, tookMs: Millis): Finding {
  const code = codeOf(error);
  // The parser's own codes: something answered, and it was no HTTP.
  if (code.startsWith('HPE_')) return { is: 'down', why: 'wrongAnswer', tookMs, detail: code };
  return findingOfError(error, tookMs);
}
