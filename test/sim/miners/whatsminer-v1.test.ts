import { createCipheriv, createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { FaultKind, Place } from '../../../sim/index.ts';
import { md5crypt } from '../../../sim/miners/whatsminer/md5crypt.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { ask, rpcOf, say } from './raw.ts';

afterEach(stopFarms);

const whatsminer = (faults: readonly FaultKind[] = ['none']) =>
  rehearse({ model: 'WhatsMiner M20S', family: 'whatsminer-v1', faults });

/** The encrypted command of a client that thinks the password is `password`. */
async function command(place: Place, cmd: string, password: string): Promise<string> {
  const { Msg } = (await ask(place, { cmd: 'get_token' })) as { Msg: { time: string; salt: string; newsalt: string } };
  const field = md5crypt(password, Msg.salt);
  const text = JSON.stringify({ cmd, token: md5crypt(field + Msg.time, Msg.newsalt) });
  const padded = Buffer.concat([Buffer.from(text), Buffer.alloc((16 - (text.length % 16)) % 16)]);
  const cipher = createCipheriv('aes-256-ecb', createHash('sha256').update(field).digest(), null).setAutoPadding(false);
  const { text: reply } = await say(
    rpcOf(place),
    JSON.stringify({ enc: 1, data: cipher.update(padded).toString('base64') }),
  );
  return reply;
}

describe('an old Whatsminer', () => {
  test('says its date, and what V2 says later it does not say', async () => {
    const { place } = await whatsminer();
    expect(await ask(place, { cmd: 'get_version' })).toMatchObject({
      Msg: { api_ver: 'whatsminer v1.4.0', fw_ver: '20210322.22.REL' },
    });
    const { SUMMARY } = (await ask(place, { cmd: 'summary' })) as { SUMMARY: Record<string, unknown>[] };
    expect(SUMMARY[0]).toMatchObject({ 'Firmware Version': "'20210322.22.REL'", 'Factory GHS': 104_000 });
    expect(SUMMARY[0]?.['MHS 5s']).toBeGreaterThan(100e6);
    for (const key of ['Env Temp', 'Upfreq Complete']) expect(SUMMARY[0]).not.toHaveProperty(key);
    expect(await ask(place, { cmd: 'edevs' })).toMatchObject({ STATUS: 'E', Code: 14 });
    expect(await ask(place, { cmd: 'devs' })).toMatchObject({ DEVS: [{ Slot: 0 }, {}, {}] });
  });

  test('has the first of the two names for being off', async () => {
    const farm = await whatsminer(['asleep']);
    expect(await ask(farm.place, { cmd: 'status' })).toMatchObject({ Msg: { btmineroff: 'false' } });
    outage(farm);
    expect(await ask(farm.place, { cmd: 'status' })).toMatchObject({ Msg: { btmineroff: 'true' } });
  });

  test('is written as V2 is, and not with a wrong password', async () => {
    const farm = await whatsminer(['hung']);
    outage(farm);
    await command(farm.place, 'restart_btminer', 'wrong');
    expect(farm.farm.meter().pushes).toEqual([]);
    expect(await command(farm.place, 'restart_btminer', 'admin')).toContain('"enc"');
    farm.pass(70_000);
    expect(farm.state()).toBe('hashing');
  });
});
