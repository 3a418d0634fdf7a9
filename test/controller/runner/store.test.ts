import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../../controller/store/sqlite/open.io.ts';
import type { Store } from '../../../controller/store/store.ts';
import type { OutboxRecord } from '../../../shared/messages.ts';
import { down, verdict } from '../agent.ts';
import { until } from '../fixture.ts';
import { aFarm, ended, type Farm, rebooted } from './farm.ts';

let farm: Farm;
let store: Store;
let quiet = (): void => {};
afterEach(async () => {
  quiet();
  await farm.end();
  await store.close();
});

const by = { actor: 'ann', reason: 'test' };
const MINERS = 24;

/** A store of real pages that can be filled to the last one, and emptied again. */
async function aSmallStore(): Promise<Readonly<{ fill(): Promise<void>; empty(): Promise<void> }>> {
  store = await openSqliteStore({
    file: join(farm.home.config.stateDir, 'small.db'),
    maxBytes: 400_000,
    retention: { recordsMs: 0, recordsMax: 0 },
  });
  const ids: number[] = [];
  let seq = 0;
  const add = async (records: number, chars: number): Promise<boolean> => {
    const batch = Array.from({ length: records }, (_, i): OutboxRecord => {
      const body = { kind: 'loss' as const, fromSeq: 1, toSeq: 1, reason: 'x'.repeat(chars), count: 1 };
      return { seq: seq + 1 + i, atMs: 0, ageMs: 0, queued: false, body };
    });
    const from = { site: 'other', agent: 'filler', bootEpoch: 1, receivedMs: 0 };
    const added = await store.appendRecords(from, batch).catch(() => null);
    if (added === null) return false;
    seq += records;
    ids.push(...added.fresh.map(({ id }) => id));
    return true;
  };
  return {
    async fill() {
      for (const records of [50, 5, 1]) while (await add(records, 250));
    },
    async empty() {
      await store.markApplied(ids);
      while ((await store.trim(Date.now())) > 0);
    },
  };
}

test('a full store refuses a restart with its code, says so on the page, and begins it when there is room', async () => {
  farm = aFarm(MINERS);
  const { fill, empty } = await aSmallStore();
  await farm.start({ store });
  await fill();
  expect(await farm.daemon().port.start(by)).toMatchObject({ ok: false, code: 'STORE' });
  expect(farm.restart()).toBeNull();
  expect(farm.daemon().port.view().degraded.join()).toContain('no room left');
  await empty();
  await until(() =>
    farm
      .daemon()
      .port.view()
      .degraded.every((text) => !text.includes('nothing can be saved')),
  );
  expect(await farm.daemon().port.start(by)).toMatchObject({ ok: true });
});

test('a store that fills up in the middle pauses the restart before anything is sent, and lets it go on later', async () => {
  farm = aFarm(MINERS, {}, { maxBooting: MINERS });
  const { fill, empty } = await aSmallStore();
  await farm.start({ store });
  const agent = await farm.link((linked, command) => {
    farm.set(command.miner, rebooted());
    void linked.journal(command, 'DONE');
  });
  await farm.daemon().port.start(by);
  await fill();
  let now = verdict();
  quiet = farm.reporting(() => now);
  await until(() => farm.restart()?.pauseReasons.includes('STORE') === true);
  expect(farm.memory.orders).toEqual([]);
  expect(farm.daemon().port.view().degraded.join()).toContain('nothing is started');
  await expect(agent.record({ kind: 'loss', fromSeq: 1, toSeq: 1, reason: 'y'.repeat(250), count: 1 })).rejects.toThrow(
    'InternalError',
  );
  farm.memory.seq -= 1; // not acknowledged, so it comes again
  expect(await farm.daemon().port.act('abort', by)).toMatchObject({ ok: false, code: 'STORE' });
  // What happens meanwhile must not be missed, though nothing is decided on it.
  now = down();
  await until(() => farm.daemon().port.view().connectivity.state === 'DOWN');
  await empty();
  await until(() => farm.daemon().port.view().degraded.length === 0);
  // Round trips on the same socket: an order that had been sent would have come before the last answer.
  for (let i = 0; i < 5; i++) await agent.record({ kind: 'loss', fromSeq: 1, toSeq: 1, reason: 'z', count: 1 });
  expect(farm.memory.orders).toEqual([]);
  now = verdict();
  await ended(farm);
  expect(farm.restart()).toMatchObject({ state: 'COMPLETED', jobs: { HEALTHY: MINERS } });
  expect(new Set(farm.memory.orders.map(({ miner }) => miner)).size).toBe(farm.memory.orders.length);
});

test('a controller whose site was taken over sends its agents away and does nothing more', async () => {
  farm = aFarm(2);
  store = await openSqliteStore({ file: farm.home.config.storeFile });
  await farm.start({ store });
  const agent = await farm.link();
  await farm.daemon().port.start(by);
  await store.takeSite('site-1', 'another');
  quiet = farm.reporting();
  expect((await agent.speaker.closed).code).toBe(1001);
  expect(farm.memory.orders).toEqual([]);
  expect(await farm.daemon().port.act('pause', by)).toMatchObject({ ok: false, code: 'STALE' });
  expect(farm.daemon().port.view().degraded.join()).toContain('another controller has taken the site over');
});
