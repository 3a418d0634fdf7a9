import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Miner } from '../../config/site.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { millis } from '../../shared/units.ts';
import type { PlantAction } from '../plant/fault.ts';
import type { Look } from '../plant/look.ts';
import type { Certified } from './certificate.ts';
import { type Device, type PoolSlot, threePools } from './device.ts';
import { type Accounts, familyOf } from './families.ts';
import {
  type Answerer,
  accountNow,
  type Bench,
  DEFAULT_PORTS,
  type Door,
  type Family,
  type Outcome,
} from './family.ts';
import { serveFrames } from './frames.io.ts';
import { createCallServer } from './grpc.io.ts';
import { openPort, type Port } from './port.io.ts';
import { serveRpc } from './rpc.io.ts';
import { createWeb, type Web } from './web.io.ts';

/** What the front-ends need of the plant; both bring it up to the present first. */
export type Floor = Readonly<{
  look(miner: MinerId): Look | null;
  lines(miner: MinerId): Look['line'] | null;
  order(miner: MinerId, action: PlantAction): void;
}>;

export type Traffic = Readonly<{ miner: MinerId; connections: number; maxOpen: number }>;

export type MinerHost = Readonly<{
  /** Opens and closes ports as the plant now has it. */
  follow(): void;
  /** How each miner was asked: the most connections open at one time says whether they were kept to one. */
  traffic(): readonly Traffic[];
  close(): Promise<void>;
}>;

export type HostOptions = Readonly<{
  floor: Floor;
  pools: readonly PoolSlot[];
  accounts: Accounts;
  random: Random;
  /** Stamps in the replies. */
  siteClock: Clock;
  /** Lives of tokens. */
  realClock: Clock;
  /** Real time that `set_miner_conf` takes to answer; 21 s on a measured unit. */
  confWriteMs: number;
  /** Miners whose page is there over TLS alone, with this certificate; null = plain text. */
  certified(miner: MinerId): Certified | null;
}>;

type Stand = HostOptions & Readonly<{ web: Web }>;
type Hosted = Readonly<{ ports: readonly Port[]; traffic: () => Traffic; close(): Promise<void> }>;

/** Puts miners on their own addresses and ports; rejects with PORT_IN_USE where one is taken. */
export async function hostMiners(miners: readonly Miner[], options: HostOptions): Promise<MinerHost> {
  const stand = { ...options, web: createWeb() };
  const results = await Promise.allSettled(miners.map((miner) => hostMiner(miner, stand)));
  const hosted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(hosted.map((one) => one.close()));
  };
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  return {
    follow() {
      for (const { ports } of hosted) for (const port of ports) port.follow();
    },
    traffic: () => hosted.map(({ traffic }) => traffic()),
    close,
  };
}

async function hostMiner(miner: Miner, stand: Stand): Promise<Hosted> {
  const seen = { connections: 0, open: 0, maxOpen: 0 };
  const count = (change: 1 | -1): void => {
    seen.connections += change === 1 ? 1 : 0;
    seen.open += change;
    seen.maxOpen = Math.max(seen.maxOpen, seen.open);
  };
  const ports: Port[] = [];
  const body = newBody(miner, stand, () => {
    for (const port of ports) port.follow();
  });
  const close = async (): Promise<void> => {
    body.end();
    await Promise.all(ports.map((port) => port.close()));
  };
  const look = stand.floor.look(miner.miner);
  const family = familyOf(look?.traits.family);
  try {
    for (const door of family.doors(benchOf(family, stand, look?.traits.model ?? ''))) {
      if (door.optional && !(look && miner.ports[door.port] !== undefined && door.optional(look))) continue;
      const port = miner.ports[door.port] ?? DEFAULT_PORTS[door.port];
      const line = () => stand.floor.lines(miner.miner)?.[door.side] ?? 'silent';
      const serve = secured(server(door, body, stand.web), door.port === 'http' ? stand.certified(miner.miner) : null);
      ports.push(await openPort({ host: miner.address, port, line, serve, count }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const { miner: id } = miner;
  return { ports, close, traffic: () => ({ miner: id, connections: seen.connections, maxOpen: seen.maxOpen }) };
}

function benchOf(family: Family, { accounts, random, realClock, confWriteMs }: Stand, model: string): Bench {
  return {
    random,
    monoMs: () => realClock.monoMs(),
    account: ({ look }) => accountNow(accounts[family.family] ?? family.account, look),
    confWriteMs,
    model,
  };
}

function server(door: Door, body: Body, web: Web): (socket: Socket) => void {
  switch (door.speaks) {
    case 'rpc': {
      const { answer } = door;
      return (socket) => serveRpc(socket, (asked, client) => body.ask(door, answer, { asked, client }));
    }
    case 'http': {
      const { answer } = door;
      return (socket) => web.serve(socket, (asked, client) => body.ask(door, answer, { asked, client }));
    }
    case 'v3': {
      const { answer } = door;
      return (socket) => serveFrames(socket, (asked, client) => body.ask(door, answer, { asked, client }));
    }
    case 'grpc': {
      const { answer } = door;
      return createCallServer(door.paths, (asked, client) => body.ask(door, answer, { asked, client }));
    }
  }
}

type Serve = (socket: Socket) => void;

function secured(serve: Serve, certified: Certified | null): Serve {
  if (certified === null) return serve;
  const secureContext = createSecureContext(certified);
  return (socket) => {
    const inside = new TLSSocket(socket, { isServer: true, secureContext });
    // Plain text from a client that does not know better: the line closes.
    inside.on('error', () => socket.destroy());
    serve(inside);
  };
}

/** What a device keeps of its own, and how a request reaches it and the plant. */
type Body = Readonly<{
  ask<Asked, Said>(
    door: Door,
    answer: Answerer<Asked, Said>,
    request: Readonly<{ asked: Asked; client: string }>,
  ): Said | null;
  /** Nothing that waits comes to pass. */
  end(): void;
}>;

function newBody(miner: Miner, stand: Stand, follow: () => void): Body {
  let own: Pick<Device, 'pools' | 'blink' | 'powerLimitW'> = {
    pools: threePools(stand.pools),
    blink: false,
    powerLimitW: null,
  };
  const device = (): Device | null => {
    const look = stand.floor.look(miner.miner);
    const wallS = Math.floor(stand.siteClock.wallMs() / 1_000);
    return look ? { look, address: miner.address, wallS, ...own } : null;
  };
  const waiting = new Set<Cancel>();
  const order = (action: PlantAction): void => {
    stand.floor.order(miner.miner, action);
    // Not before the reply is written: a port that refuses drops what is open on it.
    setImmediate(follow);
  };
  const settle = ({ action, afterMs, change }: Outcome<unknown>, heedless: boolean): void => {
    if (!heedless) {
      const { pools, blink, powerLimitW } = change ?? {};
      own = {
        pools: pools ?? own.pools,
        blink: blink ?? own.blink,
        powerLimitW: powerLimitW === undefined ? own.powerLimitW : powerLimitW,
      };
    }
    if (!action) return;
    if (!afterMs) return order(action);
    const cancel = stand.siteClock.after(millis(afterMs), () => {
      waiting.delete(cancel);
      order(action);
    });
    waiting.add(cancel);
  };
  return {
    ask(door, answer, { asked, client }) {
      const now = device();
      // A connection that was kept open may outlive what it was opened to.
      if (now === null || now.look.line[door.side] !== 'open') return null;
      const outcome = answer(now, asked, client);
      settle(outcome, now.look.heedless);
      return outcome.reply;
    },
    end() {
      for (const cancel of waiting) cancel();
    },
  };
}
