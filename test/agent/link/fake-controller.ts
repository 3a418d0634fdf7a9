import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AgentHello } from '../../../shared/messages.ts';
import { proofHolds, publicKeyText, signProof } from '../../../shared/proof.ts';

/** What a test lets this controller do otherwise than it should. */
export type Manners = {
  /** Answers the HTTP upgrade with this status instead. */
  upgrade?: { status: number; retryAfter?: string };
  sign?: (challenge: Parameters<typeof signProof>[1], key: KeyObject) => string;
  /** Closes in place of the welcome. */
  refuse?: { code: number; reason: string };
  ackedSeq?: number;
  credit?: number;
  /** Answers to `records`, in place of acknowledging all. */
  onRecords?: (payload: { bootEpoch: number; records: { seq: number }[] }) => unknown;
  heartbeatMs?: number;
  slotMs?: number;
  nonce?: string;
  siteEpoch?: number;
};

export type Heard = readonly [type: number, id: string, ...rest: unknown[]];

/** A controller as small as the protocol allows, without any of our controller's code. */
export async function startFakeController(key: KeyObject = generateKeyPairSync('ed25519').privateKey) {
  const manners: Manners = {};
  const heard: Heard[] = [];
  const closes: { code: number; reason: string }[] = [];
  const sockets: WebSocket[] = [];
  let connections = 0;
  let agentKey: string | null = null;
  let notify = (): void => {};

  const server = createServer();
  const websockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'relight.v1', autoPong: true });
  server.on('upgrade', (request, socket, head) => {
    connections += 1;
    if (manners.upgrade) {
      const { status, retryAfter } = manners.upgrade;
      const header = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`;
      socket.end(`HTTP/1.1 ${status} No\r\n${header}Content-Length: 0\r\n\r\n`);
      notify();
      return;
    }
    websockets.handleUpgrade(request, socket, head, accept);
  });

  function accept(socket: WebSocket): void {
    sockets.push(socket);
    let hello: AgentHello;
    const nonce = manners.nonce ?? randomBytes(32).toString('base64');
    const siteEpoch = manners.siteEpoch ?? 3;
    const challenge = () => ({
      agent: hello.agent,
      controller: publicKeyText(key),
      agentNonce: hello.nonce,
      controllerNonce: nonce,
      siteEpoch,
    });
    const result = (id: string, payload: unknown): void => socket.send(JSON.stringify([3, id, payload]));
    const answers: Record<string, (id: string, payload: never) => void> = {
      hello(id, payload) {
        hello = payload;
        const signature = (manners.sign ?? ((of, by) => signProof('controller', of, by)))(challenge(), key);
        result(id, {
          controller: publicKeyText(key),
          nonce,
          signature,
          siteEpoch,
          wallMs: 0,
          monoMs: 0,
          reconnectSlotMs: manners.slotMs ?? 0,
          heartbeatMs: manners.heartbeatMs ?? 25_000,
        });
      },
      proof(id, payload: { signature: string }) {
        if (manners.refuse) return socket.close(manners.refuse.code, manners.refuse.reason);
        const holds = agentKey !== null && proofHolds('agent', challenge(), { publicKey: agentKey, ...payload });
        if (!holds) return socket.close(4401, 'UNKNOWN_KEY');
        result(id, { status: 'accepted', ackedSeq: manners.ackedSeq ?? 0, credit: manners.credit ?? 200 });
      },
      records(id, payload: { bootEpoch: number; records: { seq: number }[] }) {
        const acked = Math.max(0, ...payload.records.map(({ seq }) => seq));
        result(id, manners.onRecords?.(payload) ?? { ackedSeq: acked, credit: 200 });
      },
    };
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString()) as Heard;
      heard.push(frame);
      const [type, id, action, payload] = frame;
      if (type === 2) answers[String(action)]?.(id, payload as never);
      notify();
    });
    socket.on('close', (code, reason) => {
      closes.push({ code, reason: reason.toString() });
      notify();
    });
    notify();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  /** Resolves as soon as the condition holds; looked at after everything that happens here. */
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      notify = () => {
        if (!condition()) return;
        notify = () => {};
        resolve();
      };
      notify();
    });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/agent`,
    publicKey: publicKeyText(key),
    manners,
    heard,
    closes,
    sockets,
    connections: () => connections,
    trust(publicKey: string) {
      agentKey = publicKey;
    },
    until,
    /** Everything that was called or sent, by name. */
    actions: () => heard.filter(([type]) => type === 2 || type === 6).map(([, , action]) => String(action)),
    /** Calls the agent, and gives the frame that answers. */
    async call(action: string, payload: unknown, id = `c-${heard.length}`): Promise<Heard> {
      sockets.at(-1)?.send(JSON.stringify([2, id, action, payload]));
      const answer = (): Heard | undefined => heard.find(([type, of]) => (type === 3 || type === 4) && of === id);
      await until(() => answer() !== undefined);
      return answer() as Heard;
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type FakeController = Awaited<ReturnType<typeof startFakeController>>;
