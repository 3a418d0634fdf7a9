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
import { createTurns } from './turns.ts';

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
const AHEAD = 2; // addresses drawn beyond those under way, so that a place that falls free is filled at once

/**
 * Tries every address: a knock at the known ports, and a reading where one opens. Never throws for what a device does.
 * Resolves when all are done, or the signal has ended what was under way.
 */
export async function scan(options: ScanOptions): Promise<void> {
  const { concurrency, perSecond, addresses, signal, onTried } = options;
  const startedMs = realClock.monoMs();
  let [begun, tried, waiting] = [0, 0, 0];
  let wake: () => void = () => {};
  const turns = createTurns<string>(concurrency, async (address) => {
    await visit(options, address);
    tried += 1;
    waiting -= 1;
    onTried(tried);
    wake();
  });
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        if (holds() || signal.aborted) resolve();
      };
      wake();
    });
  signal.addEventListener('abort', () => wake(), { once: true });
  for (const address of addresses) {
    if (signal.aborted) break;
    const dueMs = startedMs + (begun * 1_000) / perSecond;
    const aheadMs = dueMs - realClock.monoMs();
    if (aheadMs > 0) await sleep(realClock, millis(aheadMs), signal);
    if (waiting >= concurrency * AHEAD) await until(() => waiting < concurrency * AHEAD);
    begun += 1;
    waiting += 1;
    turns.add(address, false);
  }
  await until(() => waiting === 0);
  await turns.end();
}

async function visit(options: ScanOptions, address: string): Promise<void> {
  const { miners, ports, signal, onHit } = options;
  if (signal.aborted || !(await isThere(address, options))) return;
  const reading = await miners.read({ miner: minerId(address), address, ports, family: null }, signal);
  await miners.forget(minerId(address));
  if (!signal.aborted) onHit(hitOf(address, reading));
}

async function isThere(host: string, { ports, knockMs, signal }: ScanOptions): Promise<boolean> {
  const knocks = KNOCKED.map((name) => knock({ host, port: ports[name] ?? DEFAULT_PORTS[name], knockMs, signal }));
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
