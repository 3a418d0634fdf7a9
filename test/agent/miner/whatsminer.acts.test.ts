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
