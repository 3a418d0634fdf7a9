import { ASK_AGAIN_MS, agreedClock, findingOfError, KEPT_MS, type NtpClock, originOf } from '../../../agent/index.ts';
import type { Finding } from '../../../shared/finding.ts';
import { type Millis, millis } from '../../../shared/units.ts';
import { DATAGRAM_TRIES, type Net, type To } from './net.ts';

/** Wall time in a virtual world: virtual milliseconds are the host's monotonic clock. */
export type Wall = Readonly<{
  /** True Unix ms. */
  trueMs(atMs: number): number;
  /** As the host has it. */
  hostMs(atMs: number): number;
}>;

export const wallOf = (net: Net, startMs: number): Wall => ({
  trueMs: (atMs) => startMs + atMs,
  hostMs: (atMs) => startMs + atMs + net.world.wallOffMs(atMs),
});

type Held = Readonly<{ tookMs: Millis; atMs: number; origin: number }>;
// A round runs ahead of time: whoever looks at an earlier moment meanwhile needs the answer before.
const KEPT_ANSWERS = 2;
type Asked = Readonly<{ target: string; to: To; atMs: number; untilMs: number }>;

/** What one uplink's time servers have said, as the agent's namesake keeps it: each is asked once a minute or so. */
export class VirtualNtp {
  readonly #net: Net;
  readonly #wall: Wall;
  readonly #heard = new Map<string, readonly Held[]>();

  constructor(net: Net, wall: Wall) {
    this.#net = net;
    this.#wall = wall;
  }

  /** The last answer, while the server may not be asked again. */
  kept(target: string, atMs: number): Finding | null {
    const last = this.#heard.get(target)?.at(-1);
    return last === undefined || atMs - last.atMs >= ASK_AGAIN_MS ? null : this.#measured(last, atMs);
  }

  ask({ target, to, atMs, untilMs }: Asked): Readonly<{ finding: Finding; atMs: number }> {
    const back = this.#net.ask(to, { atMs, tries: DATAGRAM_TRIES, untilMs });
    const silence: Finding = { is: 'down', why: 'timeout', tookMs: millis(untilMs - atMs), detail: 'no answer' };
    if (back === null) return { finding: silence, atMs: untilMs };
    const tookMs = millis(back.atMs - atMs);
    if (back.fate !== 'passes') {
      const code = back.fate === 'refused' ? 'ECONNREFUSED' : back.fate;
      return { finding: findingOfError({ code }, tookMs), atMs: back.atMs };
    }
    const there = this.#wall.trueMs((atMs + back.atMs) / 2);
    const exchange = { askedMs: millis(atMs), heardMs: millis(back.atMs), receivedMs: there, sentMs: there };
    const held: Held = { tookMs, atMs: back.atMs, origin: originOf(exchange) };
    this.#heard.set(target, [...(this.#heard.get(target) ?? []), held].slice(-KEPT_ANSWERS));
    return { finding: this.#measured(held, back.atMs), atMs: back.atMs };
  }

  /** Null: none has answered lately. */
  clockAt(atMs: number): NtpClock | null {
    const latest = [...this.#heard.values()].flatMap((all) => all.findLast((one) => one.atMs <= atMs) ?? []);
    return agreedClock(latest.filter((one) => one.atMs >= atMs - KEPT_MS).map(({ origin }) => origin));
  }

  /** As `conclude` takes it. */
  witnessAt(atMs: number): Readonly<{ servers: number; offsetMs: number }> | null {
    const by = this.clockAt(atMs);
    return by === null ? null : { servers: by.servers, offsetMs: by.fromMs + atMs - this.#wall.hostMs(atMs) };
  }

  #measured({ tookMs, origin }: Held, atMs: number): Finding {
    return { is: 'up', tookMs, offsetMs: Math.round(origin + atMs - this.#wall.hostMs(atMs)) };
  }
}
