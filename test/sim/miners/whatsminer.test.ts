import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { seededRandom } from '../../../shared/random.ts';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { encrypt, keysOf, signOf } from '../../../sim/miners/whatsminer/cipher.ts';
import { md5crypt } from '../../../sim/miners/whatsminer/md5crypt.ts';
import { CLIENTS_MAX, newTokens, TOKEN_LIFE_MS, TOKENS_PER_CLIENT } from '../../../sim/miners/whatsminer/tokens.ts';
import { M50S, outage, type Rehearsal, rehearse, stopFarms } from './farm.ts';
import { ask, rpcOf, say } from './raw.ts';

afterEach(stopFarms);

const whatsminer = (faults: readonly FaultKind[] = ['none']) => rehearse({ model: M50S, faults });

/** The client's side of the cipher, with Node's own pieces and the hash field that the vectors give. */
const aesOf = (field: string): Buffer => createHash('sha256').update(field).digest();

function seal(aes: Buffer, text: string): string {
  const padded = Buffer.concat([Buffer.from(text), Buffer.alloc((16 - (text.length % 16)) % 16)]);
  return createCipheriv('aes-256-ecb', aes, null).setAutoPadding(false).update(padded).toString('base64');
}

function unseal(aes: Buffer, data: string): Record<string, unknown> {
  const plain = createDecipheriv('aes-256-ecb', aes, null).setAutoPadding(false).update(Buffer.from(data, 'base64'));
  return JSON.parse(plain.toString().replace(/\0+$/, '')) as Record<string, unknown>;
}

type Token = Readonly<{ time: string; salt: string; newsalt: string }>;

/** With values, in the name of who knows the password. */
const order = (place: Place, cmd: string, values: Record<string, string>) => command(place, cmd, 'admin', { values });

type More = Readonly<{ sign?: string; values?: Record<string, string> }>;

/** An encrypted command from a client that thinks the password is `password`; the reply opened where it can be. */
async function command(
  place: Place,
  cmd: string,
  password = 'admin',
  { sign, values = {} }: More = {},
): Promise<Record<string, unknown>> {
  const { Msg } = (await ask(place, { cmd: 'get_token' })) as { Msg: Token };
  const field = md5crypt(password, Msg.salt);
  const token = sign ?? md5crypt(field + Msg.time, Msg.newsalt);
  const data = seal(aesOf(field), JSON.stringify({ cmd, token, ...values }));
  const { text } = await say(rpcOf(place), JSON.stringify({ enc: 1, data }));
  if (text === '') return { closed: true };
  const reply = JSON.parse(text.replace(/\0$/, '')) as Record<string, unknown>;
  return typeof reply.enc === 'string' ? unseal(aesOf(field), reply.enc) : reply;
}

const hung = async (): Promise<Rehearsal> => {
  const farm = await whatsminer(['hung']);
  outage(farm);
  return farm;
};

describe('the cipher', () => {
  test('agrees with the reference vectors', () => {
    expect(md5crypt('admin', 'BQ5hoXV9')).toBe('RxmaDUO33TS7O26yeMHZ81');
    expect(md5crypt('averylongpassword_over16', 'ab')).toBe('uqf8F8yGfWzW2J9dKmu0n0');
    const keys = keysOf('admin', 'BQ5hoXV9');
    expect(keys.aes.toString('hex')).toBe('199e0a202039bb7b558db7a54697dca29cb278055b7e659a127fb844d5a2fbf6');
    expect(signOf(keys, '5626', 'jbzkfQls')).toBe('w.BNbkCV6n1aNWgiBWLzT/');
    expect(encrypt(keys, '{"cmd":"power_off","respbefore":"true","token":"w.BNbkCV6n1aNWgiBWLzT/"}')).toBe(
      'p/QzYk8jszmQrR9dnOEVtXIRGg7DTmk9EUY2Z5AGabmXE9uaOgah2+aEOFK/+YqMLm9r+794UBuENliIrZU34RMDsIvMmXNaR4TnfXjrtNQ=',
    );
  });
});

describe('the reads', () => {
  test('need no password, and take cmd or command', async () => {
    const { place } = await whatsminer();
    for (const key of ['cmd', 'command']) {
      expect(await ask(place, { [key]: 'summary' })).toMatchObject({
        STATUS: [{ STATUS: 'S', Code: 11 }],
        SUMMARY: [{ 'Factory GHS': 104_000, 'Firmware Version': "'20230803.11.REL'", 'Error Code Count': 0 }],
      });
    }
  });

  test('give power, rates in MH/s, and pools counted from 1', async () => {
    const { place } = await whatsminer();
    const { SUMMARY } = (await ask(place, { cmd: 'summary' })) as { SUMMARY: Record<string, number>[] };
    expect(SUMMARY[0]?.['HS RT']).toBeGreaterThan(100e6);
    expect(SUMMARY[0]?.Power).toBeGreaterThan(2_500);
    expect(await ask(place, { cmd: 'pools' })).toMatchObject({
      POOLS: [{ POOL: 1, Status: 'Alive' }, { POOL: 2 }, { POOL: 3 }],
    });
    expect(await ask(place, { cmd: 'devdetails' })).toMatchObject({
      DEVDETAILS: [{ Model: 'M50S_VH50', Driver: 'bitmicro' }, {}, {}],
    });
    expect(await ask(place, { cmd: 'get_version' })).toMatchObject({ STATUS: 'S', Msg: { api_ver: '2.0.5' } });
  });

  test('name the fault that stops it', async () => {
    const farm = await whatsminer(['hot-inlet']);
    outage(farm);
    expect(await ask(farm.place, { cmd: 'get_error_code' })).toMatchObject({
      Msg: { error_code: [{ 600: expect.any(String) }] },
    });
    const { SUMMARY } = (await ask(farm.place, { cmd: 'summary' })) as { SUMMARY: Record<string, number>[] };
    expect(SUMMARY[0]?.['Env Temp']).toBe(49);
  });

  test('show a pool that does not connect while the internet is away', async () => {
    const farm = await whatsminer();
    outage(farm, false);
    expect(await ask(farm.place, { cmd: 'pools' })).toMatchObject({ POOLS: [{ Status: 'Dead' }, {}, {}] });
    expect(await ask(farm.place, { cmd: 'get_error_code' })).toMatchObject({
      Msg: { error_code: [{ 2020: expect.any(String) }] },
    });
  });

  test('answer what they do not know with code 14, and no JSON with code 23', async () => {
    const { place } = await whatsminer();
    expect(await ask(place, { cmd: 'nonsense' })).toMatchObject({ STATUS: 'E', Code: 14 });
    expect((await say(rpcOf(place), '{"cmd":')).text).toContain('"Code":23');
  });
});

describe('an encrypted command', () => {
  test('restarts the mining process: its uptime begins anew, the device keeps its own', async () => {
    const farm = await hung();
    const before = (await ask(farm.place, { cmd: 'summary' })) as { SUMMARY: { Uptime: number }[] };
    expect(await command(farm.place, 'restart_btminer')).toMatchObject({ STATUS: 'S', Code: 131 });
    expect(farm.state()).toBe('booting');
    expect(await say(rpcOf(farm.place), '{"cmd":"summary"}')).toMatchObject({ error: 'ECONNREFUSED' });
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
    const after = (await ask(farm.place, { cmd: 'summary' })) as { SUMMARY: { Elapsed: number; Uptime: number }[] };
    expect(after.SUMMARY[0]?.Elapsed).toBeLessThan(60);
    expect(after.SUMMARY[0]?.Uptime).toBe((before.SUMMARY[0]?.Uptime ?? 0) + 60);
  });

  test('reboots, with or without an answer', async () => {
    const farm = await hung();
    const reply = await command(farm.place, 'reboot');
    expect(reply.closed === true || reply.Code === 131).toBe(true);
    expect(farm.farm.meter().pushes).toMatchObject([{ action: 'reboot', before: 'hung', poolUp: true }]);
  });

  test('puts it to sleep and wakes it', async () => {
    const farm = await whatsminer();
    await command(farm.place, 'power_off');
    expect(farm.state()).toBe('sleeping');
    const flags = (await ask(farm.place, { cmd: 'status' })) as { Msg: Record<string, string> };
    expect(flags.Msg.mineroff ?? flags.Msg.btmineroff).toBe('true');
    expect(await ask(farm.place, { cmd: 'summary' })).toMatchObject({ SUMMARY: [{ 'Factory GHS': 0, 'HS RT': 0 }] });
    expect(await command(farm.place, 'power_on')).toMatchObject({ Code: 131 });
    farm.pass(60_000);
    expect(farm.state()).toBe('hashing');
  });

  test('sets LED, pools and a power limit, which starts the mining process anew', async () => {
    const farm = await whatsminer();
    await order(farm.place, 'set_led', { color: 'red', period: '60', duration: '20', start: '0' });
    expect(await ask(farm.place, { cmd: 'get_miner_info' })).toMatchObject({
      Msg: { ledstat: expect.not.stringMatching(/^auto$/) },
    });
    await order(farm.place, 'set_led', { param: 'auto' });
    expect(await ask(farm.place, { cmd: 'get_miner_info' })).toMatchObject({ Msg: { ledstat: 'auto' } });
    expect(await order(farm.place, 'update_pools', { pool1: '' })).toMatchObject({ STATUS: 'E', Code: 132 });
    await order(farm.place, 'update_pools', { pool1: 'stratum+tcp://p:1', worker1: 'w', passwd1: 'x' });
    expect(await ask(farm.place, { cmd: 'pools' })).toMatchObject({ POOLS: [{ URL: 'stratum+tcp://p:1' }, {}, {}] });
    expect(await order(farm.place, 'adjust_power_limit', { power_limit: '9000' })).toMatchObject({ Code: 132 });
    expect(farm.state()).toBe('hashing');
    expect(await order(farm.place, 'adjust_power_limit', { power_limit: '2800' })).toMatchObject({ Code: 131 });
    expect(farm.state()).toBe('booting');
    farm.pass(60_000);
    expect(await ask(farm.place, { cmd: 'summary' })).toMatchObject({ SUMMARY: [{ 'Power Limit': 2_800 }] });
  });

  test('to a deaf miner is answered with yes, and changes nothing', async () => {
    const farm = await whatsminer(['deaf']);
    expect(await command(farm.place, 'power_off')).toMatchObject({ Code: 131 });
    expect(await order(farm.place, 'adjust_power_limit', { power_limit: '2800' })).toMatchObject({ Code: 131 });
    expect(farm.state()).toBe('hashing');
    expect(await ask(farm.place, { cmd: 'status' })).toMatchObject({ Msg: { power_limit_set: '' } });
  });

  test('is refused with a token that was not given', async () => {
    const farm = await hung();
    expect(await command(farm.place, 'reboot', 'admin', { sign: 'w.BNbkCV6n1aNWgiBWLzT/' })).toMatchObject({
      STATUS: 'E',
      Code: 135,
    });
    expect(farm.farm.meter().pushes).toEqual([]);
  });

  test('under another password comes to a refusal or to what nobody can read', async () => {
    // Their addresses are chance, and with them which of the two each does.
    const farm = await whatsminer(Array.from({ length: 24 }, () => 'auth'));
    outage(farm);
    const kinds = new Set<string>();
    for (const { address, ports } of farm.site.miners.values()) {
      const place = { address, ports: { http: ports.http ?? 0, rpc: ports.rpc ?? 0 } };
      const reply = await command(place, 'restart_btminer').catch(() => 'unreadable');
      kinds.add(typeof reply === 'string' ? reply : `code ${String(reply.Code)}`);
    }
    expect([...kinds].sort()).toEqual(['code 135', 'unreadable']);
    expect(farm.farm.meter().pushes).toEqual([]);
  });

  test('is refused where the write API is off', async () => {
    const farm = await whatsminer(['api-off']);
    outage(farm);
    expect(await command(farm.place, 'restart_btminer')).toMatchObject({
      STATUS: 'E',
      Code: 45,
      Msg: "can't access write cmd",
    });
    expect(farm.farm.meter().pushes).toEqual([]);
  });

  test('is refused in the clear, and where it is no base64 of whole blocks', async () => {
    const { place } = await whatsminer();
    expect(await ask(place, { cmd: 'reboot' })).toMatchObject({ STATUS: 'E', Code: 45 });
    expect(await ask(place, { enc: 1, data: 'AAAA' })).toMatchObject({ STATUS: 'E', Code: 137 });
    expect(await ask(place, { enc: 1 })).toMatchObject({ STATUS: 'E', Code: 137 });
  });
});

describe('tokens', () => {
  const keys = keysOf('admin', 'BQ5hoXV9');
  const start = () => newTokens(() => keys, seededRandom(1));
  const at = (monoMs: number) => ({ monoMs, wallS: 1_795_645_626 });
  const signed = (granted: ReturnType<ReturnType<typeof start>['grant']>): string =>
    granted.ok ? signOf(keys, granted.time, granted.newsalt) : '';

  test('carry the last four digits of the time', () => {
    expect(start().grant('a', at(0))).toMatchObject({ ok: true, time: '5626' });
  });

  test('live for half an hour, and not a moment longer', () => {
    const tokens = start();
    const sign = signed(tokens.grant('a', at(0)));
    expect(tokens.accepts('a', sign, TOKEN_LIFE_MS - 1)).toBe(true);
    expect(tokens.accepts('a', sign, TOKEN_LIFE_MS)).toBe(false);
  });

  test('are good only for the client that got them', () => {
    const tokens = start();
    const sign = signed(tokens.grant('a', at(0)));
    expect(tokens.accepts('b', sign, 1)).toBe(false);
  });

  test('run out for a client that asks too often, and for too many clients', () => {
    const often = start();
    for (let i = 0; i < TOKENS_PER_CLIENT; i++) expect(often.grant('a', at(0)).ok).toBe(true);
    expect(often.grant('a', at(0))).toEqual({ ok: false, code: 136, msg: 'token over max times' });
    expect(often.grant('a', at(TOKEN_LIFE_MS)).ok).toBe(true);
    const many = start();
    for (let i = 0; i < CLIENTS_MAX; i++) expect(many.grant(`client ${i}`, at(0)).ok).toBe(true);
    expect(many.grant('one more', at(0))).toMatchObject({ ok: false, msg: 'over max connect' });
  });
});
