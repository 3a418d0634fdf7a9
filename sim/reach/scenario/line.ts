import {
  findingOfError,
  hear,
  isSilent,
  type LineReport,
  type LineState,
  type LostLayer,
  newLineState,
  newTalk,
  type ReportAt,
  readLines,
  reportOf,
  staysDoubted,
} from '../../../agent/index.ts';
import type { Pool, Reachability } from '../../../config/site.ts';
import type { DownReason, Finding } from '../../../shared/finding.ts';
import { millis } from '../../../shared/units.ts';
import { type Answer, connect, handshake, type Resolve } from './answer.ts';
import type { Net, Tls, To } from './net.ts';
import { RESENT_MS, type Said, workLine } from './pool.ts';
import type { VirtualNtp, Wall } from './time.ts';

export type LineOptions = Readonly<{
  pool: Pool;
  net: Net;
  resolve: Resolve;
  reachability: Reachability;
  wall: Wall;
  ntp: VirtualNtp;
}>;

type Event = Readonly<{ atMs: number; run(): void }>;
type Connection = { readonly to: To; readonly openedMs: number; lastMs: number; take(bytes: Buffer): boolean };
type Proven = Readonly<{ report: LineReport; atMs: number }>;

const LINE_MAX_BYTES = 65_536;
const WORKER = { worker: 'relight.probe', password: 'x' };
const FIRST_NUDGE_ID = 3;
const LOOKS_FOR_BLOCKS_MS = 2_000;

/**
 * The one connection that an agent keeps to a pool, in virtual time. What comes over it is read by the agent's own code;
 * when it is opened, asked and given up is as in the agent's namesake. A proof runs ahead of time: whoever looks at an
 * earlier moment meanwhile finds it in the history.
 */
export class VirtualLine {
  readonly #options: LineOptions;
  #state: LineState = newLineState;
  #connection: Connection | null = null;
  #queue: Event[] = [];
  #history: { atMs: number; state: LineState }[] = [{ atMs: 0, state: newLineState }];
  #proven: Proven | null = null;
  #nudgeId = FIRST_NUDGE_ID;
  /** Of the connection, or of the last one: another's certificate. */
  #fault: Exclude<Tls, 'own' | 'silence'> | null = null;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** The three layers, and when they are known. */
  prove(atMs: number, timeoutMs: number): Proven {
    if (this.#proven !== null && this.#proven.atMs >= atMs) return this.#proven;
    this.#runTo(atMs);
    const settledMs = this.#proof(atMs, atMs + timeoutMs);
    this.#proven = { report: this.#report(this.#state, settledMs), atMs: settledMs };
    return this.#proven;
  }

  /** Says a word that any pool answers: when something has been heard, or the time is over. */
  nudge(atMs: number, timeoutMs: number): number {
    this.#runTo(atMs);
    const [from, untilMs] = [this.#connection, atMs + timeoutMs];
    if (from === null || this.#state.talk.stage !== 'working') return atMs;
    const reachedMs = this.#options.net.carry(from.to, atMs);
    const text = `${JSON.stringify({ id: this.#nudgeId++, result: true, error: null })}\n`;
    if (reachedMs !== null) this.#at(reachedMs, () => this.#deliver(from, reachedMs, { text }));
    const before = this.#state.heardAtMs;
    while (this.#connection !== null && this.#state.heardAtMs === before) {
      if (this.#step(untilMs) === null) return untilMs;
    }
    return Math.max(atMs, this.#history.at(-1)?.atMs ?? untilMs);
  }

  /** Has anything come over it between these times? */
  heardBetween(fromMs: number, untilMs: number): boolean {
    this.#runTo(untilMs);
    const at = this.#history.findLast((one) => one.atMs <= untilMs);
    return (at?.state.heardAtMs ?? -1) >= fromMs;
  }

  /** Never of an earlier time than before. */
  reportAt(atMs: number): LineReport {
    this.#runTo(atMs);
    const found = this.#history.findLastIndex((one) => one.atMs <= atMs);
    this.#history = this.#history.slice(Math.max(0, found));
    return this.#report(this.#history[0]?.state ?? this.#state, atMs);
  }

  drop(atMs: number): void {
    if (this.#connection === null) return;
    this.#fail(atMs, 'tcp', this.#down(atMs, 'timeout', 'nothing came over the kept connection'));
  }

  #report(state: LineState, atMs: number): LineReport {
    return reportOf(state, this.#now(atMs));
  }

  #now(atMs: number): ReportAt {
    const { jobMaxAgeMs: maxAgeMs, jobSkewMs: skewMs } = this.#options.reachability;
    return { nowMs: millis(atMs), maxAgeMs, skewMs, ntpFromMs: this.#options.ntp.clockAt(atMs)?.fromMs ?? null };
  }

  /** When there is something to report. */
  #proof(atMs: number, untilMs: number): number {
    if (isSilent(this.#state, this.#now(atMs))) {
      const { talk } = this.#state;
      this.#fail(atMs, 'stratum', this.#down(atMs, 'tooOld', 'no work came for long'));
      if (talk.offer !== null) this.#change(atMs, { talk, doubted: true });
    }
    if (this.#connection === null) {
      const lastMs = this.#state.subscribedAtMs;
      if (lastMs !== null && atMs - lastMs < this.#options.reachability.subscribeSpacingMs) return atMs;
      this.#begin(atMs, untilMs);
      while (this.#connection === null && this.#step(untilMs) !== null);
      if (this.#connection === null) return this.#history.at(-1)?.atMs ?? untilMs;
    }
    for (let settledMs = atMs; ; ) {
      const { talk } = this.#state;
      if (this.#connection === null || (talk.stage === 'working' && talk.offer !== null)) return settledMs;
      const event = this.#step(untilMs);
      if (event === null) break;
      settledMs = Math.max(settledMs, event.atMs);
    }
    const { stage } = this.#state.talk;
    if (stage !== 'working') {
      this.#fail(untilMs, 'stratum', this.#down(untilMs, 'timeout', `no reply while ${stage}`));
    }
    return untilMs;
  }

  #begin(atMs: number, untilMs: number): void {
    const { pool, net, resolve } = this.#options;
    const resolved = resolve(pool.host, atMs, untilMs);
    if ('finding' in resolved) {
      return this.#at(resolved.atMs, () => this.#fail(resolved.atMs, 'tcp', resolved.finding));
    }
    const to: To = { proto: 'tcp', host: resolved.address, port: pool.port };
    const dialled: Answer = connect(net, to, { askedMs: atMs, atMs: resolved.atMs, untilMs });
    this.#at(dialled.atMs, () => {
      if (dialled.finding.is !== 'up') return this.#fail(dialled.atMs, 'tcp', dialled.finding);
      const { atMs: dialledMs } = dialled;
      this.#fault = null;
      const took = { connectTookMs: dialled.finding.tookMs, securedTookMs: null, workingTookMs: null };
      this.#change(dialledMs, { ...took, talk: newTalk, subscribedAtMs: millis(dialledMs) });
      if (pool.tls === null) return this.#connected(to, dialledMs);
      const shaken = handshake(net, to, { askedMs: dialledMs, atMs: dialledMs, untilMs });
      this.#at(shaken.atMs, () => {
        if (shaken.finding.is !== 'up') return this.#fail(shaken.atMs, 'tls', shaken.finding);
        this.#fault = shaken.fault;
        if (shaken.fault === null) this.#change(shaken.atMs, { securedTookMs: shaken.finding.tookMs });
        this.#connected(to, shaken.atMs);
      });
    });
  }

  #connected(to: To, atMs: number): void {
    const take = readLines(LINE_MAX_BYTES, (text) => this.#take(opened, text));
    const opened: Connection = { to, openedMs: atMs, lastMs: atMs, take };
    this.#connection = opened;
    const { subscribedAtMs } = this.#state;
    this.#change(atMs, { connectedAtMs: subscribedAtMs, askedRealMs: subscribedAtMs, lost: null });
    this.#request(opened, atMs, 'onSubscribe');
    this.#push(opened, atMs);
  }

  #request(from: Connection, atMs: number, which: 'onSubscribe' | 'onAuthorize'): void {
    const { net } = this.#options;
    const reachedMs = net.carry(from.to, atMs);
    if (reachedMs === null) return;
    this.#at(reachedMs, () => {
      if (from !== this.#connection) return;
      // Who only shows another's certificate has nothing to say behind it.
      if (this.#fault === 'foreign') return;
      for (const said of net.world.pool(from.to.host, reachedMs)[which]) this.#deliver(from, reachedMs, said);
    });
  }

  /** Work comes at its own distance, and at once with every new block. */
  #push(from: Connection, sinceMs: number): void {
    const { world } = this.#options.net;
    const { host } = from.to;
    const before = world.pool(host, sinceMs).work(sinceMs).block;
    const look = (atMs: number): void =>
      this.#at(atMs, () => {
        if (from !== this.#connection) return;
        const mood = world.pool(host, atMs);
        if (atMs >= mood.endsMs && from.openedMs < mood.endsMs) return this.#deliver(from, atMs, 'close');
        const isDue = atMs - sinceMs >= (mood.everyMs ?? RESENT_MS) || mood.work(atMs).block !== before;
        if (!isDue) return look(atMs + LOOKS_FOR_BLOCKS_MS);
        if (mood.everyMs !== null) this.#deliver(from, atMs, 'job');
        this.#push(from, atMs);
      });
    look(sinceMs + LOOKS_FOR_BLOCKS_MS);
  }

  /** From the pool, in the order in which it was sent. */
  #deliver(from: Connection, sentMs: number, said: Said): void {
    const { net, wall } = this.#options;
    const { work, cut } = net.world.pool(from.to.host, sentMs);
    const carriedMs = net.carry(from.to, sentMs);
    if (carriedMs === null) return;
    const atMs = Math.max(carriedMs, from.lastMs);
    from.lastMs = atMs;
    if (said === 'close' || said === 'reset') return this.#at(atMs, () => this.#ended(from, atMs, said));
    // A pool knows the time; it is the agent's clock that may be wrong.
    const text = said === 'job' ? workLine(work(sentMs), wall.trueMs(sentMs)) : said.text;
    const bytes = Buffer.from(text);
    const segments = cut === 'lines' ? [bytes] : Array.from(bytes, (_, n) => bytes.subarray(n, n + 1));
    this.#at(atMs, () => {
      for (const segment of segments) this.#heard(from, atMs, segment);
    });
  }

  #heard(from: Connection, atMs: number, bytes: Buffer): void {
    if (from !== this.#connection) return;
    this.#change(atMs, { heardAtMs: millis(atMs) });
    from.take(bytes);
  }

  #take(from: Connection, text: string): void {
    const atMs = this.#state.heardAtMs;
    if (from !== this.#connection || atMs === null) return;
    const { wall, reachability } = this.#options;
    // The host's clock, and wall time that does not step with it.
    const clocksMs = [wall.hostMs(atMs), wall.hostMs(0) + atMs];
    const rules = { clocksMs, skewMs: reachability.jobSkewMs };
    const worker = this.#fault === null ? WORKER : null;
    const { talk, say } = hear(this.#state.talk, text, { worker, nowMs: atMs, rules });
    if (talk.refusal !== null) {
      return this.#fail(atMs, 'stratum', this.#down(atMs, talk.refusal.why, talk.refusal.detail));
    }
    const started = talk.stage === 'working' && this.#state.talk.stage !== 'working';
    const doubted = staysDoubted(this.#state.doubted, talk);
    this.#change(atMs, { talk, doubted, ...(started ? { workingTookMs: millis(atMs - from.openedMs) } : {}) });
    if (say.length > 0) this.#request(from, atMs, 'onAuthorize');
  }

  #ended(from: Connection, atMs: number, how: 'close' | 'reset'): void {
    if (from !== this.#connection) return;
    const finding =
      how === 'reset'
        ? findingOfError({ code: 'ECONNRESET' }, millis(atMs - from.openedMs))
        : this.#down(atMs, 'closed', 'the pool closed the connection');
    const { talk } = this.#state;
    this.#fail(atMs, 'stratum', finding);
    if (talk.stage === 'working') this.#change(atMs, { talk });
  }

  #fail(atMs: number, layer: LostLayer, finding: Finding): void {
    this.#connection = null;
    this.#queue = [];
    const behind = layer === 'stratum' && this.#fault !== null;
    const lost = behind ? { layer: 'tls' as const, finding: this.#behindFault(atMs, finding) } : { layer, finding };
    this.#change(atMs, { lost, connectedAtMs: null, talk: newTalk });
  }

  #behindFault(atMs: number, finding: Finding): Finding {
    const passedOn = finding.is === 'down' && finding.why === 'intercepted';
    return this.#down(atMs, passedOn ? 'intercepted' : 'notVerified', `${this.#fault}`);
  }

  #down(atMs: number, why: DownReason, detail: string): Finding {
    const { askedRealMs } = this.#state;
    return { is: 'down', why, tookMs: millis(askedRealMs === null ? 0 : atMs - askedRealMs), detail };
  }

  #change(atMs: number, next: Partial<LineState>): void {
    this.#state = { ...this.#state, ...next };
    this.#history.push({ atMs, state: this.#state });
  }

  #at(atMs: number, run: () => void): void {
    const place = this.#queue.findIndex((event) => event.atMs > atMs);
    this.#queue.splice(place < 0 ? this.#queue.length : place, 0, { atMs, run });
  }

  #step(untilMs: number): Event | null {
    const [next] = this.#queue;
    if (next === undefined || next.atMs > untilMs) return null;
    this.#queue.shift();
    next.run();
    return next;
  }

  #runTo(untilMs: number): void {
    while (this.#step(untilMs) !== null);
  }
}
