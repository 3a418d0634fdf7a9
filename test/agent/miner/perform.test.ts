import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { type Credentials, noCredentials } from '../../../agent/miner/credentials.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import type { MinerAction, MinerOrder } from '../../../agent/miner/order.ts';
import { perform } from '../../../agent/miner/perform.io.ts';
import type { Target } from '../../../agent/miner/reading.ts';
import { millis } from '../../../shared/units.ts';
import { FARM_ACCOUNTS, type FaultKind } from '../../../sim/index.ts';
import { M50S, outage, type Rehearsal, rehearse, S19, stopFarms } from '../../sim/miners/farm.ts';

const accounts = new Map(Object.entries(FARM_ACCOUNTS));
const known: Credentials = { of: (_, family) => accounts.get(family) ?? null };
const of = (credentials: Credentials) => createMiners({ credentials, deadlineMs: millis(5_000), spacingMs: millis(5) });
const miners = of(known);
const strangers = of({ of: () => ({ user: 'root', password: 'wrong' }) });
const nobody = of(noCredentials);
afterAll(() => Promise.all([miners, strangers, nobody].map((one) => one.close())));
afterEach(stopFarms);

type Case = Readonly<{ order: MinerOrder; model?: string; fault?: FaultKind; with?: typeof miners }>;

/** Site time passes with every look, so that minutes of the miner take no time here. */
async function performed({ order, model = S19, fault = 'none', with: by = miners }: Case) {
  const farm = await rehearse({ model, faults: [fault] });
  if (fault !== 'none') outage(farm);
  const looks: (string | null)[] = [];
  const done = await perform({
    miners: by,
    target: targetOf(farm, model),
    order,
    everyMs: millis(5),
    graceMs: millis(60_000),
    onLook(seen) {
      looks.push(seen?.miningState ?? null);
      farm.pass(20_000);
    },
  });
  return { ...done, looks, farm };
}

const targetOf = ({ place, miner }: Rehearsal, model: string): Target => ({
  miner,
  ...place,
  family: model === S19 ? 'antminer-stock' : 'whatsminer-v2',
});

describe('an order is done when a later reading shows it', () => {
  const done: readonly (readonly [MinerAction, string, FaultKind])[] = [
    ['reboot', S19, 'none'],
    ['sleep', S19, 'none'],
    ['wake', S19, 'asleep'],
    ['restart', M50S, 'hung'],
    ['reboot', M50S, 'needs-reboot'],
    ['wake', M50S, 'asleep'],
  ];
  test.each(done)('%s of %s', async (action, model, fault) => {
    const { result, detail, ordered, looks } = await performed({ order: { action } as MinerOrder, model, fault });
    expect([result, ordered, looks.length > 0]).toEqual(['done', true, true]);
    // An Antminer's reboot page closes the line: told as a fault, that would belie what was seen.
    expect(detail ?? '').not.toMatch(/closed|bytes|within/);
  });
});

test('what is so already is not ordered', async () => {
  const { result, detail, farm } = await performed({ order: { action: 'wake' } });
  expect([result, detail]).toEqual(['done', expect.stringContaining('nothing was sent')]);
  expect(farm.farm.meter().pushes).toEqual([]);
});

test('an action that the family does not have is unsupported', async () => {
  const { result, farm } = await performed({ order: { action: 'restart' } });
  expect([result, farm.farm.meter().pushes]).toEqual(['unsupported', []]);
});

test('an effect that does not show within the grace is told as none, with how things stand instead', async () => {
  const farm = await rehearse({ model: S19, faults: ['asleep'] });
  outage(farm);
  const order = { action: 'wake' } as const;
  // Site time stands still: the miner has taken the order, and is not yet where it was ordered.
  const options = { miners, target: targetOf(farm, S19), order, everyMs: millis(5) };
  const { result, detail } = await perform({ ...options, graceMs: millis(400) });
  expect([result, detail]).toEqual(['accepted_but_ineffective', expect.stringMatching(/s later it is|not answered/)]);
});

test('a switch that is off refuses, and nothing is waited for', async () => {
  const { result, detail, looks } = await performed({ order: { action: 'restart' }, model: M50S, fault: 'api-off' });
  expect([result, detail, looks]).toEqual(['refused', expect.stringContaining('write'), []]);
});

test('a wrong password ends before anything is written', async () => {
  const { result, looks, farm } = await performed({ order: { action: 'reboot' }, with: strangers });
  expect([result, looks, farm.farm.meter().pushes]).toEqual(['auth_failed', [], []]);
});

test('a miner that cannot be read is not written to', async () => {
  const { result, detail, looks } = await performed({ order: { action: 'reboot' }, fault: 'garbage' });
  expect([result, looks]).toEqual(['refused', []]);
  expect(detail).toContain('could not be read before');
});

test('nobody who does not answer is said to have refused', async () => {
  const farm = await rehearse({ model: S19 });
  const target = { ...targetOf(farm, S19), ports: { http: 1, rpc: 1 } };
  const { result, detail, ordered } = await perform({ miners, target, order: { action: 'reboot' } });
  expect([result, detail, ordered]).toEqual(['no_reply', expect.stringMatching(/^not ordered/), false]);
});

test('given up before the order went out, nothing is sent, and nobody is said to have refused', async () => {
  const farm = await rehearse({ model: S19 });
  const stopping = new AbortController();
  const options = { target: targetOf(farm, S19), order: { action: 'reboot' }, signal: stopping.signal } as const;
  const before = perform({ ...options, miners });
  stopping.abort();
  expect(await before).toMatchObject({ result: 'no_reply', ordered: false, detail: expect.stringContaining('sent') });
  const late = new AbortController();
  const act: typeof miners.act = (target, order, signal) => {
    late.abort();
    return miners.act(target, order, signal);
  };
  const during = await perform({ ...options, miners: { ...miners, act }, signal: late.signal });
  expect([during.result, during.ordered]).toEqual(['no_reply', false]);
  expect(farm.farm.meter().pushes).toEqual([]);
});

test('given up in the middle, it tells what was seen until then', async () => {
  const farm = await rehearse({ model: S19 });
  const stopping = new AbortController();
  const { result } = await perform({
    miners,
    target: targetOf(farm, S19),
    order: { action: 'sleep' },
    everyMs: millis(5),
    signal: stopping.signal,
    onLook: () => stopping.abort(),
  });
  expect(['accepted_but_ineffective', 'done']).toContain(result);
});

test('an order that took longer than its effect may is looked at once all the same', async () => {
  const farm = await rehearse({ model: S19, faults: ['none'] });
  const { result } = await perform({
    miners,
    target: targetOf(farm, S19),
    order: { action: 'locate', on: true },
    everyMs: millis(5),
    graceMs: millis(0),
  });
  expect(result).toBe('done');
});
