import { afterEach, describe, expect, test } from '@jest/globals';
import { type Credentials, noCredentials } from '../../../agent/miner/credentials.ts';
import { createMiners, type Miners } from '../../../agent/miner/miners.io.ts';
import { millis } from '../../../shared/units.ts';
import { type WriteOptions, type WriteSide, writeSide } from './whatsminer.ts';

let open: { miners: Miners; device: WriteSide } | null = null;
afterEach(async () => {
  await Promise.all([open?.miners.close(), open?.device.close()]);
  open = null;
});

const admin: Credentials = { of: () => ({ user: 'admin', password: 'admin' }) };
async function against(options: WriteOptions = {}, credentials: Credentials = admin) {
  open = {
    miners: createMiners({ credentials, deadlineMs: millis(10_000), spacingMs: millis(5) }),
    device: await writeSide(options),
  };
  return open;
}
const encrypted = ({ heard }: WriteSide): number => heard.filter((one) => one === 'enc').length;
const tokens = ({ heard }: WriteSide): number => heard.filter((one) => one === 'get_token').length;

describe('a Whatsminer', () => {
  test('takes each order under its own name, with one token for all of them', async () => {
    const { miners, device } = await against();
    for (const action of ['restart', 'reboot', 'sleep', 'wake'] as const) {
      expect(await miners.act(device.target, { action })).toEqual({ result: 'sent', detail: null });
    }
    expect(device.taken.map(({ token, ...command }) => [typeof token, command])).toEqual([
      ['string', { cmd: 'restart_btminer' }],
      ['string', { cmd: 'reboot' }],
      ['string', { cmd: 'power_off', respbefore: 'true' }],
      ['string', { cmd: 'power_on' }],
    ]);
    expect(tokens(device)).toBe(1);
  });

  test('is asked for a new token once when its own has run out', async () => {
    const { miners, device } = await against({
      onWrite: (count) => (count === 2 ? { STATUS: 'E', Code: 135, Msg: 'check token err' } : undefined),
    });
    await miners.act(device.target, { action: 'wake' });
    expect(await miners.act(device.target, { action: 'wake' })).toEqual({ result: 'sent', detail: null });
    expect([tokens(device), encrypted(device), device.taken.length]).toEqual([2, 3, 2]);
  });

  test('with another password is auth_failed, and is not asked again', async () => {
    const { miners, device } = await against({ otherPassword: true });
    expect((await miners.act(device.target, { action: 'restart' })).result).toBe('auth_failed');
    // The key as the clients make it, and once as the manual has it.
    expect(encrypted(device)).toBe(2);
    expect((await miners.act(device.target, { action: 'restart' })).result).toBe('auth_failed');
    expect(encrypted(device)).toBe(2);
    expect((await miners.read(device.target)).unreadable).toBeNull();
  });

  test('whose reply does not decrypt has another password too', async () => {
    const { miners, device } = await against({ onWrite: () => ({ enc: Buffer.alloc(32, 7).toString('base64') }) });
    expect((await miners.act(device.target, { action: 'restart' })).result).toBe('auth_failed');
  });

  test('that makes its key as the manual says is served so', async () => {
    const { miners, device } = await against({ fullKey: true });
    expect((await miners.act(device.target, { action: 'restart' })).result).toBe('sent');
    expect((await miners.act(device.target, { action: 'wake' })).result).toBe('sent');
    expect([tokens(device), encrypted(device)]).toEqual([1, 3]);
  });

  test('whose write API is off refuses, and says how to switch it on', async () => {
    const { miners, device } = await against({
      onWrite: () => ({ STATUS: 'E', Code: 45, Msg: "can't access write cmd" }),
    });
    const answer = await miners.act(device.target, { action: 'wake' });
    expect([answer.result, answer.detail]).toEqual(['refused', expect.stringContaining('WhatsMinerTool')]);
    expect(encrypted(device)).toBe(1);
  });

  test('that closes the line after an order has not replied', async () => {
    const { miners, device } = await against({ onWrite: () => null });
    expect((await miners.act(device.target, { action: 'reboot' })).result).toBe('no_reply');
    expect(encrypted(device)).toBe(1);
  });

  test('that does not know a command does not support it', async () => {
    const { miners, device } = await against({ onWrite: () => ({ STATUS: 'E', Code: 14, Msg: 'invalid cmd' }) });
    expect((await miners.act(device.target, { action: 'wake' })).result).toBe('unsupported');
  });

  test('with too many clients is left alone for a while', async () => {
    const { miners, device } = await against({ onToken: () => ({ STATUS: 'E', Code: 136, Msg: 'over max connect' }) });
    expect((await miners.act(device.target, { action: 'wake' })).result).toBe('refused');
    expect((await miners.act(device.target, { action: 'wake' })).result).toBe('refused');
    expect([tokens(device), encrypted(device)]).toEqual([1, 0]);
  });

  test('is ordered nothing without a password', async () => {
    const { miners, device } = await against({}, noCredentials);
    expect((await miners.act(device.target, { action: 'wake' })).result).toBe('auth_failed');
    expect([tokens(device), encrypted(device)]).toEqual([0, 0]);
  });

  test('is ordered nothing after a reading that failed', async () => {
    const { miners, device } = await against();
    await device.close();
    const answer = await miners.act(device.target, { action: 'restart' });
    expect([answer.result, answer.detail]).toEqual(['refused', expect.stringContaining('reading that failed')]);
  });
});

const settings = ({ taken }: WriteSide) => taken.map(({ token: _, ...command }) => command);
const version = (api_ver: string) => ({ get_version: { STATUS: 'S', Code: 131, Msg: { api_ver } } });

describe('its settings', () => {
  test.each([
    [true, { cmd: 'set_led', color: 'red', period: 1_000, duration: 500, start: 0 }],
    [false, { cmd: 'set_led', param: 'auto' }],
  ])('blink: %s', async (on, command) => {
    const { miners, device } = await against();
    expect(await miners.act(device.target, { action: 'locate', on })).toEqual({ result: 'sent', detail: null });
    expect(settings(device)).toEqual([command]);
  });

  test.each(['2.0.5', '2.1', '3.0', null])('limit in watts as a text, where its API is %s', async (api) => {
    const { miners, device } = await against(api === null ? {} : { reads: version(api) });
    const answer = await miners.act(device.target, { action: 'powerLimit', powerW: 3_000 });
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(settings(device)).toEqual([{ cmd: 'adjust_power_limit', power_limit: '3000' }]);
  });

  test.each(['2.0.4', '1.4.0', 'whatsminer v1.4.0', '2'])('no limit in watts where its API is %s', async (api) => {
    const { miners, device } = await against({ reads: version(api) });
    expect((await miners.act(device.target, { action: 'powerLimit', powerW: 3_000 })).result).toBe('unsupported');
    expect(encrypted(device)).toBe(0);
  });

  const pool = (name: string) => ({ url: `stratum+tcp://${name}.example:3333`, worker: `${name}.1`, password: 'x' });
  const POOLS = { STATUS: [{ STATUS: 'S' }], POOLS: [{ POOL: 1, URL: 'stratum+tcp://old.example:1', User: 'old' }] };

  test.each(['whatsminer-v1', 'whatsminer-v2'] as const)('pools of a %s, with places left empty', async (family) => {
    const { miners, device } = await against({ family, reads: { pools: POOLS } });
    const answer = await miners.act(device.target, { action: 'pools', pools: [pool('one'), pool('two')] });
    expect(answer).toEqual({ result: 'sent', detail: null });
    expect(settings(device)).toEqual([
      {
        cmd: 'update_pools',
        ...{ pool1: 'stratum+tcp://one.example:3333', worker1: 'one.1', passwd1: 'x' },
        ...{ pool2: 'stratum+tcp://two.example:3333', worker2: 'two.1', passwd2: 'x' },
        ...{ pool3: '', worker3: '', passwd3: '' },
      },
    ]);
  });

  test.each([
    ['four pools', { pools: POOLS }, 4],
    ['pools that cannot be read', { pools: null }, 1],
    ['pools that it does not list', { pools: { STATUS: [{ STATUS: 'S' }] } }, 1],
  ])('not written: %s', async (_, reads, count) => {
    const { miners, device } = await against({ reads });
    const pools = Array.from({ length: count }, (_, at) => pool(`p${at}`));
    expect((await miners.act(device.target, { action: 'pools', pools })).result).toBe('refused');
    expect(encrypted(device)).toBe(0);
  });
});

test('a Whatsminer of the first generation has no limit in watts, and is otherwise ordered alike', async () => {
  const { miners, device } = await against({ family: 'whatsminer-v1' });
  expect((await miners.act(device.target, { action: 'powerLimit', powerW: 3_000 })).result).toBe('unsupported');
  for (const action of ['restart', 'reboot', 'sleep', 'wake'] as const) {
    expect((await miners.act(device.target, { action })).result).toBe('sent');
  }
  expect(settings(device).map(({ cmd }) => cmd)).toEqual(['restart_btminer', 'reboot', 'power_off', 'power_on']);
});

test('a Whatsminer that knows no tokens takes no orders', async () => {
  const { miners, device } = await against({ onToken: () => ({ STATUS: 'E', Code: 14, Msg: 'Invalid command' }) });
  expect((await miners.act(device.target, { action: 'wake' })).result).toBe('unsupported');
  expect(encrypted(device)).toBe(0);
});

test('what the summary of a Whatsminer does not know of its power, its power supply may', async () => {
  const supply = (Msg: object) => ({ get_psu: { STATUS: 'S', Code: 131, Msg } });
  const unknown = { SUMMARY: [{ Elapsed: 900, 'HS RT': 1e8, Power: -1 }] };
  for (const [reads, powerW] of [
    [supply({ pin: '2990' }), 2_990],
    [supply({ Pin: 3_350 }), 3_350],
    [supply({ pin: '0' }), null],
  ] as const) {
    const { miners, device } = await against({ reads, summary: unknown });
    expect((await miners.read(device.target)).snapshot?.powerW).toBe(powerW);
    await Promise.all([miners.close(), device.close()]);
  }
});
