import { expect, test } from '@jest/globals';
import { answerOf } from '../../../agent/miner/answer.ts';
import { antminerStock } from '../../../agent/miner/antminer-stock/driver.ts';
import { newDevice } from '../../../agent/miner/device.ts';
import type { Query } from '../../../agent/miner/driver.ts';
import type { DeviceLink } from '../../../agent/miner/link.io.ts';
import { readDevice } from '../../../agent/miner/reader.io.ts';
import { brokenBy } from '../../../agent/miner/transport/exchange.ts';
import { patiently } from '../../../agent/miner/transport/patient.io.ts';

const link = (code: string): DeviceLink =>
  ({
    ask: (query: Query) => Promise.resolve(answerOf(query, brokenBy(code, false, 0))),
    knock: () => Promise.resolve(false),
    monoMs: () => 0,
  }) as unknown as DeviceLink;

test.each([
  ['EMFILE', true],
  ['ENOBUFS', true],
  ['EADDRNOTAVAIL', true],
  ['ECONNREFUSED', false],
  ['EHOSTUNREACH', false],
])('a reading that fails with %s is %s to have learned nothing of the device', async (code, untried) => {
  const device = newDevice();
  const pass = await readDevice(antminerStock, link(code), device);
  expect([pass.unreadable !== null, pass.untried]).toEqual([true, untried]);
  // Nothing is remembered of what could not be asked.
  if (untried) expect([...device.replies]).toEqual([]);
});

test('a call is made again while this host has no socket free, and not for what the device does', async () => {
  let calls = 0;
  const later = () =>
    Promise.resolve(++calls < 3 ? brokenBy('EMFILE', false, 0) : ({ ok: true, text: 'here' } as const));
  expect(await patiently(later, { timeoutMs: 5_000 })).toEqual({ ok: true, text: 'here' });
  expect(calls).toBe(3);

  calls = 0;
  const refused = () => {
    calls += 1;
    return Promise.resolve(brokenBy('ECONNREFUSED', false, 0));
  };
  expect(await patiently(refused, { timeoutMs: 5_000 })).toMatchObject({ ok: false, why: 'refused' });
  expect(calls).toBe(1);
});

test('and no longer than the call may take', async () => {
  const never = () => Promise.resolve(brokenBy('EMFILE', false, 0));
  expect(await patiently(never, { timeoutMs: 150 })).toMatchObject({ ok: false, exhausted: true });
});
