import { createCipheriv, createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { tokenOf } from '../../../sim/miners/whatsminer-v3/token.ts';
import { outage, type Rehearsal, rehearse, stopFarms } from './farm.ts';
import { frames } from './frames.ts';
import { ask, rpcText } from './raw.ts';

afterEach(stopFarms);

const M60S = 'WhatsMiner M60S';
const start = (faults: readonly FaultKind[] = ['none']) => rehearse({ model: M60S, family: 'whatsminer-v3', faults });

type Info = Readonly<{
  salt: string;
  miner: Record<string, string>;
  system: Record<string, string>;
  'error-code': object[];
}>;

async function one(place: Place, request: object): Promise<Record<string, unknown>> {
  const [reply] = await frames(place, [JSON.stringify(request)]);
  if (reply === undefined) throw new Error('no reply');
  return reply;
}

const info = async (place: Place): Promise<Info> => (await one(place, { cmd: 'get.device.info' })).msg as Info;

async function status(place: Place, param: string): Promise<Record<string, unknown>> {
  const { msg } = await one(place, { cmd: 'get.miner.status', param });
  return (msg as Record<string, Record<string, unknown>>)[param] ?? {};
}

type Write = Readonly<{ cmd: string; param?: unknown; password?: string; account?: string; salt?: string }>;

/** A write as the sheet has it, by a client that knows (or thinks it knows) the password. */
async function set(place: Place, write: Write): Promise<Record<string, unknown>> {
  const { cmd, param, password = 'super', account = 'super' } = write;
  const salt = write.salt ?? (await info(place)).salt;
  const ts = Math.floor(Date.now() / 1_000);
  const digest = createHash('sha256').update(`${cmd}${password}${salt}${ts}`).digest('base64');
  return one(place, { cmd, param, ts, token: digest.slice(0, 8), account });
}

/** An encrypted write, and its code. */
async function setPools(place: Place, padding: 'pkcs7' | 'zero'): Promise<unknown> {
  const [cmd, ts] = ['set.miner.pools', 1_732_270_000];
  const { salt } = await info(place);
  const digest = createHash('sha256').update(`${cmd}super${salt}${ts}`).digest();
  const plain = JSON.stringify([{ pool: 'stratum+tcp://other:3333', worker: 'w.1', passwd: 'x' }]);
  const cipher = createCipheriv('aes-256-ecb', digest, null).setAutoPadding(padding === 'pkcs7');
  const bytes = Buffer.from(plain + (padding === 'zero' ? '\0'.repeat((16 - (plain.length % 16)) % 16) : ''));
  const param = Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64');
  return (await one(place, { cmd, param, ts, token: digest.toString('base64').slice(0, 8), account: 'super' })).code;
}

const service = (param: string, more: Partial<Write> = {}) => ({ cmd: 'set.miner.service', param, ...more });

const hung = async (): Promise<Rehearsal> => {
  const farm = await start(['hung']);
  outage(farm);
  return farm;
};

describe('the frames', () => {
  test('agree with the reference vector of the token', () => {
    expect(tokenOf({ cmd: 'set.miner.service', password: 'super', salt: 'BQ5hoXV9', ts: 1_732_270_000 })).toBe(
      'rnlkO5fE',
    );
  });

  test('come several on a line, with heartbeats between them', async () => {
    const { place } = await start();
    const replies = await frames(place, [
      '',
      '{"cmd":"get.device.info","param":"salt"}',
      '',
      '{"cmd":"get.device.info"}',
    ]);
    expect(replies).toMatchObject([
      { code: 0, desc: 'get.device.info', msg: { salt: expect.stringMatching(/^\w{8}$/) } },
      { code: 0, msg: { network: { mac: expect.stringMatching(/^02:C4:/) } } },
    ]);
  });

  test('that hold no JSON, or nothing known, are refused', async () => {
    const { place } = await start();
    expect(await frames(place, ['{"cmd":', '{"cmd":"get.nonsense"}'])).toMatchObject([{ code: -1 }, { code: -2 }]);
    expect(await one(place, { cmd: 'get.miner.status' })).toMatchObject({ code: 0, msg: {} });
  });
});

describe('the reads', () => {
  test('show a miner at work, rates in TH/s', async () => {
    const { place } = await start();
    expect(await info(place)).toMatchObject({
      miner: { working: 'true', type: 'M60S_VK40', 'board-num': '3' },
      system: { fwversion: '20251209.16.Rel2', apiswitch: '1', ledstatus: 'auto' },
    });
    const summary = await status(place, 'summary');
    expect(summary['hash-realtime']).toBeGreaterThan(100);
    expect(summary).toMatchObject({ 'factory-hash': 104, 'up-freq-finish': 1 });
    expect(Object.values(await status(place, 'edevs'))).toHaveLength(3);
    expect(Object.values(await status(place, 'pools'))).toMatchObject([{ status: 'alive', 'stratum-active': true }]);
  });

  test('show no pool, a hot inlet and a lost board', async () => {
    const away = await start();
    outage(away, false);
    expect(Object.values(await status(away.place, 'pools'))).toMatchObject([{ status: 'dead' }]);
    const hot = await start(['hot-inlet']);
    outage(hot);
    expect((await info(hot.place))['error-code']).toMatchObject([{ 600: expect.any(String) }]);
    const short = await start(['dead-board']);
    outage(short);
    short.pass(70_000);
    expect(Object.values(await status(short.place, 'edevs'))).toMatchObject([{ id: 0 }, { id: 1 }]);
  });

  test('do not know the factory rate of a miner that is being tuned', async () => {
    const farm = await hung();
    await set(farm.place, service('restart'));
    farm.pass(10_000);
    expect(await status(farm.place, 'summary')).toMatchObject({ 'factory-hash': -0.003, 'up-freq-finish': 0 });
  });

  test('leave little of V2 on the old port', async () => {
    const { place } = await start();
    expect(await ask(place, { cmd: 'get_version' })).toMatchObject({ Msg: { fw_ver: '20251209.16.Rel2' } });
    expect(await rpcText(place, '{"command":"devdetails"}')).toContain('bitmicro');
    expect(await ask(place, { cmd: 'summary' })).toMatchObject({ STATUS: 'E', Code: 14 });
  });
});

describe('a write', () => {
  test('restarts, reboots, puts to sleep and wakes', async () => {
    const farm = await hung();
    expect(await set(farm.place, service('restart'))).toMatchObject({ code: 0, msg: 'ok' });
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    await set(farm.place, service('stop'));
    expect([farm.state(), (await info(farm.place)).miner.working]).toEqual(['sleeping', 'false']);
    await set(farm.place, service('start'));
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    expect(await set(farm.place, { cmd: 'set.system.reboot' })).toMatchObject({ code: 0 });
    expect(farm.state()).toBe('booting');
    await expect(frames(farm.place, ['{"cmd":"get.device.info"}'])).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('with another password, salt or account is refused like bad JSON', async () => {
    const farm = await hung();
    for (const wrong of [{ password: 'guess' }, { salt: 'BQ5hoXV9' }, { account: 'admin' }]) {
      expect(await set(farm.place, service('restart', wrong))).toMatchObject({ code: -1 });
    }
    expect(await set(farm.place, service('restart', { account: 'user1', password: 'user1' }))).toMatchObject({
      msg: 'no permission',
    });
    expect(farm.farm.meter().pushes).toEqual([]);
  });

  test('is refused while the switch is off, and under another password than the known one', async () => {
    const [off, other] = [await start(['api-off']), await start(['auth'])];
    expect(await set(off.place, service('restart'))).toMatchObject({ msg: 'no permission' });
    expect((await info(off.place)).system.apiswitch).toBe('0');
    expect(await set(other.place, service('restart'))).toMatchObject({ code: -1 });
  });

  test('lights the LED, limits the power and says what it cannot do', async () => {
    const farm = await start();
    const led = [{ color: 'red', period: 60, duration: 20, start: 0 }];
    await set(farm.place, { cmd: 'set.system.led', param: led });
    expect((await info(farm.place)).system.ledstatus).not.toBe('auto');
    await set(farm.place, { cmd: 'set.system.led', param: 'auto' });
    expect((await info(farm.place)).system.ledstatus).toBe('auto');
    expect(await set(farm.place, { cmd: 'set.miner.power_limit', param: 100_000 })).toMatchObject({ code: -2 });
    expect(await set(farm.place, { cmd: 'set.miner.power_limit' })).toMatchObject({ code: -3 });
    expect(await set(farm.place, { cmd: 'set.miner.power_limit', param: 2_800 })).toMatchObject({ code: 0 });
    farm.pass(60_000);
    expect(await status(farm.place, 'summary')).toMatchObject({ 'power-limit': 2_800 });
  });

  test('of pools is read with the padding that the device wants: of so many, some want each', async () => {
    const { site } = await start(Array.from({ length: 24 }, () => 'none'));
    const takes = new Set<string>();
    for (const { address, ports } of site.miners.values()) {
      const place = { address, ports: { ...ports, http: 0, rpc: 0 } };
      const codes = [await setPools(place, 'pkcs7'), await setPools(place, 'zero')];
      takes.add(codes.join());
      expect(Object.values(await status(place, 'pools'))).toMatchObject([{ url: 'stratum+tcp://other:3333' }]);
    }
    expect([...takes].sort()).toEqual(['-2,0', '0,-2']);
  });

  test('of a deaf miner is answered with yes, and changes nothing', async () => {
    const farm = await start(['deaf']);
    for (const order of ['stop', 'restart']) expect(await set(farm.place, service(order))).toMatchObject({ code: 0 });
    expect(await set(farm.place, { cmd: 'set.miner.power_limit', param: 2_800 })).toMatchObject({ code: 0 });
    expect(farm.state()).toBe('hashing');
    expect((await status(farm.place, 'summary'))['power-limit']).not.toBe(2_800);
    expect(farm.farm.meter().pushes).toHaveLength(3);
  });
});
