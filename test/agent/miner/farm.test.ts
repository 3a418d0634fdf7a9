import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { Credentials } from '../../../agent/miner/credentials.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import type { Target } from '../../../agent/miner/reading.ts';
import { millis } from '../../../shared/units.ts';
import { FARM_ACCOUNTS, type FaultKind } from '../../../sim/index.ts';
import { M50S, outage, type Rehearsal, rehearse, S19, stopFarms } from '../../sim/miners/farm.ts';
import { cgi } from '../../sim/miners/raw.ts';

/** Virtual miners, made from the same sheet by other hands: they share no parsing code with the drivers. */
const accounts = new Map(Object.entries(FARM_ACCOUNTS));
const credentials: Credentials = { of: (_, family) => accounts.get(family) ?? null };
const miners = createMiners({ credentials, deadlineMs: millis(10_000), spacingMs: millis(5) });
/** For those that never answer. */
const hasty = createMiners({ credentials, deadlineMs: millis(1_500), spacingMs: millis(5) });
afterAll(() => Promise.all([miners.close(), hasty.close()]));
afterEach(stopFarms);

const targetOf = ({ place, miner }: Rehearsal, family: string | null): Target => ({ miner, ...place, family });
const families = [
  { family: 'antminer-stock', model: S19 },
  { family: 'whatsminer-v2', model: M50S },
];
/** Firmware of 2018 and of 2019, which has no sleep, and no word for what is wrong with it. */
const old = [
  { family: 'antminer-stock', model: 'Antminer S9 13.5T' },
  { family: 'antminer-stock', model: 'Antminer S17 Pro 53T' },
];

describe.each([...families, ...old])('a virtual $model of $family', ({ family, model }) => {
  test('is identified and hashes', async () => {
    const farm = await rehearse({ model });
    const { snapshot } = await miners.read(targetOf(farm, null));
    expect([snapshot?.family, snapshot?.miningState]).toEqual([family, 'hashing']);
    expect(snapshot?.hashrateThs).toBeGreaterThan(100);
    expect(snapshot?.boards).toHaveLength(3);
    expect(snapshot?.pools.filter(({ active }) => active).map(({ state }) => state)).toEqual(['alive']);
  });

  test('at a glance shows what it does, in fewer questions', async () => {
    const farm = await rehearse({ model });
    const target = targetOf(farm, family);
    const [whole, glance] = [await miners.read(target), await miners.glance(target)];
    const { miningState, hashrateThs, uptimeS } = whole.snapshot ?? {};
    expect([miningState, glance.unreadable]).toEqual(['hashing', null]);
    expect(glance.snapshot).toMatchObject({ miningState, hashrateThs, uptimeS, pools: [], fans: [] });
    outage(farm, false);
    expect((await miners.glance(target)).snapshot).toMatchObject({ miningState: 'idle', hashrateThs: 0 });
  });

  test('without a pool is idle, and says why', async () => {
    const farm = await rehearse({ model });
    outage(farm, false);
    const { snapshot } = await miners.read(targetOf(farm, family));
    expect([snapshot?.miningState, snapshot?.hashrateThs]).toEqual(['idle', 0]);
    expect(snapshot?.errors.map(({ code }) => code)).toContain('no_pool');
  });

  test('that needs a reboot is well after one, and its uptime tells it', async () => {
    const farm = await rehearse({ model, faults: ['needs-reboot'] });
    outage(farm);
    const target = targetOf(farm, family);
    const before = await miners.read(target);
    expect(['sent', 'no_reply']).toContain((await miners.act(target, { action: 'reboot' })).result);
    farm.pass(120_000);
    const after = await miners.read(target);
    expect([before.snapshot?.miningState, after.snapshot?.miningState]).toEqual(['idle', 'hashing']);
    expect(after.snapshot?.uptimeS).toBeLessThan(before.snapshot?.uptimeS ?? 0);
  });

  test('with another password refuses an order', async () => {
    const farm = await rehearse({ model, faults: ['auth'] });
    outage(farm);
    expect((await miners.act(targetOf(farm, family), { action: 'reboot' })).result).toBe('auth_failed');
  });
});

describe.each(families)('a virtual $model of $family', ({ family, model }) => {
  const dead: readonly (readonly [FaultKind, string])[] = [
    ['silent', 'silent'],
    ['garbage', 'garbage'],
    ['closes-early', 'closed_early'],
  ];
  test.each(dead)('with the fault %s is %s, and is ordered nothing', async (fault, unreadable) => {
    const farm = await rehearse({ model, faults: [fault] });
    outage(farm);
    const target = targetOf(farm, family);
    const asking = unreadable === 'silent' ? hasty : miners;
    expect((await asking.read(target)).unreadable).toBe(unreadable);
    expect((await asking.act(target, { action: 'reboot' })).result).toBe('refused');
    expect(farm.farm.meter().pushes).toHaveLength(0);
  });

  test('has one connection open at a time, however it is asked', async () => {
    // At the pause that devices get: with less, their side may close a line later than ours opens the next.
    const paced = createMiners({ credentials, deadlineMs: millis(10_000) });
    const farm = await rehearse({ model });
    const target = targetOf(farm, family);
    await Promise.all([paced.read(target), paced.act(target, { action: 'wake' }), paced.read(target)]);
    await paced.close();
    expect(farm.farm.traffic().map(({ maxOpen }) => maxOpen)).toEqual([1]);
  }, 20_000);
});

test.each(families)('a virtual $model that fell asleep wakes', async ({ family, model }) => {
  const farm = await rehearse({ model, faults: ['asleep'] });
  outage(farm);
  const target = targetOf(farm, family);
  expect((await miners.read(target)).snapshot?.miningState).toBe('sleeping');
  expect((await miners.act(target, { action: 'wake' })).result).toBe('sent');
  farm.pass(120_000);
  expect((await miners.read(target)).snapshot?.miningState).toBe('hashing');
});

test.each([S19, ...old.map(({ model }) => model)])(
  'a stock %s whose mining process has died is known by its page, is stopped, and can be rebooted',
  async (model) => {
    const farm = await rehearse({ model, faults: ['process-down'] });
    outage(farm);
    const target = targetOf(farm, null);
    const { unreadable, snapshot } = await miners.read(target);
    expect([unreadable, snapshot?.miningState, snapshot?.errors[0]?.code]).toEqual([null, 'stopped', 'process_down']);
    expect((await miners.act(target, { action: 'reboot' })).result).toBe('no_reply');
  },
);

test('a Whatsminer whose API switch is off refuses an order and is read as before', async () => {
  const farm = await rehearse({ model: M50S, faults: ['api-off'] });
  outage(farm);
  const target = targetOf(farm, 'whatsminer-v2');
  const answer = await miners.act(target, { action: 'restart' });
  expect([answer.result, answer.detail]).toEqual(['refused', expect.stringContaining("can't access write cmd")]);
  expect((await miners.read(target)).unreadable).toBeNull();
});

test('a missing board and a power supply that gives up are told', async () => {
  for (const [fault, code] of [
    ['dead-board', /board/],
    ['psu-fault', /PSU|power supply/i],
  ] as const) {
    for (const { family, model } of families) {
      const farm = await rehearse({ model, faults: [fault] });
      outage(farm);
      if (fault === 'psu-fault') {
        await miners.act(targetOf(farm, family), { action: 'reboot' });
      }
      farm.pass(200_000);
      const { snapshot } = await miners.read(targetOf(farm, family));
      expect([family, fault, JSON.stringify(snapshot?.errors)]).toEqual([family, fault, expect.stringMatching(code)]);
      if (fault === 'psu-fault') expect([family, snapshot?.miningState]).toEqual([family, 'error']);
      await stopFarms();
    }
  }
});

/** Rates wobble by a part in a hundred or two. */
const nearly = (rate: number) => ({
  asymmetricMatch: (value: unknown) => typeof value === 'number' && Math.abs(value / rate - 1) < 0.03,
});

/** Of the unit that the algorithm has, as the virtual one of that model has it by itself. */
const kinds: readonly (readonly [model: string, rate: object])[] = [
  ['Antminer T9', { hashrateThs: nearly(104) }],
  ['Antminer S9k', { hashrateThs: nearly(104), hashrateNominalThs: 104 }],
  ['Antminer S15', { hashrateThs: nearly(104), hashrateNominalThs: 104 }],
  ['Antminer L3+', { algorithm: 'Scrypt', hashrateThs: null, hashrateGhs: nearly(0.504) }],
  ['Antminer L9', { algorithm: 'Scrypt', hashrateThs: null, hashrateGhs: nearly(16), hashrateNominalGhs: 16 }],
  ['Antminer Z11', { algorithm: 'Equihash', hashrateThs: null, hashrateKsols: nearly(140) }],
  ['Antminer Z15', { algorithm: 'Equihash', hashrateThs: null, hashrateKsols: nearly(420), hashrateNominalKsols: 420 }],
  ['Antminer KS5', { algorithm: 'kHeavyHash', hashrateThs: nearly(104), hashrateNominalThs: 104 }],
];

test.each(kinds)('a virtual %s is a stock Antminer that hashes, known by itself', async (model, rate) => {
  const farm = await rehearse({ model });
  const { snapshot } = await miners.read(targetOf(farm, null));
  expect(snapshot).toMatchObject({
    family: 'antminer-stock',
    model,
    miningState: 'hashing',
    uptimeS: expect.any(Number),
  });
  expect(snapshot).toMatchObject(rate);
  expect(snapshot?.boards).toHaveLength(3);
});

test.each(old)('a board that has gone from a $model is gone from its list', async ({ family, model }) => {
  const farm = await rehearse({ model, faults: ['dead-board'] });
  const before = await miners.read(targetOf(farm, family));
  outage(farm);
  farm.pass(200_000);
  const { snapshot } = await miners.read(targetOf(farm, family));
  expect([before.snapshot?.boards.length, snapshot?.boards.length, snapshot?.errors]).toEqual([3, 2, []]);
});

test.each(old)('new pools leave the other settings of a $model as they were', async ({ family, model }) => {
  const farm = await rehearse({ model });
  const conf = () => cgi(farm.place, 'get_miner_conf.cgi');
  const before = await conf();
  const pools = [{ url: 'stratum+tcp://10.9.9.9:3333', worker: 'farm.one', password: 'x' }];
  expect((await miners.act(targetOf(farm, family), { action: 'pools', pools })).result).toBe('sent');
  const written = [{ url: 'stratum+tcp://10.9.9.9:3333', user: 'farm.one', pass: 'x' }];
  expect(await conf()).toEqual({ ...before, pools: [...written, ...Array(2).fill({ url: '', user: '', pass: '' })] });
});
