import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Clock } from '../../shared/clock.ts';
import { type Frame, type FrameErrorCode, parseFrame } from '../../shared/frame.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import { CLOSE } from '../../shared/messages.ts';
import { type Challenge, NONCE_BYTES } from '../../shared/proof.ts';
import { type CallEnd, type Calls, createCalls } from './calls.ts';
import { challengeOf, type Greeted, type Greeter, helloBack, judgeHello, judgeProof, type Turned } from './greeting.ts';
import type { LinkHandlers, LinkLimits } from './link.ts';
import type { Refusals } from './refusals.ts';
import type { Registry } from './registry.ts';
import { openWire, type Wire } from './wire.io.ts';

/** One connection, from the upgrade to its end. */
export type Peer = Readonly<{
  call(action: string, payload: unknown): Promise<CallEnd>;
  /** Another connection of this agent has taken its place. */
  replaced(): void;
  /** We stop: says so, and when to come again. */
  goodbye(retryAfterMs: number): void;
  cut(): void;
}>;

export type PeerContext = Readonly<{
  greeter: Greeter;
  /** Of the site, for what the hello says. */
  clock: Clock;
  real: Clock;
  limits: LinkLimits;
  reconnectSlotMs: number;
  credit: number;
  handlers: LinkHandlers;
  registry: Registry<Peer>;
  refusals: Refusals;
  nextId(): string;
  log: Log;
}>;

export type PeerFrom = Readonly<{ socket: WebSocket; ip: string; proven(): void; gone(peer: Peer): void }>;

type Stage =
  | Readonly<{ is: 'silent' }>
  | Readonly<{ is: 'challenged'; greeted: Greeted; challenge: Challenge }>
  | Readonly<{ is: 'proven' }>
  | Readonly<{ is: 'accepted'; agent: AgentId }>;

type Talk = Readonly<{ context: PeerContext; from: PeerFrom; wire: Wire; calls: Calls; peer: Peer }> & {
  stage: Stage;
  /** A batch is being made durable. */
  busy: boolean;
  badMessages: number;
};

type Call = Extract<Frame, { is: 'call' }>;

const STORE_RETRY_MS = 5_000;

/** Must be called in the turn of the upgrade: whatever the peer sends from then on reaches it. */
export function attend(context: PeerContext, from: PeerFrom): Peer {
  const { limits, log, real } = context;
  const wire: Wire = openWire({
    socket: from.socket,
    ip: from.ip,
    limits,
    log,
    real,
    onText: (text) => onText(talk, text),
    onClosed: () => onClosed(talk),
  });
  const calls = createCalls({
    nextId: context.nextId,
    send: (call) => wire.send({ is: 'call', ...call }),
    after: wire.after,
    timeoutMs: limits.callTimeoutMs,
    queuedMax: limits.callsQueuedMax,
  });
  const peer = peerOf(context, { socket: from.socket, wire, calls });
  const talk: Talk = { context, from, wire, calls, peer, stage: { is: 'silent' }, busy: false, badMessages: 0 };
  wire.after(limits.proveWithinMs, () => {
    if (talk.stage.is !== 'accepted') wire.close(CLOSE.policy, `no proof within ${limits.proveWithinMs} ms`);
  });
  return peer;
}

type PeerParts = Readonly<{ socket: WebSocket; wire: Wire; calls: Calls }>;

function peerOf(context: PeerContext, { socket, wire, calls }: PeerParts): Peer {
  return {
    call: calls.call,
    replaced: () => wire.close(CLOSE.replaced, 'another connection of this agent has taken its place'),
    goodbye(retryAfterMs) {
      wire.send({ is: 'send', id: context.nextId(), action: 'goodbye', payload: { reason: 'stopping', retryAfterMs } });
      wire.close(CLOSE.goingAway, JSON.stringify({ retryAfterMs }));
    },
    cut: () => socket.terminate(),
  };
}

function onClosed({ context, from, calls, peer, stage }: Talk): void {
  calls.abandon();
  from.gone(peer);
  if (stage.is === 'accepted' && context.registry.leave(stage.agent, peer)) context.handlers.unlinked(stage.agent);
}

function onText(talk: Talk, text: string): void {
  const { stage } = talk;
  const parsed = parseFrame(text);
  if (!parsed.ok) {
    refuse(talk, parsed.id, { code: parsed.code, description: 'not a frame of this protocol' });
    // A newer agent may know more kinds of frames than we do: no fault of its own.
    if (parsed.code !== 'MessageTypeNotSupported' || stage.is !== 'accepted') bad(talk);
    return;
  }
  const { frame } = parsed;
  if (stage.is === 'accepted') return serve(talk, stage.agent, frame);
  if (frame.is === 'call' && frame.action === 'hello' && stage.is === 'silent') return onHello(talk, frame);
  if (frame.is === 'call' && frame.action === 'proof' && stage.is === 'challenged') return onProof(talk, frame, stage);
  if (frame.is === 'send' && frame.action === 'goodbye') return;
  refuse(talk, frame.id, { code: 'ProtocolError', description: 'nothing may be sent before the welcome' });
  bad(talk);
}

type Why = Readonly<{ code: FrameErrorCode; description: string; details?: unknown }>;

const refuse = ({ wire }: Talk, id: string, { code, description, details = null }: Why): void =>
  wire.send({ is: 'error', id, code, description, details });

function turnAway(talk: Talk, id: string, { close, reason, fields, unknown }: Turned): void {
  if (unknown !== undefined) talk.context.refusals.note(unknown);
  refuse(talk, id, { code: 'SecurityError', description: reason });
  talk.wire.close(close, reason, fields);
}

/** A stranger has no second try. */
function bad(talk: Talk): void {
  talk.badMessages += 1;
  const tooMany = talk.badMessages >= talk.context.limits.badMessagesMax;
  if (tooMany || talk.stage.is !== 'accepted') {
    talk.wire.close(CLOSE.policy, 'bad messages', { badMessages: talk.badMessages });
  }
}

function onHello(talk: Talk, { id, payload }: Call): void {
  const { context, wire } = talk;
  const greeted = judgeHello(context.greeter, payload);
  if (!greeted.ok) return turnAway(talk, id, greeted);
  wire.tag({ agent: greeted.agent });
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  const challenge = challengeOf(context.greeter, greeted.hello, nonce);
  talk.stage = { is: 'challenged', greeted, challenge };
  const hello = helloBack(context.greeter, challenge, {
    nonce,
    wallMs: Math.round(context.clock.wallMs()),
    monoMs: Math.round(context.clock.monoMs()),
    reconnectSlotMs: context.reconnectSlotMs,
    heartbeatMs: context.limits.heartbeatMs,
  });
  wire.send({ is: 'result', id, payload: hello });
}

type Challenged = Extract<Stage, { is: 'challenged' }>;

function onProof(talk: Talk, { id, payload }: Call, { greeted, challenge }: Challenged): void {
  const { context, from, wire } = talk;
  const turned = judgeProof(greeted, challenge, payload);
  if (turned !== null) return turnAway(talk, id, turned);
  talk.stage = { is: 'proven' };
  from.proven();
  const unreadable = (): void =>
    wire.close(CLOSE.tryAgainLater, JSON.stringify({ retryAfterMs: STORE_RETRY_MS }), { why: 'the store' });
  context.handlers
    .ackedSeq(greeted.agent, greeted.hello.bootEpoch)
    .then((ackedSeq) => accept(talk, id, { agent: greeted.agent, ackedSeq }), unreadable);
}

function accept(talk: Talk, id: string, { agent, ackedSeq }: { agent: AgentId; ackedSeq: number }): void {
  const { context, wire, peer, from } = talk;
  if (wire.closing()) return;
  talk.stage = { is: 'accepted', agent };
  context.registry.enter(agent, peer)?.replaced();
  context.refusals.forget(agent);
  wire.send({ is: 'result', id, payload: { status: 'accepted', ackedSeq, credit: context.credit } });
  context.log.info({ agent, ip: from.ip, ackedSeq }, 'agent linked');
  context.handlers.linked(agent);
}

function serve(talk: Talk, agent: AgentId, frame: Frame): void {
  const { calls, context } = talk;
  switch (frame.is) {
    case 'result':
      calls.end(frame.id, { ok: true, payload: frame.payload });
      return;
    case 'error':
      calls.end(frame.id, { ok: false, why: 'refused', detail: `${frame.code}: ${frame.description}` });
      return;
    case 'send':
      if (frame.action === 'state' && !context.handlers.state(agent, frame.payload)) bad(talk);
      return;
    case 'call':
      if (frame.action === 'records') return onRecords(talk, agent, frame);
      refuse(talk, frame.id, { code: 'NotImplemented', description: frame.action.slice(0, 64) });
  }
}

function onRecords(talk: Talk, agent: AgentId, { id, payload }: Call): void {
  if (talk.busy) return refuse(talk, id, { code: 'Busy', description: 'one batch at a time' });
  talk.busy = true;
  void talk.context.handlers.records(agent, payload).then((answer) => {
    talk.busy = false;
    if (answer.ok) return talk.wire.send({ is: 'result', id, payload: answer.ack });
    refuse(talk, id, answer);
    if (answer.malformed) bad(talk);
  });
}
