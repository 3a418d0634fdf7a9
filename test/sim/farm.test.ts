import { afterEach, describe, expect, test } from '@jest/globals';
import { seededRandom } from '../../shared/random.ts';
import { loopbackPlaces, portPlaces, startFarm } from '../../sim/index.ts';
import { outage, rehearse, stopFarms, WALL_MS } from './miners/farm.ts';
import { ask, rpcOf, say } from './miners/raw.ts';
import { aSite } from './site.ts';

afterEach(stopFarms);

describe('a farm', () => {
  test('begins with all of its miners hashing', async () => {
    const { farm } = await rehearse({ faults: ['none', 'hung', 'asleep'] });
    expect(farm.meter()).toMatchObject({ hashing: 3, trips: [], starts: [], pushes: [] });
    expect(farm.startedAt).toEqual({ monoMs: 0, wallMs: WALL_MS });
  });

  test('notices within a tick that the pool has gone, with nobody looking', async () => {
    const rehearsal = await rehearse();
    rehearsal.pool.serves = false;
    rehearsal.pass(200);
    rehearsal.pool.serves = true;
    expect(rehearsal.farm.miners()).toMatchObject([{ state: 'hashing', healthy: true }]);
    rehearsal.pool.serves = false;
    rehearsal.pass(20_000);
    expect(rehearsal.farm.miners()).toMatchObject([{ state: 'idle', healthy: false }]);
  });

  test('shows the load of each feed as it is now', async () => {
    const rehearsal = await rehearse({ faults: ['none', 'none'] });
    const full = rehearsal.farm.feeds()[0]?.drawW ?? 0;
    outage(rehearsal, false);
    const idle = rehearsal.farm.feeds()[0]?.drawW ?? 0;
    expect(full).toBeGreaterThan(5_000);
    expect(idle).toBeLessThan(300);
    expect(rehearsal.farm.feeds()).toMatchObject([{ feed: 'site', capW: 200_000, peakW: full, tripped: false }]);
  });

  test('boots what comes back alone, and says that nobody asked for it', async () => {
    const rehearsal = await rehearse({ faults: ['none', 'hung'] });
    outage(rehearsal);
    rehearsal.pass(60_000);
    expect(rehearsal.farm.meter()).toMatchObject({ hashing: 1, starts: [{ cause: 'self' }] });
  });

  test('frees its ports when it stops, and says so when one is taken', async () => {
    const { farm, site, clock, place } = await rehearse();
    const again = () =>
      startFarm({ site, faults: new Map(), clock, random: seededRandom(1), seed: 1, poolServes: () => true });
    await expect(again()).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect(await ask(place, { command: 'version' })).toMatchObject({ VERSION: [{}] });
    await farm.stop();
    expect(await say(rpcOf(place), '{}')).toMatchObject({ error: 'ECONNREFUSED' });
    await (await again()).stop();
  });

  test('keeps no timer once it has stopped', async () => {
    const { farm, clock, pool } = await rehearse();
    let asked = 0;
    Object.defineProperty(pool, 'serves', { get: () => ++asked > 0 });
    await farm.stop();
    asked = 0;
    clock.advance(10_000 as Parameters<typeof clock.advance>[0]);
    expect(asked).toBe(0);
  });
});

describe('places for a farm', () => {
  test('are one loopback address each, all of them free', async () => {
    const places = await loopbackPlaces(300, seededRandom(4));
    expect(new Set(places.map(({ address }) => address)).size).toBe(300);
    expect(places.every(({ address }) => address.startsWith('127.'))).toBe(true);
  });

  test('are passed over where another farm has them', async () => {
    const [taken] = await loopbackPlaces(1, seededRandom(4));
    const site = aSite({
      feed: 'site',
      capW: 10_000,
      miners: [{ address: taken?.address ?? '', http: taken?.ports.http ?? 0, rpc: taken?.ports.rpc ?? 0 }],
    });
    const { clock } = await rehearse();
    const farm = await startFarm({
      site,
      faults: new Map(),
      clock,
      random: seededRandom(1),
      seed: 1,
      poolServes: () => true,
    });
    const [other] = await loopbackPlaces(1, seededRandom(4));
    await farm.stop();
    expect(other?.address).not.toBe(taken?.address);
  });

  test('are ports of 127.0.0.1 on a host that has no other, two for each miner', () => {
    const places = portPlaces(3, 20_000);
    expect(places.map(({ address }) => address)).toEqual(Array(3).fill('127.0.0.1'));
    expect(places.flatMap(({ ports }) => [ports.http, ports.rpc])).toEqual([
      20_000, 20_001, 20_002, 20_003, 20_004, 20_005,
    ]);
  });

  test('on one address are enough to tell the miners apart', async () => {
    const site = aSite({
      feed: 'site',
      capW: 100_000,
      miners: portPlaces(2, 23_456).map(({ address, ports }) => ({ address, ...ports })),
    });
    const { clock } = await rehearse();
    const options = { site, faults: new Map(), clock, random: seededRandom(1), seed: 1, poolServes: () => true };
    const farm = await startFarm(options);
    expect([...site.miners.keys()]).toEqual(['127.0.0.1:23457', '127.0.0.1:23459']);
    expect(farm.meter().hashing).toBe(2);
    await farm.stop();
  });
});
