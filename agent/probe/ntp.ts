import type { DownReason } from '../../shared/finding.ts';
import type { Millis } from '../../shared/units.ts';

/** The corrected clock: true Unix time is `fromMs` plus this host's monotonic clock, whatever its wall clock says. */
export type NtpClock = Readonly<{
  fromMs: number;
  /** How many servers agree on it. */
  servers: number;
}>;

export const ASK_AGAIN_MS = 64_000; // the quickest pace of a client by RFC 5905 (2^6 s); a round comes every ten seconds
export const KEPT_MS = 900_000; // how long an answer counts; the monotonic clock drifts by a tenth of a second meanwhile

const PACKET_BYTES = 48;
const STAMP_BYTES = 8;
const CLIENT_V4 = 0x23; // no leap warning, version 4, mode 3
const MODE_MASK = 7;
const SERVER_MODE = 4;
const LEAP_UNKNOWN = 3;
const STRATUM_KISS = 0;
const STRATUM_MAX = 15;
const AT = { stratum: 1, reference: 12, originate: 24, receive: 32, transmit: 40 } as const;

/** A question whose transmit time is a random value, which only who has seen it can send back. */
export function questionOf(nonce: Uint8Array): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES);
  packet[0] = CLIENT_V4;
  packet.set(nonce.subarray(0, STAMP_BYTES), AT.transmit);
  return packet;
}

export type Answer =
  /** When the server had the question and when it answered, Unix ms. */
  | Readonly<{ is: 'time'; receivedMs: number; sentMs: number }>
  | Readonly<{
      is: 'refused';
      why: Extract<DownReason, 'unsynchronised' | 'kissOfDeath' | 'wrongAnswer'>;
      detail: string;
    }>
  /** Not an answer to this question, whoever sent it: the true one may still come. */
  | Readonly<{ is: 'stranger'; detail: string }>;

/** Reads a packet by RFC 5905, with the checks of section 8 that a client makes who asks once. */
export function readAnswer(packet: Uint8Array, nonce: Uint8Array): Answer {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (packet.length < PACKET_BYTES) return { is: 'stranger', detail: `an answer of ${packet.length} bytes` };
  const first = view.getUint8(0);
  if ((first & MODE_MASK) !== SERVER_MODE) return { is: 'stranger', detail: `an answer of mode ${first & MODE_MASK}` };
  if (nonce.some((byte, n) => packet[AT.originate + n] !== byte)) {
    return { is: 'stranger', detail: 'an answer that does not echo the question' };
  }
  const stratum = view.getUint8(AT.stratum);
  if (stratum === STRATUM_KISS) return { is: 'refused', why: 'kissOfDeath', detail: `kiss ${kissIn(packet)}` };
  if (stratum > STRATUM_MAX) return { is: 'refused', why: 'unsynchronised', detail: `stratum ${stratum}` };
  if (first >> 6 === LEAP_UNKNOWN) return { is: 'refused', why: 'unsynchronised', detail: 'leap indicator 3' };
  const [receivedMs, sentMs] = [stampIn(view, AT.receive), stampIn(view, AT.transmit)];
  if (receivedMs === null || sentMs === null || sentMs < receivedMs) {
    return { is: 'refused', why: 'wrongAnswer', detail: 'times that cannot be' };
  }
  return { is: 'time', receivedMs, sentMs };
}

/** Four letters, as `RATE` or `DENY`. */
const kissIn = (packet: Uint8Array): string =>
  [...packet.subarray(AT.reference, AT.reference + 4)]
    .map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?'))
    .join('');

const UNIX_OF_1900_S = -2_208_988_800;
const ERA_S = 2 ** 32; // the next begins in 2036; seconds below half of it are taken for that one

/** Unix ms; null: not set. */
function stampIn(view: DataView, at: number): number | null {
  const [seconds, fraction] = [view.getUint32(at), view.getUint32(at + 4)];
  if (seconds === 0 && fraction === 0) return null;
  const sinceS = seconds < ERA_S / 2 ? seconds + ERA_S : seconds;
  return (UNIX_OF_1900_S + sinceS + fraction / ERA_S) * 1_000;
}

export type Exchange = Readonly<{
  /** Of this host's monotonic clock, when the question left and when the answer came. */
  askedMs: Millis;
  heardMs: Millis;
  receivedMs: number;
  sentMs: number;
}>;

/** Where the monotonic clock stands in true time: ((T2 − T1) + (T3 − T4)) / 2, with T1 and T4 on that clock. */
export const originOf = ({ askedMs, heardMs, receivedMs, sentMs }: Exchange): number =>
  (receivedMs - askedMs + (sentMs - heardMs)) / 2;

/** Half of the longest round trip that a deadline leaves, and some seconds of drift: far below what is judged by it. */
const AGREE_MS = 10_000;

/**
 * The median of what the servers say, if more than half of them are close to it; else null: two that disagree leave
 * nobody to say which is right.
 */
export function agreedClock(origins: readonly number[]): NtpClock | null {
  const sorted = [...origins].sort((a, b) => a - b);
  const fromMs = sorted[Math.floor((sorted.length - 1) / 2)];
  if (fromMs === undefined) return null;
  const servers = sorted.filter((one) => Math.abs(one - fromMs) <= AGREE_MS).length;
  return servers * 2 > sorted.length ? { fromMs, servers } : null;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What an offset says of this host's clock: `5.0 h ahead`. */
export function offsetText(offsetMs: number): string {
  const [byMs, side] = [Math.abs(offsetMs), offsetMs < 0 ? 'ahead' : 'behind'];
  if (byMs >= HOUR_MS) return `${(byMs / HOUR_MS).toFixed(1)} h ${side}`;
  if (byMs >= MINUTE_MS) return `${(byMs / MINUTE_MS).toFixed(1)} min ${side}`;
  return byMs >= 1_000 ? `${(byMs / 1_000).toFixed(1)} s ${side}` : `${Math.round(byMs)} ms ${side}`;
}
