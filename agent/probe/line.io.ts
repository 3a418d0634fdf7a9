import type { Socket } from 'node:net';
import type { Pool } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DownReason, Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { dial } from './connect.io.ts';
import { findingOfError } from './errno.ts';
import { readLines } from './lines.ts';
import type { Ntp } from './ntp.io.ts';
import {
  afterEnd,
  isSilent,
  type LineReport,
  type LineState,
  type LostLayer,
  newLineState,
  type ReportAt,
  reportOf,
  staysDoubted,
} from './report.ts';
import { secure } from './secure.io.ts';
import { authorizeLine, hear, newTalk, subscribeLine, type Worker } from './stratum.ts';
import type { From } from './tcp.io.ts';

export type LineOptions = Readonly<{
  pool: Pool;
  /** A finding says why the worker cannot be named. */
  worker: () => Worker | Finding;
  from: From;
  /** Site time: of subscriptions and of the age of jobs. */
  clock: Clock;
  spacingMs: Millis;
  maxAgeMs: Millis;
  skewMs: Millis;
  ntp: Ntp;
}>;

const LINE_MAX_BYTES = 65_536; // a job has some 3 KB
const FLOOD_MAX_BYTES = 1_048_576; // between two rounds; a pool sends a hundredth of it
const FIRST_NUDGE_ID = 3;
// One who lies about the time could otherwise have a worker's password for a certificate that has expired.
const SERVERS_MIN = 2;

/**
 * The one connection that an uplink keeps to a pool; the TCP, Stratum and job layers of a round are read off it.
 *
 * INVARIANTS
 * 1. At most one connection and one proof under way; whoever asks meanwhile waits for that proof.
 * 2. Between two subscriptions lie at least `spacingMs` of site time, whatever came of the first.
 * 3. Worker and password go into no line whose certificate is not the one expected, and no job counts that came over one.
 * 4. Events of a connection that was given up change nothing: each handler looks whether it is still the current one.
 */
export class PoolLine {
  readonly #options: LineOptions;
  /** Wall time that does not step with the host's: a job is in time if either agrees with it. */
  readonly #steadyFromMs: number;
  readonly #waiting = new Set<() => void>();
  #state: LineState = newLineState;
  #socket: Socket | null = null;
  /** What is wrong with the certificate behind the connection, or behind the last one. */
  #fault: string | null = null;
  #proving: Promise<void> | null = null;
  #nudgeId = FIRST_NUDGE_ID;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#steadyFromMs = options.clock.wallMs() - options.clock.monoMs();
  }

  /** Resolves when there is something to report, or `timeoutMs` of real time have passed. Never rejects. */
  prove(timeoutMs: Millis, signal: AbortSignal): Promise<void> {
    this.#proving ??= this.#proof(timeoutMs, signal).finally(() => {
      this.#proving = null;
    });
    return this.#proving;
  }

  /** Says a word that any pool answers, and waits for anything to be heard. */
  async nudge(timeoutMs: Millis, signal: AbortSignal): Promise<void> {
    const worker = this.#options.worker();
    if (this.#socket === null || this.#state.talk.stage !== 'working' || 'is' in worker) return;
    const before = this.#state.heardAtMs;
    this.#socket.write(authorizeLine(worker, this.#nudgeId++));
    await this.#until(() => this.#socket === null || this.#state.heardAtMs !== before, timeoutMs, signal);
  }

  report(): LineReport {
    return reportOf(this.#state, this.#now());
  }

  #now(): ReportAt {
    const { clock, maxAgeMs, skewMs, ntp } = this.#options;
    return { nowMs: clock.monoMs(), maxAgeMs, skewMs, ntpFromMs: ntp.clock()?.fromMs ?? null };
  }

  /** The path is lost: the job no longer counts, and the whole proof is made again. */
  drop(): void {
    if (this.#socket === null) return;
    this.#fail('tcp', this.#down('timeout', 'nothing came over the kept connection'));
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  async #proof(timeoutMs: Millis, signal: AbortSignal): Promise<void> {
    const untilMs = realClock.monoMs() + timeoutMs;
    this.#state = { ...this.#state, heardBytes: 0 };
    if (isSilent(this.#state, this.#now())) this.#giveUp();
    if (this.#socket === null && !this.#mayAsk()) return;
    if (this.#socket === null) await this.#begin(timeoutMs, signal);
    const talk = () => this.#state.talk;
    const settled = (): boolean => this.#socket === null || (talk().stage === 'working' && talk().offer !== null);
    await this.#until(settled, millis(untilMs - realClock.monoMs()), signal);
    if (this.#socket === null || signal.aborted || talk().stage === 'working') return;
    this.#fail('stratum', this.#down('timeout', `no reply while ${talk().stage}`));
  }

  /** A job stays as it is, too old, until another connection has shown better. */
  #giveUp(): void {
    const hadWork = this.#state.talk.offer !== null;
    this.#fail('stratum', this.#down('tooOld', 'no work came for long'), hadWork);
    if (hadWork) this.#state = { ...this.#state, doubted: true };
  }

  #mayAsk(): boolean {
    const { clock, spacingMs } = this.#options;
    return this.#state.subscribedAtMs === null || clock.monoMs() - this.#state.subscribedAtMs >= spacingMs;
  }

  async #begin(timeoutMs: Millis, signal: AbortSignal): Promise<void> {
    const { pool, from, clock } = this.#options;
    const worker = this.#options.worker();
    if ('is' in worker) return this.#fail('stratum', worker);
    const dialled = await dial({ host: pool.host, port: pool.port, ...from, timeoutMs }, signal);
    if ('finding' in dialled) return signal.aborted ? undefined : this.#fail('tcp', dialled.finding);
    if (signal.aborted) return void dialled.socket.on('error', () => {}).destroy();
    const nowMs = clock.monoMs();
    const asked = { connectedAtMs: nowMs, subscribedAtMs: nowMs, askedRealMs: realClock.monoMs() };
    const took = { connectTookMs: dialled.tookMs, securedTookMs: null, workingTookMs: null };
    this.#state = { ...this.#state, ...took, talk: newTalk, subscribedAtMs: nowMs };
    this.#fault = null;
    const leftMs = millis(Math.max(1, timeoutMs - dialled.tookMs));
    const socket = pool.tls === null ? dialled.socket : await this.#secured(dialled.socket, leftMs, signal);
    if (socket === null) return;
    this.#socket = socket;
    this.#change({ ...asked, lost: null });
    this.#attend(socket, this.#fault === null ? worker : null);
    socket.write(subscribeLine());
  }

  /** The line over TLS; null: none comes about. */
  async #secured(plain: Socket, timeoutMs: Millis, signal: AbortSignal): Promise<Socket | null> {
    const { pool, ntp } = this.#options;
    if (pool.tls === null) return plain;
    const expected = { certificate: pool.tls, name: pool.host, serversMin: SERVERS_MIN };
    const secured = await secure({ socket: plain, expected, ntp, timeoutMs }, signal);
    if ('finding' in secured) {
      if (!signal.aborted) this.#fail('tls', secured.finding);
      return null;
    }
    this.#fault = secured.fault;
    if (secured.fault === null) this.#state = { ...this.#state, securedTookMs: secured.tookMs };
    return secured.socket;
  }

  #attend(socket: Socket, worker: Worker | null): void {
    const isCurrent = (): boolean => this.#socket === socket;
    const lines = readLines(LINE_MAX_BYTES, (line) => isCurrent() && this.#take(worker, line));
    const ended = (finding: Finding): void => {
      if (!isCurrent()) return;
      const working = this.#state.talk.stage === 'working';
      if (working) this.#state = { ...this.#state, ...afterEnd(this.#state) };
      // A pool that ends a conversation in which it has sent work has not taken the work back.
      this.#fail('stratum', finding, working);
    };
    socket.setNoDelay(true);
    socket.on('error', (error) => ended(findingOfError(error, this.#sinceAsked())));
    socket.on('close', () => ended(this.#down('closed', 'the pool closed the connection')));
    socket.on('data', (bytes: Buffer) => {
      if (!isCurrent()) return;
      const heardBytes = this.#state.heardBytes + bytes.length;
      this.#state = { ...this.#state, heardAtMs: this.#options.clock.monoMs(), heardBytes };
      const overran = !lines(bytes) || heardBytes > FLOOD_MAX_BYTES;
      if (overran && isCurrent()) this.#fail('stratum', this.#down('malformed', 'more than any pool sends'));
      this.#change({});
    });
  }

  #take(worker: Worker | null, line: string): void {
    const { clock, skewMs } = this.#options;
    const nowMs = clock.monoMs();
    const clocksMs = [clock.wallMs(), this.#steadyFromMs + nowMs];
    const { talk, say } = hear(this.#state.talk, line, { worker, nowMs, rules: { clocksMs, skewMs } });
    for (const text of say) this.#socket?.write(text);
    if (talk.refusal !== null) {
      return this.#fail('stratum', this.#down(talk.refusal.why, talk.refusal.detail));
    }
    const started = talk.stage === 'working' && this.#state.talk.stage !== 'working';
    const doubted = staysDoubted(this.#state.doubted, talk);
    this.#state = { ...this.#state, talk, doubted, ...(started ? { workingTookMs: this.#sinceAsked() } : {}) };
  }

  #fail(layer: LostLayer, finding: Finding, keepJob = false): void {
    this.close();
    const lost = layer === 'stratum' && this.#fault !== null ? this.#behindFault(finding) : { layer, finding };
    this.#change({ lost, connectedAtMs: null, ...(keepJob ? {} : { talk: newTalk }) });
  }

  /** Over an unexpected certificate only one thing is asked: whether somebody passes on what a pool says. */
  #behindFault(finding: Finding): LineState['lost'] {
    const passedOn = finding.is === 'down' && finding.why === 'intercepted';
    const detail = passedOn ? `${this.#fault}: ${finding.detail}` : `${this.#fault}`;
    return { layer: 'tls', finding: this.#down(passedOn ? 'intercepted' : 'notVerified', detail) };
  }

  #change(next: Partial<LineState>): void {
    this.#state = { ...this.#state, ...next };
    for (const look of [...this.#waiting]) look();
  }

  #down(why: DownReason, detail: string): Finding {
    return { is: 'down', why, tookMs: this.#sinceAsked(), detail };
  }

  #sinceAsked(): Millis {
    return millis(this.#state.askedRealMs === null ? 0 : realClock.monoMs() - this.#state.askedRealMs);
  }

  /** Resolves when `settled`, at the deadline, or with the signal. */
  #until(settled: () => boolean, timeoutMs: Millis, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        stopTimer();
        this.#waiting.delete(look);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const look = (): void => {
        if (settled()) finish();
      };
      const stopTimer = realClock.after(timeoutMs, finish);
      this.#waiting.add(look);
      signal.addEventListener('abort', finish, { once: true });
      if (signal.aborted) finish();
      else look();
    });
  }
}
