import type { ActResult } from '../../shared/command.ts';
import type { GrpcQuery, HttpQuery, Query } from './driver.ts';
import type { Json } from './json.ts';

/** Why a query gave no reply. The last four are answers of their own, not failures of the line. */
export type Fault =
  | 'silent'
  | 'refused'
  | 'closed_early'
  | 'garbage'
  | 'auth_failed'
  | 'no_credentials'
  | 'unidentified'
  | 'denied'
  | 'absent'
  | 'process_down';

/** `repaired`: the reply was not JSON and could be mended as the fact sheet says. */
export type Answer =
  | Readonly<{ ok: true; reply: Json; repaired: boolean }>
  | Readonly<{ ok: false; why: Fault; detail: string; gone?: true; exhausted?: true; unasked?: true }>;

export type ActAnswer = Readonly<{ result: ActResult; detail: string | null }>;

/** `since`: when it was set, where that is known. Set again, it is another, also with the same words. */
export type Credential = Readonly<{ user: string; password: string; since?: string }>;

/** `auth_failed` says on the wire that it wants another login; in words this is another thing than one that it refuses. */
export const NO_PASSWORD = 'no password is configured for this miner';

/** What the line itself made of a write. `sent: false`: the device never had it. */
export type Delivery =
  | Readonly<{ ok: true; reply: Json | null; text: string }>
  | Readonly<{ ok: false; sent: boolean; why: Fault; detail: string }>;

type OfReads = 'keepMs' | 'shape' | 'ours' | 'needs' | 'unless' | 'sign';
export type HttpOrder = Omit<HttpQuery, OfReads> &
  Readonly<{
    timeoutMs: number;
    /** For pages that take JSON only where it is not called that (fact sheet 3.4). */
    plain?: boolean;
  }>;

export type GrpcOrder = Omit<GrpcQuery, OfReads> & Readonly<{ timeoutMs: number }>;

/** The way to one device: one request at a time, spaced, bounded. Never throws. */
export type Link = Readonly<{
  credential: Credential | null;
  ask(query: Query): Promise<Answer>;
  /** A write over HTTP. */
  order(order: HttpOrder): Promise<Delivery>;
  /** Text for the RPC port, as it is. */
  say(text: string, timeoutMs: number): Promise<Delivery>;
  /** One command for the port of Whatsminer's API V3. */
  frame(request: Readonly<Record<string, Json>>, timeoutMs: number): Promise<Delivery>;
  /** A write over gRPC; `reply` has the names of its message. */
  call(order: GrpcOrder): Promise<Delivery>;
  /** Real time. */
  pause(delayMs: number): Promise<void>;
  monoMs(): number;
  /** What a family keeps between acts, such as a token; gone when the device at this address changes. */
  kept: { session: unknown };
}>;

/** What a delivery means where the device's words need no reading. */
export function actAnswer(delivery: Delivery): ActAnswer {
  if (delivery.ok) return { result: 'sent', detail: null };
  const { why, detail } = delivery;
  if (why === 'auth_failed' || why === 'no_credentials') return { result: 'auth_failed', detail };
  if (why === 'absent') return { result: 'unsupported', detail };
  if (why === 'denied' || why === 'unidentified' || why === 'process_down') return { result: 'refused', detail };
  // A reboot often takes the line down before the answer is out; only what never left is surely without effect.
  return delivery.sent ? { result: 'no_reply', detail } : { result: 'refused', detail: `${detail}; nothing was sent` };
}
