import type { PortName, Ports } from '../../config/site.ts';
import type { MinerSnapshot, MiningState, OtherRates } from '../../shared/snapshot.ts';
import type { BoardDetail } from './boards.ts';
import type { Json } from './json.ts';
import type { ActAnswer, Link } from './link.ts';
import type { GrpcApi, Login } from './login.ts';
import type { Read } from './normalise.ts';
import type { MinerAction, OrderOf } from './order.ts';

type Common = Readonly<{
  /** Unique in the family; what `partial` and logs call this read. */
  name: string;
  /** For how long a reply may serve later readings; left out = never. For what does not change while it runs. */
  keepMs?: number;
  /** Rearranges a reply once, so that several generations of firmware are read by one reader. */
  shape?: (reply: Json) => Json;
  /** False for a reply that is plainly of another family: the device at this address has changed. */
  ours?: (reply: Json) => boolean;
  /** Asked only where the first of these that is not absent answers; else counts as absent. For APIs of one generation. */
  needs?: readonly Query[];
  /** Not asked where one of these was asked and answered: counts as absent then. For an older API of the same. */
  unless?: readonly Query[];
  /** Only tells whether an API is there: that nobody speaks it is remembered as long as that a page is absent. */
  sign?: true;
}>;
/** A page of the device, with its digest challenge answered, or within a session where the family has a `login`. */
export type HttpQuery = Common &
  Readonly<{
    via: 'http';
    path: string;
    /** GET where left out. */
    method?: HttpMethod;
    /** Sent as JSON. */
    body?: Json;
    /** Sent as a form; never together with `body`. */
    form?: Readonly<Record<string, string>>;
    /** `http` where left out: some families have their pages elsewhere. */
    port?: PortName;
    /** Answered to anybody: no session is opened, and no password needed. */
    open?: boolean;
    /** Not JSON: the reply is the page's text. */
    text?: true;
    /**
     * On a port that most firmware of the family has not. Where nobody speaks there, that counts as a page that is absent,
     * for all pages of the port; it says nothing of the device, and nothing is missing for it.
     */
    extra?: true;
  }>;
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** One command on the cgminer-like port; a text goes out as it is, for firmware that knows no JSON. */
export type RpcQuery = Common & Readonly<{ via: 'rpc'; request: Readonly<Record<string, Json>> | string }>;
/** One length-prefixed command on Whatsminer's port of API V3. */
export type FrameQuery = Common & Readonly<{ via: 'v3'; request: Readonly<Record<string, Json>> }>;
/** One call over gRPC, whose messages the driver's `grpc` declares. */
export type GrpcQuery = Common &
  Readonly<{
    via: 'grpc';
    /** `/package.Service/Method`. */
    path: string;
    /** By the names of the request's message; empty where left out. */
    request?: Readonly<Record<string, Json>>;
    /** Answered to anybody: no session is opened, and no password needed. */
    open?: boolean;
  }>;
export type Query = HttpQuery | RpcQuery | FrameQuery | GrpcQuery;

/** Where a value stands: the first query of `ask` whose reply gives one. */
export type Source<T> = Readonly<{
  ask: Query | readonly Query[];
  read: Read<T>;
  /** Read it only from replies that others needed anyway: never worth a request of its own. */
  inPassing?: boolean;
}>;
/** Sources in the order in which they are believed. */
export type Field<T> = Source<T> | readonly Source<T>[];

/** What a driver may know: fields of the snapshot, and facts from which its mining state follows. */
export type Values = Readonly<{
  uptimeS: number;
  deviceUptimeS: number;
  hashrateThs: number;
  hashrateAvgThs: number;
  hashrateNominalThs: number;
  powerW: number;
  powerLimitW: number;
  inletTempC: number;
  outletTempC: number;
  mac: string;
  serial: string;
  hostname: string;
  model: string;
  firmwareVersion: string;
  apiVersion: string;
  algorithm: string;
  controlBoard: string;
  /** Rates of an algorithm that is not counted in TH/s; the `…Ths` fields are then left out. */
  otherRates: OtherRates;
  fans: MinerSnapshot['fans'];
  boards: MinerSnapshot['boards'];
  /** What another page than that of `boards` says of them, such as serials and chips: fills what is null there. */
  boardDetails: readonly BoardDetail[];
  /** The same of a third page and a fourth, where a family has a board's temperatures and serials elsewhere again. */
  boardTemps: readonly BoardDetail[];
  boardSerials: readonly BoardDetail[];
  pools: MinerSnapshot['pools'];
  /** Of all pools together, for `joined` of a family whose page of pools does not count them. */
  shares: Readonly<{ accepted: number | null; rejected: number | null }>;
  errors: MinerSnapshot['errors'];
  /** Told beside `errors`: boards that the statistics show to be gone. */
  gaps: MinerSnapshot['errors'];
  locating: boolean;
  /** The device's own word for what it does, in ours; believed before all that is concluded from figures. */
  state: MiningState;
  /** The family's own sleep flag. */
  asleep: boolean;
  /** Hashes at any rate, in any unit; left out = where `hashrateThs` is above 0. */
  working: boolean;
  /** Ramp and tuning are over. */
  ready: boolean;
  /** The device reports a fault that stops hashing. */
  faulty: boolean;
}>;
export type FieldName = keyof Values;
/** What was found of them; a name that is missing is unknown. */
export type Told = Readonly<Partial<Values>>;
export type Fields = { readonly [K in FieldName]?: Field<Values[K]> };

/**
 * Signs of a family in a device's answers; `row` is the line of the fact sheet's tables (1.2), checked in that order.
 * `rpc`: in a reply on the cgminer-like port, upper-cased. `realm`: of the page's challenge. `body`: in the page itself.
 * `says`: in the answer to a query of the family's own (a page or a frame), which is only asked where nothing else tells,
 * or where the page is one that other firmware keeps.
 */
export type Match = Readonly<{ row: number }> &
  (
    | Readonly<{ rpc: RegExp }>
    | Readonly<{ realm: RegExp }>
    | Readonly<{ body: RegExp }>
    | Readonly<{ ask: HttpQuery | FrameQuery; says: RegExp }>
  );

export type Act<K extends MinerAction = MinerAction> = (link: Link, order: OrderOf<K>) => Promise<ActAnswer>;

/** One firmware family. What it cannot do has no key: absent means unsupported. */
export type DriverDefinition = Readonly<{
  family: string;
  make: string;
  /** The firmware's name as operators know it: "stock", "Braiins OS". */
  firmware: string;
  match: readonly Match[];
  /** Where this family's ports are not the usual ones. */
  ports?: Ports;
  /** Its firmware may answer over TLS alone: where port 80 refuses, 443 is tried, and both before a password is sent. */
  tls?: true;
  /**
   * The least real time from one whole reading to the next, for devices that many questions bring down; left out = as the
   * agent's own interval has it. Orders, and the readings around them, do not wait for it.
   */
  restMs?: number;
  /** The only digest realm that our password is an answer for. */
  realm?: RegExp;
  /** How a family that wants a session gives one; digest needs nothing here. */
  login?: Login;
  /** The messages of a family that is asked over gRPC, and how it gives a session there. */
  grpc?: GrpcApi;
  /** Asked when the device is awake without a rate, and its pages alone do not tell whether its process runs. */
  process?: RpcQuery;
  /** A page that answers while the mining process is down. */
  page?: HttpQuery;
  fields: Fields;
  /** What only several pages together tell: an algorithm that follows from the model, and rates that follow it. */
  joined?: (told: Told) => Told;
  actions: { readonly [K in MinerAction]?: Act<K> };
  /** How long after the act its effect may take to show, from the fact sheet's 18.1. Same keys as `actions`. */
  graceMs: { readonly [K in MinerAction]?: number };
}>;
