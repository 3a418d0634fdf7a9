import { createServer } from 'node:http';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { minersWith, password } from './page-device.ts';
import { close, closeAll, open } from './replay.ts';

const miners = minersWith(password('admin', 'admin'));
const others = minersWith(password('admin', 'other'));
const without = minersWith({ of: () => null });
let device: JwtDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), others.close(), without.close(), closeAll()]));

/** `null` closes the line without an answer. */
type Pages = Readonly<Record<string, object | null>>;
type JwtDevice = Readonly<{
  target: Target;
  heard: [path: string, form: string][];
  expire(): void;
  close(): Promise<void>;
}>;

const ALL = {
  success: true,
  all: {
    total_hash: { 'Hash Rate H': 67_000_000_000_000 },
    power: 2_950,
    chain: [{ ASC: 0, 'Hash Rate H': 67e12, 'Temp max': 80 }],
  },
};
const POOLS = {
  success: true,
  pools: [{ url: 'old:1', user: 'x', status: 'Alive', priority: 0, accepted: 5, rejected: 1 }],
};
const PAGES: Pages = {
  type: { type: 'T3H' },
  overview: { version: { ethaddr: 'AA:BB:CC:00:11:22', swversion: 't3_20200101' } },
  getAll: ALL,
  summary: { success: true, SUMMARY: [{ Elapsed: 900 }] },
  pools: POOLS,
  getErrorDetail: { success: true, code: 0 },
};

let count = 0;
/** The page as the fact sheet has it (section 15): forms in, JSON out, one token at a time. */
async function jwtDevice(more: Pages = {}, family = 'innosilicon'): Promise<JwtDevice> {
  const heard: [string, string][] = [];
  const pages: Pages = { ...PAGES, ...more };
  let token = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = Buffer.concat(chunks).toString();
    const name = request.url?.replace('/api/', '') ?? '';
    heard.push([name, form]);
    const say = (reply: object) => response.writeHead(200).end(JSON.stringify(reply));
    if (request.method !== 'POST') return response.writeHead(404).end();
    if (name === 'auth')
      return say(form.endsWith('password=admin') ? { success: true, jwt: `t${++token}` } : { success: false });
    if (request.headers.authorization !== `Bearer t${token}`) return say({ success: false, token: 'expired' });
    const page = pages[name];
    if (page === null) return void request.socket.destroy();
    if (page === undefined) return response.writeHead(404).end();
    return say(page);
  });
  const http = await open(server);
  return {
    target: { miner: minerId(`jwt-${count++}`), address: '127.0.0.1', ports: { http, rpc: 1 }, family },
    heard,
    expire: () => void token++,
    close: () => close(server),
  };
}
const WRITES = /^(reboot|restartCgMiner|updatePools|poweroff)$/;
const writes = ({ heard }: JwtDevice) => heard.filter(([name]) => WRITES.test(name));
const logins = ({ heard }: JwtDevice): number => heard.filter(([name]) => name === 'auth').length;

async function order(given: MinerOrder, more: Pages = {}) {
  device = await jwtDevice(more);
  return { answer: await miners.act(device.target, given), device };
}

describe('an Innosilicon with its page', () => {
  test('is read in one session', async () => {
    device = await jwtDevice();
    const { snapshot } = await miners.read(device.target);
    expect(snapshot).toMatchObject({
      ...{ model: 'T3H', mac: 'aa:bb:cc:00:11:22', firmwareVersion: 't3_20200101', miningState: 'hashing' },
      ...{ hashrateThs: 67, powerW: 2_950, efficiencyJPerTh: 44.029851, uptimeS: 900, errors: [] },
    });
    expect(snapshot).not.toHaveProperty('algorithm');
    expect(snapshot?.boards).toMatchObject([{ hashrateThs: 67, chipTempC: 80 }]);
    expect(snapshot?.pools).toMatchObject([{ url: 'old:1', state: 'alive', accepted: 5 }]);
    expect(logins(device)).toBe(1);
  });

  test.each([
    ['A11', { hashrateThs: null, hashrateMhs: 67_000_000, algorithm: 'EtHash' }],
    ['X1', { hashrateThs: null, hashrateMhs: 67_000_000, algorithm: 'unknown' }],
  ])('that is an %s counts as what it hashes', async (type, expected) => {
    device = await jwtDevice({ type: { type } });
    expect((await miners.read(device.target)).snapshot).toMatchObject(expected);
  });

  test('tells a fault by its code', async () => {
    device = await jwtDevice({ getErrorDetail: { success: true, code: 26 } });
    expect((await miners.read(device.target)).snapshot?.errors).toMatchObject([{ code: '26' }]);
  });

  test('whose token ran out is asked for another, once', async () => {
    device = await jwtDevice({ restartCgMiner: { success: true } });
    await miners.read(device.target);
    device.expire();
    expect((await miners.act(device.target, { action: 'restart' })).result).toBe('sent');
    expect([logins(device), writes(device).length]).toEqual([2, 2]);
  });

  test('with another password is auth_failed, and not asked again', async () => {
    device = await jwtDevice();
    expect((await others.read(device.target)).unreadable).toBe('auth_failed');
    expect((await others.act(device.target, { action: 'reboot' })).result).toBe('auth_failed');
    expect([logins(device), writes(device)]).toEqual([1, []]);
  });

  test('and a DragonMint have one page, which the DragonMint is not ordered by', async () => {
    device = await jwtDevice({ reboot: { success: true } }, 'dragonmint');
    expect((await miners.read(device.target)).snapshot).toMatchObject({ family: 'dragonmint', hashrateThs: 67 });
    expect((await miners.act(device.target, { action: 'reboot' })).result).toBe('unsupported');
    expect(writes(device)).toEqual([]);
  });
});

describe('orders to an Innosilicon', () => {
  test.each([
    ['restart', 'restartCgMiner'],
    ['reboot', 'reboot'],
  ] as const)('%s goes to %s', async (action, path) => {
    const { answer, device } = await order({ action }, { [path]: { success: true } });
    expect([answer, writes(device)]).toEqual([{ result: 'sent', detail: null }, [[path, '']]]);
  });

  test.each([
    [{ success: false, message: 'busy' }, 'refused'],
    [undefined, 'unsupported'],
    [null, 'no_reply'],
  ])('that are answered %j', async (said, result) => {
    const { answer, device } = await order({ action: 'reboot' }, said === undefined ? {} : { reboot: said });
    expect([answer.result, writes(device).length]).toEqual([result, 1]);
  });

  test.each(['sleep', 'wake'] as const)('to %s are not sent: nothing would bring it back', async (action) => {
    const { answer, device } = await order({ action });
    expect([answer.result, writes(device)]).toEqual(['unsupported', []]);
  });

  test('are refused without a password', async () => {
    device = await jwtDevice();
    expect((await without.act(device.target, { action: 'reboot' })).result).not.toBe('sent');
    expect(writes(device)).toEqual([]);
  });

  const pools: MinerOrder = { action: 'pools', pools: [{ url: 'stratum+tcp://a:1', worker: 'w', password: 'p' }] };
  test('write all places, and leave nothing of before', async () => {
    const { answer, device } = await order(pools, { updatePools: { success: true } });
    const form = Object.fromEntries(new URLSearchParams(writes(device)[0]?.[1]));
    expect([answer.result, form]).toEqual([
      'sent',
      {
        ...{ Pool1: 'stratum+tcp://a:1', UserName1: 'w', Password1: 'p' },
        ...{ Pool2: '', UserName2: '', Password2: '', Pool3: '', UserName3: '', Password3: '' },
      },
    ]);
  });

  test('write no pools where those of now could not be read', async () => {
    const { answer, device } = await order(pools, { pools: null, updatePools: { success: true } });
    expect([answer.result, writes(device)]).toEqual(['refused', []]);
  });
});
