import type { PortName } from '../../config/site.ts';
import type { Random } from '../../shared/random.ts';
import type { PlantAction } from '../plant/fault.ts';
import type { Look } from '../plant/look.ts';
import type { Device, PoolSlot } from './device.ts';
import type { Reply, Request } from './envelope.ts';

/** What a virtual miner of one firmware is: everything of it that can be told without touching a socket. */
export type Family = Readonly<{
  /** As the site file names it. */
  family: string;
  /** The login that it wants where `Accounts` does not say otherwise. */
  account: Account;
  /** The doors of one device. Called once for each; what they remember of it (sessions, nonces) lives in them. */
  doors(bench: Bench): readonly Door[];
}>;

export type Account = Readonly<{ user: string; password: string }>;

/** What one device has of the world: chance, time, and the operator's settings. */
export type Bench = Readonly<{
  random: Random;
  /** Real time, for the lives of tokens and sessions. */
  monoMs(): number;
  /** The login that this device wants now: another than the known one while it has the fault `auth`. */
  account(device: Device): Account;
  /** Real time that a written configuration takes to be answered, where the family is slow at that. */
  confWriteMs: number;
  /** Its badge: a site file may name a build in it, where one family has several with other doors. */
  model: string;
}>;

/** A port on which it listens, and what it says there. */
export type Door = Knock &
  (
    | Readonly<{ speaks: 'rpc'; answer: Answerer<Request | null, RpcSaid> }>
    | Readonly<{ speaks: 'http'; answer: Answerer<WebRequest, WebReply> }>
    /** JSON texts behind four bytes of length. */
    | Readonly<{ speaks: 'v3'; answer: Answerer<string, Reply> }>
    /** HTTP/2 without TLS; another path than these is UNIMPLEMENTED. */
    | Readonly<{ speaks: 'grpc'; paths: readonly string[]; answer: Answerer<Call, CallReply> }>
  );

/** One call over gRPC, its message as it came. */
export type Call = Readonly<{ path: string; authorization: string | null; message: Uint8Array }>;
export type CallReply =
  | Readonly<{ message: Uint8Array }>
  | Readonly<{ refuses: 'UNAUTHENTICATED' | 'INVALID_ARGUMENT'; why: string }>;

/** A text goes out as it is; a reply in the dialect of the request. */
export type RpcSaid = Reply | string;

type Knock = Readonly<{
  /** The miner's `ports` in the site file may put it elsewhere. */
  port: PortName;
  /** Whose line of the plant it hangs on: `api` goes down with the mining process, `web` with the whole device. */
  side: 'web' | 'api';
  /** Opened only where the site file names its port, and only on devices of which this is true. */
  optional?: (look: Look) => boolean;
}>;

export const DEFAULT_PORTS: Readonly<Record<PortName, number>> = {
  http: 80,
  rpc: 4_028,
  v3: 4_433,
  grpc: 50_051,
  alt: 8_080,
};

/** `client` is the address that asks. A request that is null was neither JSON nor a text command. */
export type Answerer<Asked, Said> = (device: Device, asked: Asked, client: string) => Outcome<Said>;

/** What one request comes to. */
export type Outcome<Said> = Readonly<{
  /** null: the connection closes without an answer. */
  reply: Said | null;
  /** What it does to the plant. */
  action?: PlantAction | null;
  /** How long that waits, in site time; default: not at all. */
  afterMs?: number;
  /** What it changes of the device's own settings. */
  change?: Change;
}>;

export type Change = Readonly<{
  pools?: readonly PoolSlot[] | null;
  blink?: boolean | null;
  powerLimitW?: number | null;
}>;

export type WebRequest = Readonly<{
  method: string;
  /** Path and query as they came; `path` alone has no query. */
  uri: string;
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}>;

export type WebReply = Readonly<{
  status: number;
  headers?: Readonly<Record<string, string | readonly string[]>>;
  body: string;
  delayMs?: number;
}>;

export const jsonReply = (value: unknown, status = 200): WebReply => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});

/** A page whose text says what it is: the banner by which a scan knows the firmware. */
export const htmlReply = (body: string, status = 200): WebReply => ({
  status,
  headers: { 'Content-Type': 'text/html' },
  body,
});

/** With a wrong password nothing equals it; no user has one. */
const OTHER = '-changed';

export const accountNow = (account: Account, { password }: Look): Account =>
  password === 'known' ? account : { ...account, password: account.password + OTHER };
