import { connect } from 'node:net';
import type { PortName, Ports } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { minerId } from '../../shared/ids.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { DEFAULT_PORTS } from './line.io.ts';
import type { Miners } from './miners.io.ts';
import type { Reading } from './reading.ts';
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
  ports: Ports;
  /** Addresses tried at the same time. */
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

/**
 * Tries every address: a knock at the known ports, and a reading where one opens. Never throws for what a device does.
 * Resolves when all are done, or the signal has ended what was under way.
 */
export async function scan(options: ScanOptions): Promise<void> {
  const next = paced(options);
  let tried = 0;
  const work = async (): Promise<void> => {
    for (let address = await next(); address !== null; address = await next()) {
      await visit(options, address);
      tried += 1;
      options.onTried(tried);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
}

/** The next address when its time has come; null when there are no more, or it was told to stop. */
function paced({ addresses, perSecond, signal }: ScanOptions): () => Promise<string | null> {
  const left = addresses[Symbol.iterator]();
  let dueMs: number = realClock.monoMs();
  return async () => {
    const drawn = signal.aborted ? { done: true as const } : left.next();
    if (drawn.done) return null;
    const waitMs = dueMs - realClock.monoMs();
    // What was late is not made up for: that would be a burst.
    dueMs = Math.max(dueMs, realClock.monoMs()) + 1_000 / perSecond;
    if (waitMs > 0) await sleep(realClock, millis(waitMs), signal);
    return signal.aborted ? null : drawn.value;
  };
}

async function visit(options: ScanOptions, address: string): Promise<void> {
  const { miners, ports, signal, onHit } = options;
  if (!(await isThere(address, options))) return;
  const reading = await miners.read({ miner: minerId(address), address, ports, family: null }, signal);
  await miners.forget(minerId(address));
  if (!signal.aborted) onHit(hitOf(address, reading));
}

async function isThere(host: string, { ports, knockMs, signal }: ScanOptions): Promise<boolean> {
  const known = KNOCKED.map((name) => ports[name] ?? DEFAULT_PORTS[name]);
  // Firmware with TLS alone may have closed port 80.
  const knocked = ports.http === undefined ? [...known, SECURE_PORT] : known;
  const knocks = knocked.map((port) => knock({ host, port, knockMs, signal }));
  return (await Promise.all(knocks)).some((open) => open);
}

type Knock = Readonly<{ host: string; port: number; knockMs: Millis; signal: AbortSignal }>;

function knock({ host, port, knockMs, signal }: Knock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (open: boolean) => (): void => {
      clearTimeout(limit);
      signal.removeEventListener('abort', closed);
      socket.destroy();
      resolve(open);
    };
    const closed = end(false);
    const limit = setTimeout(closed, knockMs);
    signal.addEventListener('abort', closed, { once: true });
    socket.once('connect', end(true)).once('error', closed);
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
