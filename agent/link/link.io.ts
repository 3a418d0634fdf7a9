import { type KeyObject, randomBytes } from 'node:crypto';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { type AgentHello, CLOSE, type ControllerHello } from '../../shared/messages.ts';
import { NONCE_BYTES, publicKeyText } from '../../shared/proof.ts';
import type { Random } from '../../shared/random.ts';
import { millis } from '../../shared/units.ts';
import { type Ending, fullJitterMs, SLOT_DEFAULT_MS, STABLE_MS, waitMs } from './backoff.ts';
import { callIds } from './calls.ts';
import { endingOf, refusalOf } from './ending.ts';
import { type Flow, flowReports } from './flow.ts';
import { type HelloFacts, readWelcome, shake } from './handshake.ts';
import type { Orders } from './incoming.ts';
import { pumpRecords, type RecordSource } from './records.ts';
import type { ReportSource, Reports } from './reports.ts';
import { afterTry, newRoute, nextTry } from './route.ts';
import { openSession, type Session } from './session.io.ts';

/**
 * The one link to the controller. INVARIANTS:
 * - nothing but hello and proof leaves before the welcome; our proof only after the controller's holds;
 * - one connection at a time; every timer and listener ends with it;
 * - it tries for ever, never in step with others, and never slower than minutes.
 */
export type Link = Readonly<{
  start(): void;
  /** Says goodbye where there is somebody to say it to; within a second. */
  stop(): Promise<void>;
  /** Something in the reports has changed: it leaves within COALESCE_MS. */
  changed(): void;
  /** The outbox has something new. */
  recordsWaiting(): void;
  isUp(): boolean;
}>;

/** What survives the process. */
export type LinkMemory = Readonly<{
  attempts(): number;
  setAttempts(attempts: number): void;
  /** The controller's public key that we hold to; null: none seen yet. */
  pinnedKey(): string | null;
  pin(publicKey: string): void;
}>;

export type LinkOptions = Readonly<{
  urls: readonly string[];
  key: KeyObject;
  hello(): HelloFacts;
  memory: LinkMemory;
  orders: Orders;
  /** The epoch of a controller whose proof holds. */
  onEpoch(siteEpoch: number): void;
  outbox: RecordSource;
  reports: Reports;
  source: ReportSource;
  /** The real one. */
  clock: Clock;
  random: Random;
  log: Log;
}>;

const SAY_AGAIN_MS = 300_000;
const INTRODUCE_MS = millis(5_000); // the controller closes after as long

type Running = { slotMs: number; flow: Flow | null; wakeRecords: () => void; said: Said | null };
type Said = Readonly<{ reason: string; atMs: number }>;
type Ended = Readonly<{ ending: Ending; reason: string }>;

export function createLink(options: LinkOptions): Link {
  const stopping = new AbortController();
  const running: Running = { slotMs: SLOT_DEFAULT_MS, flow: null, wakeRecords: () => {}, said: null };
  const nextId = callIds(options.hello().bootEpoch);
  let loop: Promise<void> = Promise.resolve();
  return {
    start() {
      loop = keepConnected({ options, running, nextId, signal: stopping.signal });
    },
    async stop() {
      stopping.abort();
      await loop;
    },
    changed: () => running.flow?.changed(),
    recordsWaiting: () => running.wakeRecords(),
    isUp: () => running.flow !== null,
  };
}

type Scene = Readonly<{ options: LinkOptions; running: Running; nextId(): string; signal: AbortSignal }>;

async function keepConnected(scene: Scene): Promise<void> {
  const { options, running, signal } = scene;
  const { clock, random, memory } = options;
  const firstMs = memory.attempts() === 0 ? 0 : fullJitterMs(memory.attempts(), random);
  let route = newRoute(options.urls, clock.monoMs() + firstMs);
  while (!signal.aborted) {
    const { url, index, waitMs: delayMs } = nextTry(route, clock.monoMs());
    await sleep(clock, millis(delayMs), signal);
    if (signal.aborted) return;
    memory.setAttempts(memory.attempts() + 1);
    const ended = await connectOnce(scene, url);
    const { ending } = ended;
    const delay = waitMs(ending, { attempts: memory.attempts(), slotMs: running.slotMs, random });
    if (!signal.aborted) sayEnded(scene, ended, delay);
    route = afterTry(route, { index, untilMs: clock.monoMs() + delay, all: ending.is === 'lost' });
  }
}

/** One connection from the first byte to the last. */
async function connectOnce(scene: Scene, url: string): Promise<Ended> {
  const { options, nextId, signal } = scene;
  const opened = await openSession({ url, clock: options.clock, nextId, signal });
  if (!opened.ok) return { ending: opened.ending, reason: `${url}: ${opened.reason}` };
  const { session } = opened;
  const goodbye = (): void => {
    if (scene.running.flow !== null) session.send('goodbye', {});
    session.close(CLOSE.goingAway, 'the agent stops');
  };
  if (signal.aborted) goodbye();
  signal.addEventListener('abort', goodbye, { once: true });
  const cancelTimeout = options.clock.after(INTRODUCE_MS, session.terminate);
  const welcomed = await introduce(scene, session);
  cancelTimeout();
  const sinceMs = options.clock.monoMs();
  const stable = welcomed.ok ? work(scene, session, welcomed) : null;
  if (!welcomed.ok) session.close(CLOSE.policy, welcomed.reason.slice(0, 100));
  const closed = await session.closed;
  signal.removeEventListener('abort', goodbye);
  stable?.();
  if (!welcomed.ok && welcomed.refused) {
    return { ending: refusalOf(welcomed.reason), reason: `${url}: ${welcomed.reason}` };
  }
  const ending = endingOf(closed, welcomed.ok ? options.clock.monoMs() - sinceMs : null);
  return { ending, reason: `${url}: closed with ${closed.code} ${closed.reason}` };
}

/** The same trouble is said once, not at every try of a long outage; what only a person can cure is said again. */
function sayEnded({ options, running }: Scene, { ending, reason }: Ended, delayMs: number): void {
  const { clock, key, log } = options;
  const forPerson = ending.is === 'unknown_key' || ending.is === 'refused';
  const old = forPerson && running.said !== null && clock.monoMs() - running.said.atMs >= SAY_AGAIN_MS;
  if (running.said?.reason === reason && !old) return;
  running.said = { reason, atMs: clock.monoMs() };
  const line = `${options.hello().agent}: ${publicKeyText(key)}`;
  const cure =
    ending.is === 'unknown_key'
      ? `. Cure: add this key to agentKeys of the controller's file and restart the controller: ${line}`
      : '';
  const nextTryS = Math.ceil(delayMs / 1_000);
  log.warn({ ending, nextTryS }, `no link: ${reason}${cure}; next try in ${nextTryS} s`);
}

type Welcomed =
  | Readonly<{ ok: true; hello: ControllerHello; ackedSeq: number; credit: number }>
  | Readonly<{ ok: false; refused: boolean; reason: string }>;

/** hello → the controller's proof → our proof → welcome. */
async function introduce({ options }: Scene, session: Session): Promise<Welcomed> {
  const { memory, key } = options;
  const sent: AgentHello = {
    protocol: 'relight.v1',
    ...options.hello(),
    key: publicKeyText(key),
    nonce: randomBytes(NONCE_BYTES).toString('base64'),
    attempts: memory.attempts(),
  };
  const answered = await session.call('hello', sent);
  if (!answered.ok) return { ok: false, refused: answered.code === 'SecurityError', reason: answered.description };
  const shaken = shake({ sent, answer: answered.payload, key, pinned: memory.pinnedKey() });
  if (!shaken.ok) return { ok: false, refused: true, reason: `the controller cannot prove itself: ${shaken.reason}` };
  const accepted = await session.call('proof', shaken.proof);
  if (!accepted.ok) return { ok: false, refused: accepted.code === 'SecurityError', reason: accepted.description };
  const welcome = readWelcome(accepted.payload);
  if (welcome === null) return { ok: false, refused: true, reason: 'its welcome is malformed' };
  if (memory.pinnedKey() === null) memory.pin(shaken.hello.controller);
  return { ok: true, hello: shaken.hello, ackedSeq: welcome.ackedSeq, credit: welcome.credit };
}

/** Live state first, then the backlog. Returns what ends it. */
function work(scene: Scene, session: Session, welcomed: Extract<Welcomed, { ok: true }>): () => void {
  const { options, running } = scene;
  const { clock, memory, reports, source, outbox, log } = options;
  const { hello } = welcomed;
  options.onEpoch(hello.siteEpoch);
  running.slotMs = hello.reconnectSlotMs;
  running.said = null;
  log.info({ siteEpoch: hello.siteEpoch }, 'linked to the controller');
  session.serve(options.orders);
  session.watch(millis(hello.heartbeatMs));
  const flow = flowReports({ session, reports, source, clock });
  running.flow = flow;
  const pump = pumpRecords({ session, outbox, clock, log, ...welcomed, bootEpoch: options.hello().bootEpoch });
  running.wakeRecords = pump.wake;
  const cancelStable = clock.after(millis(STABLE_MS), () => memory.setAttempts(0));
  return () => {
    cancelStable();
    flow.stop();
    pump.stop();
    running.flow = null;
    running.wakeRecords = () => {};
  };
}
