import type { PortName } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { millis } from '../../shared/units.ts';
import { type Device, strange } from './device.ts';
import type { Target } from './reading.ts';
import type { Broken, HttpReply } from './transport/exchange.ts';
import { callHttp, type HttpCall } from './transport/http.io.ts';
import { callTls } from './transport/tls.io.ts';
import { tlsHint, type Way } from './way.ts';

/** A port that only looks as if it wanted TLS is not tried with every request. */
const TRY_AGAIN_MS = 10 * 60_000;

export type WayCall = Readonly<{
  device: Device;
  call: HttpCall;
  /** A first request with a body may carry a password: one without goes before it, to learn the way. */
  lookFirst: boolean;
  /** An order: where it only looks as if TLS were wanted, no second connection is made for it. */
  order?: boolean | undefined;
  /** Tried where the port refuses; null = nowhere. */
  securePort: number | null;
  /** Runs each connection, when the one before has been closed for long enough. */
  each<T>(connection: () => Promise<T>): Promise<T>;
}>;

export const SECURE_PORT = 443;

type PageCall = Omit<WayCall, 'securePort'> &
  Readonly<{
    target: Pick<Target, 'ports'>;
    name: PortName;
    /** Firmware of the family may answer over TLS alone. */
    tls: boolean;
  }>;

/** `callWay` for the ports on which devices have pages; the RPC port closes without a word for reasons of its own. */
export function callPage({ target, name, tls, ...options }: PageCall): Promise<HttpReply> {
  if (name !== 'http' && name !== 'alt') return options.each(() => callHttp(options.call));
  // Where the site file names a port, that one is meant.
  const standard = tls && name === 'http' && target.ports.http === undefined;
  return callWay({ ...options, securePort: standard ? SECURE_PORT : null });
}

/** What is not sent while it is doubted who would get it. */
export const DOUBTED: Broken = {
  ok: false,
  sent: false,
  why: 'unidentified',
  detail: 'another device may answer at this address: it is identified first',
};

/**
 * One request to a device that answers over plain HTTP or over TLS, whichever; which of them is remembered on `device`.
 * INVARIANTS: a device that answers in plain text costs no connection beyond the request's own, but one before the first
 * body where `lookFirst` says so, and one in ten minutes where it closes without a word; a request is sent over TLS after
 * plain text only where the device has not taken the first; never to another host; and never to another certificate than
 * the one before.
 */
export async function callWay(options: WayCall): Promise<HttpReply> {
  const { device, call } = options;
  const way = device.ways.get(call.port);
  if (way?.tls) return overTls(options, way);
  if (way === undefined && options.lookFirst && call.body !== null) {
    const first = await callWay({ ...options, call: bare(call) });
    // What has no answer for anybody is not sent a password.
    return first.ok ? callWay({ ...options, lookFirst: false }) : first;
  }
  return inPlain(options, way?.triedMs ?? null);
}

const bare = (call: HttpCall): HttpCall => ({ ...call, method: 'GET', path: '/', headers: {}, body: null });

async function inPlain(options: WayCall, triedMs: number | null): Promise<HttpReply> {
  const { device, call, securePort, each } = options;
  const untilMs = realClock.monoMs() + call.timeoutMs;
  const reply = await each(() => callHttp(call));
  const hint = tlsHint(reply, { ...call, securePort });
  if (hint === null) {
    if (reply.ok) device.ways.set(call.port, { tls: false, triedMs });
    return reply;
  }
  const timeoutMs = millis(untilMs - realClock.monoMs());
  const maybe = !hint.sure && (options.order || isRecent(triedMs));
  if (timeoutMs < 1 || maybe) return reply;
  const secured = await each(() => callTls({ ...call, port: hint.port, timeoutMs }, null));
  if (secured.certificate === null) {
    // What wants TLS, and speaks none that we do, is not asked in plain text all the same.
    if (hint.sure && !secured.reply.ok) return secured.reply;
    if (secured.reply.ok || GOES_BY.has(secured.reply.why)) return broken(reply, secured.reply);
    device.ways.set(call.port, { tls: false, triedMs: realClock.monoMs() });
    return reply;
  }
  device.ways.set(call.port, { tls: true, port: hint.port, certificate: secured.certificate, triedMs: null });
  return reply.ok ? withLocation(secured.reply, reply.location) : secured.reply;
}

const isRecent = (triedMs: number | null): boolean => triedMs !== null && realClock.monoMs() - triedMs < TRY_AGAIN_MS;

/** A device that is just starting: whether it speaks TLS is not known yet. */
const GOES_BY: ReadonlySet<Broken['why']> = new Set(['silent', 'refused']);

/** The handshake's failure, but where nobody listens for TLS; the plain request may have been taken all the same. */
function broken(plain: HttpReply, secured: HttpReply): HttpReply {
  if (secured.ok || secured.why === 'refused') return plain;
  return { ...secured, sent: !plain.ok && plain.sent };
}

/** Where a device redirects to is a sign of what it is. */
const withLocation = (reply: HttpReply, location: string | undefined): HttpReply =>
  reply.ok ? { ...reply, location: reply.location ?? location } : reply;

async function overTls(options: WayCall, way: Extract<Way, { tls: true }>): Promise<HttpReply> {
  const { device, call, securePort, each } = options;
  const { reply, stranger, plain } = await each(() => callTls({ ...call, port: way.port }, way.certificate));
  if (stranger || plain) {
    strange(device);
    return plain ? NO_TLS : reply;
  }
  const nobody = !reply.ok && !reply.sent && (reply.why === 'refused' || reply.why === 'silent');
  if (!nobody || options.order || way.port === call.port || isRecent(way.triedMs)) return reply;
  if (reply.why === 'silent') device.ways.set(call.port, { ...way, triedMs: realClock.monoMs() });
  // It may have firmware now that answers in plain text. That is asked without anything that is worth keeping.
  const look = await each(() => callHttp(bare(call)));
  const hint = tlsHint(look, { ...call, securePort });
  if (hint !== null && hint.port !== way.port) device.ways.delete(call.port);
  if (!look.ok || hint !== null) return reply;
  strange(device);
  return NO_TLS;
}

const NO_TLS: Broken = {
  ok: false,
  sent: false,
  why: 'unidentified',
  detail: 'it spoke TLS before, and does not now: another device, or other firmware',
};
