import { connect } from 'node:net';
import type { PortName, Ports } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { minerId } from '../../shared/ids.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { createHandOver } from './hand-over.ts';
import { DEFAULT_PORTS } from './line.io.ts';
import type { Miners } from './miners.io.ts';
import type { Reading } from './reading.ts';
import { isExhausted } from './transport/exchange.ts';
import { SECURE_PORT } from './way.io.ts';

/** What is at an address: a miner that was read, or something that answers and is none that we know. */
export type ScanHit = Readonly<{
  address: string;
  family: string | null;
  make: string | null;
  model: string | null;
  firmware: string | null;
  firmwareVersion: string | null;
  mac: string | null;
  miningState: MinerSnapshot['miningState'] | null;
  hashrateThs: number | null;
  /** Why it is not told, or not told in full; null where all is well. */
  why: string | null;
}>;

export type ScanOptions = Readonly<{
  miners: Miners;
  addresses: Iterable<string>;
  /** Instead of the usual ones. */
  portsAt(address: string): Ports;
  /** Miners read at the same time. */
  concurrency: number;
  /** Addresses begun a second: a scan must not fill the tables of a farm's switches. */
  perSecond: number;
  knockMs: Millis;
  signal: AbortSignal;
  onHit(hit: ScanHit): void;
  /** After every address. */
  onTried(tried: number): void;
}>;

/** One of these open is worth a question (fact sheet 1.1). */
const KNOCKED: readonly PortName[] = ['http', 'rpc', 'v3', 'alt'];
/** Each has as many sockets as there are ports above; most systems give a process a few thousand. */
const KNOCKING_MAX = 512;
/** Addresses that answered and wait to be read; beyond that the knocking waits too. */
const WAITING_MAX = 1_024;

/**
 * Tries every address: a knock at the known ports, and a reading where one opens. Both go on side by side, so that slow
 * miners do not hold up the addresses behind them. Never throws. Resolves when all are done, or the
 * signal has ended what was under way.
 */
export async function scan(options: ScanOptions): Promise<void> {
  const { concurrency, perSecond, knockMs, signal } = options;
  const next = paced(options);
  const doors = createHandOver<string>(WAITING_MAX);
  let tried = 0;
  const knocking = async (): Promise<void> => {
    for (let address = await next(); address !== null; address = await next()) {
      const came = await knockAll(address, options);
      if (came === 'open') await doors.give(address);
      else if (!signal.aborted) {
        if (came === 'exhausted') options.onHit(hitOf(address, UNTRIED));
        options.onTried(++tried);
      }
    }
  };
  const reading = async (): Promise<void> => {
    for (let address = await doors.take(); address !== null; address = await doors.take()) {
      if (signal.aborted) continue;
      await read(options, address);
      if (!signal.aborted) options.onTried(++tried);
    }
  };
  // As many as are under way at this rate where nobody answers.
  const knockers = Math.min(KNOCKING_MAX, Math.ceil((perSecond * knockMs) / 1_000));
  const found = Promise.all(several(knockers, knocking)).finally(() => doors.end());
  await Promise.all([found, ...several(concurrency, reading)]);
}

const several = (count: number, work: () => Promise<void>): Promise<void>[] => Array.from({ length: count }, work);

/** The next address when its time has come; null when there are no more, or it was told to stop. */
function paced({ addresses, perSecond, signal }: ScanOptions): () => Promise<string | null> {
  const left = addresses[Symbol.iterator]();
  let dueMs: number = realClock.monoMs();
  let done = false;
  return async () => {
    if (done) return null;
    const waitMs = dueMs - realClock.monoMs();
    // What was late is not made up for: that would be a burst.
    dueMs = Math.max(dueMs, realClock.monoMs()) + 1_000 / perSecond;
    if (waitMs > 0) await sleep(realClock, millis(waitMs), signal);
    const drawn = signal.aborted ? null : left.next();
    done ||= drawn?.done === true;
    return drawn === null || drawn.done ? null : drawn.value;
  };
}

async function read({ miners, portsAt, signal, onHit }: ScanOptions, address: string): Promise<void> {
  const target = { miner: minerId(address), address, ports: portsAt(address), family: null };
  const reading = await miners.read(target, signal);
  await miners.forget(minerId(address));
  if (!signal.aborted) onHit(hitOf(address, reading));
}

type Came = 'open' | 'closed' | 'exhausted';

async function knockAll(host: string, { portsAt, knockMs, signal }: ScanOptions): Promise<Came> {
  const ports = portsAt(host);
  const known = KNOCKED.map((name) => ports[name] ?? DEFAULT_PORTS[name]);
  // Firmware with TLS alone may have closed port 80.
  const knocked = ports.http === undefined ? [...known, SECURE_PORT] : known;
  const came = await Promise.all(knocked.map((port) => knock({ host, port, knockMs, signal })));
  return (['open', 'exhausted'] as const).find((one) => came.includes(one)) ?? 'closed';
}

type Knock = Readonly<{ host: string; port: number; knockMs: Millis; signal: AbortSignal }>;

const EXHAUSTED_PAUSE_MS = millis(100);
const EXHAUSTED_TRIES = 100;
const UNTRIED: Reading = {
  unreadable: 'silent',
  detail: 'not tried: this host had no socket free for it; scan with a lower --rate',
  snapshot: null,
};

async function knock(at: Knock): Promise<Came> {
  for (let tried = 0; tried < EXHAUSTED_TRIES && !at.signal.aborted; tried++) {
    const came = await knockOnce(at);
    if (came !== 'exhausted') return came;
    await sleep(realClock, EXHAUSTED_PAUSE_MS, at.signal);
  }
  return 'exhausted';
}

function knockOnce({ host, port, knockMs, signal }: Knock): Promise<Came> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (came: Came): void => {
      clearTimeout(limit);
      signal.removeEventListener('abort', closed);
      socket.destroy();
      resolve(came);
    };
    const closed = (): void => end('closed');
    const limit = setTimeout(closed, knockMs);
    signal.addEventListener('abort', closed, { once: true });
    if (signal.aborted) closed();
    socket.once('connect', () => end('open'));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => end(isExhausted(code) ? 'exhausted' : 'closed'));
  });
}

function hitOf(address: string, { snapshot, unreadable, detail }: Reading): ScanHit {
  const why = unreadable === null ? null : [unreadable, detail].filter((part) => part !== null).join(': ');
  return {
    address,
    family: snapshot?.family ?? null,
    make: snapshot?.make ?? null,
    model: snapshot?.model ?? null,
    firmware: snapshot?.firmware ?? null,
    firmwareVersion: snapshot?.firmwareVersion ?? null,
    mac: snapshot?.mac ?? null,
    miningState: snapshot?.miningState ?? null,
    hashrateThs: snapshot?.hashrateThs ?? null,
    why,
  };
}
