import builders from 'ping/lib/builder/factory.js';
import parsers from 'ping/lib/parser/factory.js';
import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';

export type EchoAsk = Readonly<{ address: string; echoes: number; sourceAddress: string | null; timeoutMs: Millis }>;

const PLATFORM = 'linux';
// The shortest that every `ping` grants to whoever is not root; a second apart, a handful would outlast the round's
// other questions by seconds.
const SPACING_MS = 200;
const REPLY_WAIT_MAX_S = 2; // as `watchTimeoutMs`: a satellite's 700 ms fit twice

/**
 * No `-w`: with it `ping` goes on until as many replies came as were asked for. The configuration is made anew each
 * time, because the builder writes into it.
 */
export function pingArguments({ address, echoes, sourceAddress, timeoutMs }: EchoAsk): readonly string[] {
  const leftS = Math.floor((timeoutMs - (echoes - 1) * SPACING_MS) / 1_000); // older ones take whole seconds only
  return builders.createBuilder(PLATFORM).getCommandArguments(address, {
    timeout: Math.min(REPLY_WAIT_MAX_S, Math.max(1, leftS)),
    deadline: false,
    min_reply: echoes,
    sourceAddr: sourceAddress ?? '',
    extra: ['-i', String(SPACING_MS / 1_000)],
  });
}

export type PingSaid = Readonly<{ exitCode: number | null; stdout: string; stderr: string }>;

const NOT_PERMITTED = /not permitted|permission denied/i;
const [REPLIED, NO_REPLY] = [0, 1];
const LOST_ALL_PCT = 100;

/** `tookMs` of what came back is the mean round trip. Only a whole account of no reply is `down`. */
export function readPing(address: string, said: PingSaid, tookMs: Millis): Finding {
  const { exitCode, stdout, stderr } = said;
  const counted = countedIn(address, stdout);
  if (exitCode === REPLIED && counted?.meanMs != null) {
    const lost = counted.lostPct > 0 ? { detail: `${Math.round(counted.lostPct)} % lost` } : {};
    return { is: 'up', tookMs: millis(counted.meanMs), ...lost };
  }
  if (NOT_PERMITTED.test(`${stderr}\n${stdout}`)) return { is: 'unknown', why: 'notPermitted', detail: shown(said) };
  const silent = exitCode === NO_REPLY && counted?.meanMs === null && counted.lostPct === LOST_ALL_PCT;
  if (silent) return { is: 'down', why: 'timeout', tookMs, detail: 'no reply' };
  return { is: 'unknown', why: 'ownFault', detail: shown(said) };
}

type Counted = Readonly<{ meanMs: number | null; lostPct: number }>;

/** null: not the output of a `ping`. The parser throws at a first line of one word, among others. */
function countedIn(address: string, stdout: string): Counted | null {
  try {
    const parser = parsers.createParser(address, PLATFORM);
    for (const line of stdout.split('\n')) parser.eat(line);
    const { times, avg, packetLoss } = parser.getResult();
    // BusyBox gives no deviation, and the parser then no mean.
    const mean = Number.isFinite(Number(avg)) ? Number(avg) : times.reduce((sum, one) => sum + one, 0) / times.length;
    return { meanMs: times.length > 0 && Number.isFinite(mean) ? mean : null, lostPct: Number(packetLoss) };
  } catch {
    return null;
  }
}

const SHOWN_CHARS = 100;

function shown({ exitCode, stdout, stderr }: PingSaid): string {
  const text = `${stderr}\n${stdout}`.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return `ping ended with ${exitCode ?? 'a signal'}: ${text.slice(0, SHOWN_CHARS)}`;
}
