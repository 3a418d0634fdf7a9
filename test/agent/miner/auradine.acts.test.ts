import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { minersWith, password } from './page-device.ts';
import { close, open } from './replay.ts';

const miners = minersWith(password('admin', 'admin'));
const others = minersWith(password('admin', 'other'));
const nobody = minersWith({ of: () => null });
let device: Device | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), others.close(), nobody.close()]));

type Reply = Readonly<{ status?: number; says: unknown }> | null;
type Device = Readonly<{
  target: Target;
  /** `POST /led {"code":3}`; a token request without what it says. */
  heard: readonly string[];
  /** Tokens that are no longer good. */
  spent: Set<string>;
  close(): Promise<void>;
}>;
type Options = Readonly<{
  /** In place of the answer to an order that had a good token; null closes the line. */
  onOrder?: Reply;
  /** What an order without a good token gets. */
  onNoToken?: Reply;
  pools?: unknown;
}>;

const envelope = (letter: string, Msg: string, more: object = {}) => ({
  STATUS: [{ STATUS: letter, Code: 540, Msg }],
  ...more,
});
const POOLS = envelope('S', 'pools', { POOLS: [{ POOL: 0, URL: 'stratum+tcp://old.example:1', User: 'old' }] });
const RPC: Readonly<Record<string, unknown>> = {
  summary: envelope('S', 'Summary', { SUMMARY: [{ Elapsed: 900, 'MHS 5s': 1e8, 'MHS av': 1e8 }] }),
};

let count = 0;

/** FluxOS from the fact sheet's section 13: RPC for reading, REST behind a token. */
async function fluxos({ onOrder, onNoToken = { status: 401, says: '' }, pools = POOLS }: Options): Promise<Device> {
  const heard: string[] = [];
  const tokens: string[] = [];
  const spent = new Set<string>();
  const web = createWebServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const answer = (reply: Reply): void => {
      if (reply === null) return void request.socket.destroy();
      response.writeHead(reply.status ?? 200).end(JSON.stringify(reply.says));
    };
    const asked = `${request.method} ${request.url}`;
    if (asked === 'POST /token') {
      heard.push(asked);
      const { command, user, password: word } = JSON.parse(text) as Record<string, string>;
      if (command !== 'token' || user !== 'admin' || word !== 'admin')
        return answer({ says: envelope('E', 'Invalid password') });
      tokens.push(`token-${tokens.length}`);
      return answer({ says: envelope('S', 'Token', { Token: [{ Token: tokens.at(-1) }] }) });
    }
    heard.push(`${asked} ${text}`.trim());
    const token = String(request.headers.token);
    if (!tokens.includes(token) || spent.has(token)) return answer(onNoToken);
    if (request.method === 'GET') return answer({ says: envelope('S', 'fine') });
    answer(onOrder === undefined ? { says: envelope('S', 'fine') } : onOrder);
  });
  const cgminer = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const { command } = JSON.parse(data.toString()) as { command: string };
      socket.end(JSON.stringify((command === 'pools' ? pools : RPC[command]) ?? envelope('E', 'no')));
    });
  });
  const [alt, rpc] = [await open(web), await open(cgminer)];
  const target = {
    miner: minerId(`flux-${count++}`),
    address: '127.0.0.1',
    ports: { http: 1, alt, rpc },
    family: 'auradine',
  };
  return { target, heard, spent, close: async () => void (await Promise.all([close(web), close(cgminer)])) };
}

async function order(given: MinerOrder, options: Options = {}, by = miners) {
  device = await fluxos(options);
  return { answer: await by.act(device.target, given), device };
}
const orders = ({ heard }: Device) => heard.filter((one) => one.startsWith('POST') && one !== 'POST /token');
const logins = ({ heard }: Device) => heard.filter((one) => one === 'POST /token').length;

describe('an Auradine', () => {
  const pools = [{ url: 'stratum+tcp://new.example:3333', worker: 'farm.1', password: 'x' }];
  test.each<readonly [MinerOrder, string]>([
    [{ action: 'restart' }, '/restart {"command":"restart","parameter":"gcminer"}'],
    [{ action: 'reboot' }, '/restart {"command":"restart"}'],
    [{ action: 'sleep' }, '/mode {"command":"mode","sleep":"on"}'],
    [{ action: 'wake' }, '/mode {"command":"mode","sleep":"off"}'],
    [{ action: 'locate', on: true }, '/led {"command":"led","code":3}'],
    [{ action: 'locate', on: false }, '/led {"command":"led","code":2}'],
    [{ action: 'powerLimit', powerW: 3_000 }, '/mode {"command":"mode","mode":"custom","tune":"power","power":3000}'],
    [
      { action: 'pools', pools },
      '/updatepools {"command":"updatepools","pools":[{"url":"stratum+tcp://new.example:3333","user":"farm.1","pass":"x"}]}',
    ],
  ])('takes %j with the token that it gave', async (given, request) => {
    const { answer, device } = await order(given);
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(orders(device)).toEqual([`POST ${request}`]);
    expect(logins(device)).toBe(1);
  });

  test.each([
    ['HTTP 401', { status: 401, says: '' }],
    ['STATUS E', { says: envelope('E', 'Invalid token') }],
  ])('whose token has run out, told by %s, gives another one once', async (_, onNoToken) => {
    const { device } = await order({ action: 'sleep' }, { onNoToken });
    device.spent.add('token-0');
    expect((await miners.act(device.target, { action: 'wake' })).result).toBe('sent');
    expect([logins(device), orders(device).length]).toEqual([2, 3]);
  });

  test('with another password is auth_failed, and is not asked again', async () => {
    const { answer, device } = await order({ action: 'sleep' }, {}, others);
    expect(answer.result).toBe('auth_failed');
    expect((await others.act(device.target, { action: 'wake' })).result).toBe('auth_failed');
    expect([logins(device), orders(device)]).toEqual([1, []]);
    const { unreadable, snapshot } = await others.read(device.target);
    expect([unreadable, snapshot?.miningState, logins(device)]).toEqual(['auth_failed', 'unknown', 1]);
  });

  test('is ordered nothing without a password', async () => {
    const { answer, device } = await order({ action: 'sleep' }, {}, nobody);
    expect(answer.result).toBe('auth_failed');
    expect(logins(device)).toBe(0);
  });

  test.each([
    ['refused', { says: envelope('E', 'Invalid mode') }],
    ['refused', { status: 500, says: '' }],
    ['unsupported', { status: 404, says: '' }],
    ['no_reply', { says: '' }],
    ['no_reply', null],
  ])('is %s where it answers %j, and is not asked again', async (result, onOrder) => {
    const { answer, device } = await order({ action: 'reboot' }, { onOrder });
    expect(answer.result).toBe(result);
    expect(orders(device)).toHaveLength(1);
  });

  test.each([[envelope('E', 'busy')], [envelope('S', 'pools')]])('whose pools read as %j gets none', async (read) => {
    const { answer, device } = await order({ action: 'pools', pools }, { pools: read });
    expect(answer.result).toBe('refused');
    expect(orders(device)).toEqual([]);
  });
});

test('an Auradine whose REST is closed is read as far as RPC goes', async () => {
  device = await fluxos({});
  const { ports } = device.target;
  const { snapshot } = await miners.read({ ...device.target, ports: { ...ports, alt: 1 } });
  expect([snapshot?.hashrateThs, snapshot?.miningState, snapshot?.powerW]).toEqual([100, 'hashing', null]);
  expect(snapshot?.partial?.length).toBeGreaterThan(0);
});
