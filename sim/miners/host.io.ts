import type { Socket } from 'node:net';
import type { Miner } from '../../config/site.ts';
import type { Clock } from '../../shared/clock.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import type { PlantAction } from '../plant/fault.ts';
import type { Look } from '../plant/look.ts';
import { type Account, authorised, challenge } from './antminer/digest.ts';
import { page } from './antminer/page.ts';
import * as antminerRpc from './antminer/rpc.ts';
import { type Device, type PoolSlot, threePools } from './device.ts';
import { openPort, type Port } from './port.io.ts';
import { type RpcAnswer, serveRpc } from './rpc.io.ts';
import { createWeb, type Web, type WebAnswer, type WebRequest } from './web.io.ts';
import { keysOf } from './whatsminer/cipher.ts';
import * as whatsminerRpc from './whatsminer/rpc.ts';
import { newTokens, saltOf } from './whatsminer/tokens.ts';

/** The passwords that the virtual miners want, by family. */
export type Accounts = Readonly<Record<'antminer-stock' | 'whatsminer-v2', Account>>;

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
}>;

const HTTP_PORT = 80;
const RPC_PORT = 4_028;
// Nonces that a device remembers: enough for a client that asks twice for every page.
const NONCES_KEPT = 8;
/** With a wrong password nothing equals it; no user has one. */
const OTHER = '-changed';

type Stand = HostOptions & Readonly<{ web: Web }>;
type Ports = Readonly<{ ports: readonly Port[]; traffic: () => Traffic }>;

/** Puts miners on their own addresses and ports; rejects with PORT_IN_USE where one is taken. */
export async function hostMiners(miners: readonly Miner[], options: HostOptions): Promise<MinerHost> {
  const stand = { ...options, web: createWeb() };
  const results = await Promise.allSettled(miners.map((miner) => hostMiner(miner, stand)));
  const hosted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(hosted.flatMap(({ ports }) => ports.map((port) => port.close())));
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

type Frontend = Readonly<{ port: number; side: 'web' | 'api'; serve(socket: Socket): void }>;

async function hostMiner(miner: Miner, stand: Stand): Promise<Ports> {
  const seen = { connections: 0, open: 0, maxOpen: 0 };
  const count = (change: 1 | -1): void => {
    seen.connections += change === 1 ? 1 : 0;
    seen.open += change;
    seen.maxOpen = Math.max(seen.maxOpen, seen.open);
  };
  const line = (side: 'web' | 'api') => () => stand.floor.lines(miner.miner)?.[side] ?? 'silent';
  const ports: Port[] = [];
  const follow = (): void => {
    for (const port of ports) port.follow();
  };
  try {
    for (const { port, side, serve } of frontends(miner, stand, follow)) {
      ports.push(await openPort({ host: miner.address, port, line: line(side), serve, count }));
    }
  } catch (error) {
    await Promise.all(ports.map((port) => port.close()));
    throw error;
  }
  return { ports, traffic: () => ({ miner: miner.miner, connections: seen.connections, maxOpen: seen.maxOpen }) };
}

function frontends(miner: Miner, stand: Stand, follow: () => void): Frontend[] {
  const http = miner.ports.http ?? HTTP_PORT;
  const rpc = miner.ports.rpc ?? RPC_PORT;
  const family = stand.floor.look(miner.miner)?.traits.family;
  const state = newState(miner, stand, follow);
  if (family === 'whatsminer-v2') {
    const answer = whatsminer(state);
    return [{ port: rpc, side: 'api', serve: (socket) => serveRpc(socket, answer) }];
  }
  const page = antminerWeb(state);
  const answer = antminerApi(state);
  return [
    { port: http, side: 'web', serve: (socket) => stand.web.serve(socket, page) },
    { port: rpc, side: 'api', serve: (socket) => serveRpc(socket, answer) },
  ];
}

/** What a device keeps of its own, and how it reaches the plant. */
type State = Readonly<{
  stand: Stand;
  device(): Device | null;
  set(change: Readonly<{ pools?: readonly PoolSlot[] | null; blink?: boolean | null }>): void;
  act(action: PlantAction | null): void;
}>;

function newState(miner: Miner, stand: Stand, follow: () => void): State {
  let pools: readonly PoolSlot[] = threePools(stand.pools);
  let blink = false;
  return {
    stand,
    device() {
      const look = stand.floor.look(miner.miner);
      const wallS = Math.floor(stand.siteClock.wallMs() / 1_000);
      return look ? { look, address: miner.address, pools, blink, wallS } : null;
    },
    set(change) {
      pools = change.pools ?? pools;
      blink = change.blink ?? blink;
    },
    act(action) {
      if (action === null) return;
      stand.floor.order(miner.miner, action);
      // Not before the reply is written: a port that refuses drops what is open on it.
      setImmediate(follow);
    },
  };
}

const passwordOf = (account: Account, { look }: Device): Account =>
  look.password === 'known' ? account : { ...account, password: account.password + OTHER };

function antminerWeb({ stand, device, set, act }: State): (request: WebRequest) => WebAnswer {
  const nonces: string[] = [];
  const refuse = (): WebAnswer => {
    const nonce = Array.from({ length: 32 }, () => Math.floor(stand.random() * 16).toString(16)).join('');
    nonces.push(nonce);
    nonces.splice(0, Math.max(0, nonces.length - NONCES_KEPT));
    const headers = { 'WWW-Authenticate': challenge(nonce), 'Content-Type': 'text/html' };
    return { status: 401, headers, body: '<html><body><h1>401 - Unauthorized</h1></body></html>' };
  };
  return (request) => {
    const now = device();
    if (now === null || now.look.line.web !== 'open') return 'close';
    const account = passwordOf(stand.accounts['antminer-stock'], now);
    if (!authorised(request, account, (nonce) => nonces.includes(nonce))) return refuse();
    const { status, body, action, ...change } = page(now, request);
    set(change);
    act(action);
    if (status === null) return 'close';
    const delayMs = change.pools === null ? 0 : stand.confWriteMs;
    return { status, headers: { 'Content-Type': 'application/json' }, body, delayMs };
  };
}

function antminerApi({ device }: State): RpcAnswer {
  return (request) => {
    const now = device();
    if (now === null) return null;
    return request === null ? antminerRpc.invalidJson(now) : antminerRpc.answer(now, request);
  };
}

function whatsminer({ stand, device, set, act }: State): RpcAnswer {
  const salt = saltOf(stand.random);
  let known: ReturnType<typeof keysOf> | null = null;
  const keys = () => {
    const now = device();
    const account = stand.accounts['whatsminer-v2'];
    known ??= keysOf((now ? passwordOf(account, now) : account).password, salt);
    return known;
  };
  const tokens = newTokens(keys, stand.random);
  return (request, client) => {
    const now = device();
    if (now === null) return null;
    if (request === null) return whatsminerRpc.invalidJson(now);
    const session = { keys, tokens, client, salt, monoMs: stand.realClock.monoMs() };
    const { reply, action, blink } = whatsminerRpc.answer(now, session, request);
    set({ blink });
    act(action);
    return reply;
  };
}
