import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Outages, outagesOf } from '../../../controller/runner/outages.ts';
import { siteTime } from '../../../controller/runner/time.ts';
import { createLiveSite } from '../../../controller/site/live.ts';
import { openSqliteStore } from '../../../controller/store/sqlite/open.io.ts';
import type { Store } from '../../../controller/store/store.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import { agentId } from '../../../shared/ids.ts';
import { silentLog } from '../../../shared/log.ts';
import type { Sighting } from '../../../shared/sighting.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { down, verdict } from '../agent.ts';
import { aSite, snapshot } from '../fixture.ts';

const MINERS = 4;
const START_MS = Date.UTC(2026, 0, 5);
const HOUR_S = 3_600;
/** After the loss is sure: three rounds of 0.9 s, looked at every second. */
const CONFIRM_S = 3;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'relight-outages-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

type Miner = Partial<MinerSnapshot> | 'silent';
const idle: Miner = { miningState: 'idle', hashrateThs: 0, pools: [], powerW: 100, uptimeS: 500_000 };
const hashing: Miner = { powerW: 3_000, uptimeS: 500_000 };
const holding = verdict({ state: 'PARTIAL', label: 'HOLDING', whyNot: 'hold.running', holdRemainingMs: 500 });

/** A controller's outages in virtual time over the real store, told every second how everything stands. */
async function aWatch(clock = virtualClock(unixMs(START_MS))) {
  const store = await openSqliteStore({ file: join(directory, 'relight.db') });
  const site = aSite(MINERS);
  const live = createLiveSite(site);
  const time = siteTime(clock, 0);
  const outages: Outages = outagesOf({
    live,
    store,
    clock,
    real: clock,
    time,
    loaded: { outages: await store.outages('site-1', 50), timeline: [] },
    restart: () => null,
    onRestored: () => undefined,
    onEnded: async () => true,
    log: silentLog,
  });
  outages.start();
  let reports = 0;
  const sightings = (miners: readonly Miner[], bootedS: number | null): Sighting[] =>
    miners.map((one, i) => {
      const silent = one === 'silent';
      const read = silent ? null : snapshot({ ...one, readAt: `${reports}`, ip: `10.0.0.${i + 1}` });
      const uptimeS = bootedS === null ? (read?.uptimeS ?? null) : time.now() / 1_000 - START_MS / 1_000 - bootedS;
      return {
        miner: `10.0.0.${i + 1}`,
        unreadable: silent ? 'silent' : null,
        detail: null,
        ageMs: 0,
        snapshot: read === null ? null : { ...read, uptimeS },
        snapshotAgeMs: read === null ? null : 0,
      };
    });
  return {
    store,
    outages,
    atS: () => (time.now() - START_MS) / 1_000,
    /** So it is for so long. `bootedS`: when all miners began to run. */
    async lasts(
      seconds: number,
      link: typeof holding,
      { miners, bootedS = null }: Readonly<{ miners: Miner; bootedS?: number | null }>,
    ) {
      for (let second = 0; second < seconds; second++) {
        reports += 1;
        const all = Array.from({ length: MINERS }, () => miners);
        live.report(
          agentId('a1'),
          { stateRev: reports, full: false, verdicts: [link], vitals: null, sightings: sightings(all, bootedS) },
          time.now(),
        );
        clock.advance(millis(1_000));
        // What is saved is saved behind our back: it is given its turn, as a second of real time would.
        if (second % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    /** Nothing is heard any more, and no controller runs: its process is gone. */
    async stops() {
      await outages.stop();
      await store.close();
    },
  };
}

const saved = async (store: Store) => (await store.outages('site-1', 9))[0];

describe('an outage', () => {
  test('has its cost on record: what was not computed, what was drawn for nothing, and of which miner-hours', async () => {
    const site = await aWatch();
    await site.lasts(10, verdict(), { miners: hashing });
    await site.lasts(HOUR_S, down(), { miners: idle });
    const { cost } = site.outages.open() ?? {};
    const hours = (HOUR_S - CONFIRM_S) / HOUR_S;
    expect(cost?.hashLostEh).toBeCloseTo(MINERS * 104 * HOUR_S * 1e-6, 1);
    expect((cost?.idleKwh ?? 0) / (MINERS * 0.1)).toBeGreaterThan(hours - 0.01);
    expect((cost?.idleKwh ?? 0) / (MINERS * 0.1)).toBeLessThanOrEqual(1);
    expect(cost?.hashUnknownMinerHours).toBe(0);
    await site.stops();
  });

  test('is carried on by the next controller process, and what passed without one is not known', async () => {
    const clock = virtualClock(unixMs(START_MS));
    const first = await aWatch(clock);
    await first.lasts(10, verdict(), { miners: hashing });
    await first.lasts(HOUR_S - 25, down(), { miners: idle });
    const before = first.outages.open()?.cost;
    await first.stops();
    clock.advance(millis(2 * HOUR_S * 1_000));

    const second = await aWatch(clock);
    expect(second.outages.open()?.cost).toMatchObject({ hashLostEh: before?.hashLostEh, idleKwh: before?.idleKwh });
    await second.lasts(HOUR_S, down(), { miners: idle });
    const after = second.outages.open()?.cost;
    if (before == null || after == null) throw new Error('both were counted');
    expect(after.minerHours - before.minerHours).toBeCloseTo(3 * MINERS, 1);
    expect(after.hashUnknownMinerHours).toBeCloseTo(2 * MINERS, 1);
    expect(after.hashLostEh).toBeCloseTo(2 * before.hashLostEh, 1);
    await second.stops();
    const store = await openSqliteStore({ file: join(directory, 'relight.db') });
    expect((await saved(store))?.cost?.hashLostEh).toBeCloseTo(after.hashLostEh, 2);
    await store.close();
  });

  test('costs nothing more when it is over, and keeps what it cost', async () => {
    const site = await aWatch();
    await site.lasts(10, verdict(), { miners: hashing });
    await site.lasts(600, down(), { miners: idle });
    await site.lasts(5, verdict(), { miners: idle });
    expect(site.outages.open()).toBeNull();
    const [over] = site.outages.outages();
    expect(over?.cost).toMatchObject({ toMs: over?.endedMs });
    await site.lasts(HOUR_S, verdict(), { miners: idle });
    expect(site.outages.outages()[0]).toEqual(over);
    expect(await saved(site.store)).toMatchObject({ outage: 1, endedMs: over?.endedMs, cost: over?.cost });
    await site.stops();
  });

  test('that an older controller began has no cost: half of it would be taken for the whole', async () => {
    const site = await aWatch();
    await site.store.saveOutage({
      site: 'site-1',
      outage: 7,
      startedMs: START_MS - 1,
      endedMs: null,
      windows: [],
      cost: null,
      power: null,
    });
    await site.stops();
    const next = await aWatch();
    await next.lasts(120, down(), { miners: idle });
    expect(next.outages.open()).toMatchObject({ outage: 7, cost: null });
    await next.stops();
  });
});

describe('the power', () => {
  test('comes back before the internet, and that is on record', async () => {
    const site = await aWatch();
    await site.lasts(10, verdict(), { miners: hashing });
    await site.lasts(600, down(), { miners: 'silent' });
    expect(site.outages.open()?.power).toMatchObject({ state: 'away', silent: MINERS, miners: MINERS });
    const bootedS = site.atS();
    await site.lasts(300, down(), { miners: idle, bootedS });
    expect(site.outages.open()?.power).toMatchObject({
      state: 'back',
      sinceMs: expect.any(Number),
      backMs: START_MS + bootedS * 1_000,
      begun: MINERS,
      read: MINERS,
    });
    expect(site.outages.open()?.cost?.hashUnknownMinerHours).toBeCloseTo((600 / HOUR_S) * MINERS, 1);
    await site.stops();
    const store = await openSqliteStore({ file: join(directory, 'relight.db') });
    expect((await saved(store))?.power).toMatchObject({ state: 'back', begun: MINERS });
    await store.close();
  });

  test('comes back after the internet, on the record of the outage that is over', async () => {
    const clock = virtualClock(unixMs(START_MS));
    const first = await aWatch(clock);
    await first.lasts(10, verdict(), { miners: hashing });
    await first.lasts(600, down(), { miners: 'silent' });
    await first.lasts(60, verdict(), { miners: 'silent' });
    expect(first.outages.open()).toBeNull();
    await first.stops();
    // Also by the next process: what was away is on record.
    const second = await aWatch(clock);
    await second.lasts(60, verdict(), { miners: 'silent' });
    const bootedS = second.atS();
    await second.lasts(60, verdict(), { miners: idle, bootedS });
    const [over] = second.outages.outages();
    expect(over?.power).toMatchObject({ state: 'back', backMs: START_MS + bootedS * 1_000 });
    expect(over?.endedMs).toBeLessThan(START_MS + bootedS * 1_000);
    expect((await saved(second.store))?.power).toEqual(over?.power);
    await second.stops();
  });
});

test('windows are known from the records, and one that a dead process left open is not taken for a loss', async () => {
  const clock = virtualClock(unixMs(START_MS));
  const first = await aWatch(clock);
  await first.lasts(10, verdict(), { miners: hashing });
  await first.lasts(60, down(), { miners: idle });
  await first.lasts(30, holding, { miners: idle });
  await first.lasts(60, down(), { miners: idle });
  await first.lasts(20, holding, { miners: idle });
  expect(first.outages.windows()).toMatchObject({ outage: 1, openSinceMs: expect.any(Number) });
  expect(first.outages.windows().held.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([30_000]);
  await first.stops();
  const second = await aWatch(clock);
  await second.lasts(20, holding, { miners: idle });
  await second.lasts(20, down(), { miners: idle });
  expect(second.outages.open()?.windows.map(({ label, outOfSight }) => [label, outOfSight])).toEqual([
    ['HOLDING', undefined],
    ['HOLDING', true],
    ['HOLDING', undefined],
  ]);
  expect(second.outages.windows().held).toHaveLength(2);
  await second.stops();
});

test('remedies are suppressed until the site is restored, and again from the loss on', async () => {
  const site = await aWatch();
  expect(site.outages.suppressedSinceMs()).toBe(START_MS);
  await site.lasts(1, verdict(), { miners: hashing });
  expect(site.outages.suppressedSinceMs()).toBe(START_MS);
  await site.lasts(10, verdict(), { miners: hashing });
  expect(site.outages.suppressedSinceMs()).toBeNull();
  const lostS = site.atS();
  await site.lasts(10, down(), { miners: hashing });
  const sinceS = ((site.outages.suppressedSinceMs() ?? 0) - START_MS) / 1_000;
  expect([sinceS >= lostS, sinceS <= lostS + 2]).toEqual([true, true]);
  await site.stops();
});
