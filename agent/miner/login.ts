import type { Json } from './json.ts';
import type { Credential, HttpOrder } from './link.ts';
import type { Opened } from './session.ts';
import type { HttpReply } from './transport/exchange.ts';

/**
 * Sessions of a family that gives out tokens or cookies. Opened at the first request that needs one, used for all that
 * follow, opened once more where the device says that it ran out, and given back at the end.
 */
export type Login = Readonly<{
  /** `call` makes a request as it is, without a session. Never throws. */
  open(call: (order: HttpOrder) => Promise<HttpReply>, credential: Credential): Promise<Opened>;
  /** What goes with every request of the session. */
  headers(session: string): Readonly<Record<string, string>>;
  /** The reply that means "log in again"; left out = HTTP 401. */
  ranOut?(reply: Extract<HttpReply, { ok: true }>): boolean;
  /** Gives the session back, for devices that have only few. */
  close?: HttpOrder;
}>;

/** What a family speaks over gRPC. */
export type GrpcApi = Readonly<{
  /** Declarations in proto3, one text a package: messages, and the services whose methods have them. */
  messages: readonly string[];
  /** As above; left out = it asks for no session. */
  login?: Readonly<{
    path: string;
    request(credential: Credential): Readonly<Record<string, Json>>;
    /** null: an answer without a session. */
    session(reply: Json): string | null;
    /** What goes with every call of the session. */
    metadata(session: string): Readonly<Record<string, string>>;
  }>;
}>;
