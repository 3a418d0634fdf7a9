import type { Socket } from 'node:net';
import type { Endpoint } from '../../config/site.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import { millis } from '../../shared/units.ts';
import type { Tip } from './chain.ts';
import { type Gate, openGate } from './gate.io.ts';
import { EXTRANONCE1_BYTES, notifyParams } from './job.ts';
import { hear, notifyLine, type Session } from './stratum.ts';

export type Pool = Readonly<{ gate: Gate; stop(): Promise<void> }>;

export type PoolOptions = Readonly<{
  listen: Endpoint;
  slowMs: number;
  clock: Clock;
  random: Random;
  /** Shared by all pools: they see one chain. */
  tip(): Tip;
  /** What the pool writes into its coinbase. */
  tag: string;
  jobEveryMs: number;
}>;

const LINE_MAX_CHARS = 4_096; // the longest request of a miner has some 300

type Client = { readonly socket: Socket; session: Session; pending: string };

/** A Stratum V1 pool that sends a new job every `jobEveryMs` of the clock to all who have subscribed. */
export async function startPool(options: PoolOptions): Promise<Pool> {
  const { clock, random } = options;
  const clients = new Set<Client>();
  let jobs = 0;
  let lastHeight = 0;

  const send = (client: Client, line: string): void => gate.pass(() => void client.socket.write(`${line}\n`));
  const nextJob = (): string => {
    const tip = options.tip();
    const clean = tip.height !== lastHeight;
    lastHeight = tip.height;
    jobs += 1;
    return notifyLine(notifyParams(random, { tip, job: jobs, nowMs: clock.wallMs(), clean, tag: options.tag }));
  };
  const take = (client: Client, line: string): void => {
    const heard = hear(client.session, line);
    client.session = heard.session;
    for (const text of heard.lines) client.socket.write(`${text}\n`);
    if (heard.wantsJob) client.socket.write(`${nextJob()}\n`);
    if (heard.close) client.socket.destroy();
  };
  const serve = (socket: Socket): void => {
    const client: Client = { socket, session: newSession(random), pending: '' };
    clients.add(client);
    socket.setEncoding('utf8').on('close', () => clients.delete(client));
    socket.on('data', (text: string) => gate.pass(() => readLines(client, text, take)));
  };

  const gate = await openGate({ ...options.listen, slowMs: options.slowMs, serve });
  let cancel = clock.after(millis(options.jobEveryMs), broadcast);
  function broadcast(): void {
    const line = nextJob();
    for (const client of clients) if (client.session.subscribed) send(client, line);
    cancel = clock.after(millis(options.jobEveryMs), broadcast);
  }
  return {
    gate,
    stop() {
      cancel();
      return gate.stop();
    },
  };
}

function newSession(random: Random): Session {
  const extranonce1 = Math.floor(random() * 256 ** EXTRANONCE1_BYTES);
  return {
    extranonce1: extranonce1.toString(16).padStart(2 * EXTRANONCE1_BYTES, '0'),
    subscribed: false,
    authorized: false,
  };
}

function readLines(client: Client, text: string, take: (client: Client, line: string) => void): void {
  const lines = `${client.pending}${text}`.split('\n');
  client.pending = lines.pop() ?? '';
  if (client.pending.length > LINE_MAX_CHARS) return void client.socket.destroy();
  for (const line of lines) if (line.trim() !== '') take(client, line);
}
