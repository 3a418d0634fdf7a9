import { WebSocket } from 'ws';
import type { Endpoint } from '../../config/site.ts';
import type { Command, JournalEntry } from '../../shared/command.ts';
import { type Frame, parseFrame, printFrame } from '../../shared/frame.ts';
import type {
  AgentHello,
  ControllerHello,
  LinkVerdict,
  OutboxRecord,
  RecordBody,
  Welcome,
} from '../../shared/messages.ts';
import { signProof } from '../../shared/proof.ts';
import type { Sighting } from '../../shared/sighting.ts';
import type { Keys } from './fixture.ts';

export type Closed = Readonly<{ code: number; reason: string }>;

/** A socket to the controller that speaks frames, and nothing by itself. */
export type Speaker = Readonly<{
  socket: WebSocket;
  send(frame: Frame): void;
  call(action: string, payload: unknown): Promise<unknown>;
  onCall(answer: (action: string, payload: unknown) => unknown): void;
  closed: Promise<Closed>;
  sends: readonly Extract<Frame, { is: 'send' }>[];
}>;

export async function speak(
  at: Endpoint,
  protocols: string | readonly string[] = 'relight.v1',
  headers = {},
): Promise<Speaker> {
  const socket = new WebSocket(`ws://${at.host}:${at.port}/agent`, protocols as string, {
    perMessageDeflate: false,
    headers,
  });
  const waiting = new Map<string, { resolve(value: unknown): void; reject(error: Error): void }>();
  const sends: Extract<Frame, { is: 'send' }>[] = [];
  let answer: ((action: string, payload: unknown) => unknown) | null = null;
  let ids = 0;
  const send = (frame: Frame): void => socket.send(printFrame(frame));
  const closed = new Promise<Closed>((resolve) => {
    socket.once('close', (code, reason) => {
      for (const { reject } of waiting.values()) reject(new Error(`closed ${code}`));
      resolve({ code, reason: reason.toString() });
    });
  });
  socket.on('message', (data) => {
    const parsed = parseFrame(data.toString());
    if (!parsed.ok) throw new Error(`the controller sent no frame: ${data.toString().slice(0, 100)}`);
    const { frame } = parsed;
    if (frame.is === 'send') sends.push(frame);
    if (frame.is === 'call' && answer !== null) {
      const payload = answer(frame.action, frame.payload);
      if (payload !== undefined) send({ is: 'result', id: frame.id, payload });
    }
    if (frame.is === 'result') waiting.get(frame.id)?.resolve(frame.payload);
    if (frame.is === 'error') waiting.get(frame.id)?.reject(new Error(`${frame.code}: ${frame.description}`));
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  return {
    socket,
    send,
    sends,
    closed,
    call(action, payload) {
      ids += 1;
      const id = `t-${ids}`;
      const done = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
      done.catch(() => {});
      send({ is: 'call', id, action, payload });
      return done;
    },
    onCall: (run) => {
      answer = run;
    },
  };
}

export const hello = (keys: Keys, of: Partial<AgentHello> = {}): AgentHello => ({
  protocol: 'relight.v1',
  agent: keys.agent,
  site: 'site-1',
  nonce: 'bm9uY2U=',
  bootEpoch: 1,
  software: 'test',
  capabilities: 0,
  wallMs: 0,
  monoMs: 0,
  lastSeq: 0,
  queued: 0,
  attempts: 0,
  ...of,
});

/** Proves itself; returns what the controller said. */
export async function greet(
  speaker: Speaker,
  keys: Keys,
  of: Partial<AgentHello> = {},
): Promise<Readonly<{ welcome: Welcome; back: ControllerHello }>> {
  const sent = hello(keys, of);
  const back = (await speaker.call('hello', sent)) as ControllerHello;
  const challenge = {
    agent: sent.agent,
    controller: back.controller,
    agentNonce: sent.nonce,
    controllerNonce: back.nonce,
    siteEpoch: back.siteEpoch,
  };
  const welcome = (await speaker.call('proof', { signature: signProof('agent', challenge, keys.key) })) as Welcome;
  return { welcome, back };
}

export const verdict = (of: Partial<LinkVerdict> = {}): LinkVerdict => ({
  uplink: 'isp-1',
  state: 'RESTORED',
  label: null,
  whyNot: null,
  lossAlarm: false,
  sinceMs: 0,
  holdRemainingMs: null,
  ageMs: 0,
  evidence: [],
  ...of,
});

export const down = (): LinkVerdict => verdict({ state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'dns.timeout' });

/** What an agent keeps over its connections: its journal and its numbering. */
export type Memory = {
  seq: number;
  stateRev: number;
  journal: Map<string, JournalEntry>;
  orders: Command[];
  calls: string[];
};
export const newMemory = (): Memory => ({ seq: 0, stateRev: 0, journal: new Map(), orders: [], calls: [] });

export type TestAgent = Readonly<{
  speaker: Speaker;
  welcome: Welcome;
  back: ControllerHello;
  report(of: Readonly<{ verdicts?: readonly LinkVerdict[]; sightings?: readonly Sighting[]; full?: boolean }>): void;
  /** One batch of new records; resolves with the acknowledged seq. */
  record(...bodies: RecordBody[]): Promise<number>;
  /** Writes an order's new state into the journal and reports it. */
  journal(command: Command, state: JournalEntry['state'], of?: Partial<JournalEntry>): Promise<number>;
}>;

export type AgentOptions = Readonly<{
  keys: Keys;
  memory?: Memory;
  bootEpoch?: number;
  onOrder?(agent: TestAgent, command: Command): void;
}>;

/** A small agent that was written by hand: takes orders into its journal, and does with them what the test says. */
export async function linkAgent(
  at: Endpoint,
  { keys, memory = newMemory(), bootEpoch = 1, onOrder }: AgentOptions,
): Promise<TestAgent> {
  const speaker = await speak(at);
  const entries = (cmdIds: readonly string[]): JournalEntry[] =>
    cmdIds.flatMap((id) => {
      const entry = memory.journal.get(id);
      return entry === undefined ? [] : [entry];
    });
  speaker.onCall((action, payload) => {
    memory.calls.push(action);
    if (action !== 'command') return { entries: entries((payload as { cmdIds: string[] }).cmdIds) };
    const { command } = payload as { command: Command };
    memory.orders.push(command);
    const known = memory.journal.get(command.cmdId) ?? null;
    if (known === null) {
      memory.journal.set(command.cmdId, entryOf(command, 'RECEIVED'));
      queueMicrotask(() => onOrder?.(agent, command));
    }
    return { taken: known === null, entry: known };
  });
  const { welcome, back } = await greet(speaker, keys, { bootEpoch });
  // One batch in flight, as the link asks for.
  let batches: Promise<number> = Promise.resolve(0);
  const batch = async (bodies: readonly RecordBody[]): Promise<number> => {
    const records = bodies.map((body): OutboxRecord => {
      memory.seq += 1;
      return { seq: memory.seq, atMs: 0, ageMs: 0, queued: false, body };
    });
    const ack = (await speaker.call('records', { bootEpoch, records })) as { ackedSeq: number };
    return ack.ackedSeq;
  };
  const agent: TestAgent = {
    speaker,
    welcome,
    back,
    report({ verdicts = [], sightings = [], full = false }) {
      memory.stateRev += 1;
      const payload = { stateRev: memory.stateRev, full, verdicts, vitals: null, sightings };
      speaker.send({ is: 'send', id: `s-${memory.stateRev}`, action: 'state', payload });
    },
    record(...bodies) {
      batches = batches.catch(() => 0).then(() => batch(bodies));
      return batches;
    },
    journal(command, state, of = {}) {
      const entry = { ...entryOf(command, state), ...of };
      memory.journal.set(command.cmdId, entry);
      return agent.record({ kind: 'journal', entry });
    },
  };
  return agent;
}

export const entryOf = (command: Command, state: JournalEntry['state']): JournalEntry => ({
  cmdId: command.cmdId,
  restart: command.restart,
  miner: command.miner,
  action: command.action,
  state,
  notExecuted: null,
  result: state === 'DONE' ? 'sent' : null,
  detail: null,
  uptimeS: null,
  atMs: 0,
});
