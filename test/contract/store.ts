import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DecisionWrite, RecordsFrom, Store } from '../../controller/store/store.ts';
import type { OutboxRecord } from '../../shared/messages.ts';

/** A store that can be closed and opened again with what it had. */
export type StoreUnderTest = Readonly<{ open(): Promise<Store>; remove(): Promise<void> }>;

export const from = (agent = 'a1', bootEpoch = 1): RecordsFrom => ({ site: 's', agent, bootEpoch, receivedMs: 1_000 });

export const record = (seq: number): OutboxRecord => ({
  seq,
  atMs: 1_000 + seq,
  ageMs: 0,
  queued: false,
  body: { kind: 'verdict', uplink: 'u1', from: null, to: 'DOWN', label: null, whyNot: `tcp.timeout ${seq}` },
});

export const loss = (seq: number, fromSeq: number, toSeq: number): OutboxRecord => ({
  ...record(seq),
  body: { kind: 'loss', fromSeq, toSeq, reason: 'full', count: toSeq - fromSeq + 1 },
});

export const records = (first: number, last: number): OutboxRecord[] =>
  Array.from({ length: last - first + 1 }, (_, index) => record(first + index));

export const aDecision = (changed: Partial<DecisionWrite> = {}): DecisionWrite => ({
  site: 's',
  epoch: 1,
  restart: 'r1',
  expectedVersion: 0,
  state: 'RUNNING',
  ended: false,
  header: { wave: 1 },
  jobs: [],
  effects: [],
  log: [],
  appliedRecords: [],
  ...changed,
});

/** What every implementation of the port must do. Restarting the store in between changes nothing. */
export function storeContract(make: () => Promise<StoreUnderTest>): void {
  let under: StoreUnderTest;
  let store: Store;
  const reopen = async (): Promise<void> => {
    await store.close();
    store = await under.open();
  };
  beforeEach(async () => {
    under = await make();
    store = await under.open();
  });
  afterEach(async () => {
    await store.close();
    await under.remove();
  });

  describe('records', () => {
    test('acknowledges what is contiguous and gives back what is new, in order', async () => {
      expect(await store.ackedSeq('a1', 1)).toBe(0);
      const appended = await store.appendRecords(from(), [record(2), record(1), record(3)]);
      expect(appended.ackedSeq).toBe(3);
      expect(appended.fresh.map((one) => one.record)).toEqual(records(1, 3));
      await reopen();
      expect(await store.ackedSeq('a1', 1)).toBe(3);
      expect((await store.unappliedRecords(10)).map((one) => one.record)).toEqual(records(1, 3));
    });

    test('keeps what lies beyond a gap without acknowledging it, until the gap closes', async () => {
      await store.appendRecords(from(), records(1, 2));
      const beyond = await store.appendRecords(from(), records(5, 6));
      expect([beyond.ackedSeq, beyond.fresh.length]).toEqual([2, 2]);
      await reopen();
      const closing = await store.appendRecords(from(), records(3, 4));
      expect([closing.ackedSeq, closing.fresh.map((one) => one.record.seq)]).toEqual([6, [3, 4]]);
    });

    test('skips duplicates, also within a batch, also when they were trimmed long ago', async () => {
      const { fresh } = await store.appendRecords(from(), [...records(1, 3), ...records(1, 3)]);
      expect(fresh).toHaveLength(3);
      await store.markApplied(fresh.map(({ id }) => id));
      await store.trim(1_000 + 40 * 86_400_000);
      const again = await store.appendRecords(from(), records(1, 4));
      expect([again.ackedSeq, again.fresh.map((one) => one.record.seq)]).toEqual([4, [4]]);
    });

    test('takes a loss record for the seqs that it says were dropped', async () => {
      await store.appendRecords(from(), records(1, 2));
      const appended = await store.appendRecords(from(), [loss(10, 3, 9), record(11)]);
      expect(appended.ackedSeq).toBe(11);
    });

    test('counts each boot epoch and each agent alone', async () => {
      await store.appendRecords(from('a1', 1), records(1, 3));
      await store.appendRecords(from('a1', 2), records(1, 1));
      await store.appendRecords(from('a2', 1), records(2, 2));
      const acked = [store.ackedSeq('a1', 1), store.ackedSeq('a1', 2), store.ackedSeq('a2', 1)];
      expect(await Promise.all(acked)).toEqual([3, 1, 0]);
    });

    test('answers many agents that report at once, each with its own', async () => {
      const agents = Array.from({ length: 50 }, (_, index) => `agent-${index}`);
      const answers = await Promise.all(
        agents.map((agent, index) => store.appendRecords(from(agent), records(1, index + 1))),
      );
      expect(answers.map(({ ackedSeq }) => ackedSeq)).toEqual(agents.map((_, index) => index + 1));
      expect(answers.map(({ fresh }) => fresh[0]?.agent)).toEqual(agents);
    });

    test('gives an empty batch the acknowledged seq', async () => {
      await store.appendRecords(from(), records(1, 2));
      expect(await store.appendRecords(from(), [])).toEqual({ ackedSeq: 2, fresh: [] });
    });

    test('lists what is not applied, oldest first, and no longer what was marked', async () => {
      const { fresh } = await store.appendRecords(from(), records(1, 5));
      await store.markApplied(fresh.slice(0, 2).map(({ id }) => id));
      expect((await store.unappliedRecords(2)).map((one) => one.record.seq)).toEqual([3, 4]);
    });
  });

  describe('decisions', () => {
    const body = { text: 'Ә "quoted" \u0000', list: [1, null], nested: { deep: true } };

    test('come back as they were saved, with all that belongs to them', async () => {
      expect(await store.takeSite('s', 'c1')).toBe(1);
      const { fresh } = await store.appendRecords(from(), records(1, 3));
      const write = aDecision({
        header: body,
        jobs: [
          { miner: 'm2', state: 'QUEUED', body },
          { miner: 'm1', state: 'ORDERED', body: null },
        ],
        effects: [{ kind: 'send', body }],
        log: [{ atMs: 5, kind: 'started', body }],
        appliedRecords: fresh.slice(0, 2).map(({ id }) => id),
      });
      expect(await store.saveDecision(write)).toBe('saved');
      await reopen();
      expect(await store.restart('r1')).toEqual({
        restart: 'r1',
        site: 's',
        version: 1,
        state: 'RUNNING',
        ended: false,
        header: body,
        jobs: [
          { miner: 'm1', state: 'ORDERED', body: null },
          { miner: 'm2', state: 'QUEUED', body },
        ],
      });
      expect(await store.pendingEffects('s')).toMatchObject([{ restart: 'r1', kind: 'send', body }]);
      expect(await store.log('r1', 0, 10)).toMatchObject([{ atMs: 5, kind: 'started', body }]);
      expect((await store.unappliedRecords(10)).map((one) => one.record.seq)).toEqual([3]);
    });

    test('change only the jobs that they name', async () => {
      await store.takeSite('s', 'c1');
      const job = (miner: string, state: string) => ({ miner, state, body: { state } });
      await store.saveDecision(aDecision({ jobs: [job('m1', 'QUEUED'), job('m2', 'QUEUED')] }));
      await store.saveDecision(aDecision({ expectedVersion: 1, jobs: [job('m2', 'HEALTHY')] }));
      expect((await store.restart('r1'))?.jobs).toEqual([job('m1', 'QUEUED'), job('m2', 'HEALTHY')]);
    });

    test.each([
      ['an older epoch', { epoch: 1, expectedVersion: 1 }],
      ['an epoch that nobody was given', { epoch: 3, expectedVersion: 1 }],
      ['a version that another decision has replaced', { epoch: 2, expectedVersion: 0 }],
      ['a version that does not exist yet', { epoch: 2, expectedVersion: 2 }],
      ['another site', { epoch: 2, expectedVersion: 1, site: 'elsewhere' }],
    ])('of %s are stale, and nothing of them is written', async (_, made) => {
      await store.takeSite('s', 'c1');
      const { fresh } = await store.appendRecords(from(), records(1, 1));
      expect(await store.saveDecision(aDecision())).toBe('saved');
      expect(await store.takeSite('s', 'c2')).toBe(2);
      const before = await store.restart('r1');
      const stale = aDecision({
        ...made,
        state: 'HALTED',
        jobs: [{ miner: 'm1', state: 'QUEUED', body: {} }],
        effects: [{ kind: 'send', body: {} }],
        log: [{ atMs: 1, kind: 'x', body: {} }],
        appliedRecords: fresh.map(({ id }) => id),
      });
      expect(await store.saveDecision(stale)).toBe('stale');
      expect(await store.restart('r1')).toEqual(before);
      expect(await store.pendingEffects('s')).toEqual([]);
      expect(await store.log('r1', 0, 10)).toEqual([]);
      expect(await store.unappliedRecords(10)).toHaveLength(1);
    });

    test('of two that were made on the same version, one is saved', async () => {
      await store.takeSite('s', 'c1');
      const outcomes = await Promise.all([store.saveDecision(aDecision()), store.saveDecision(aDecision())]);
      expect(outcomes.sort()).toEqual(['saved', 'stale']);
    });

    test('of 20,000 jobs are one decision', async () => {
      await store.takeSite('s', 'c1');
      const jobs = Array.from({ length: 20_000 }, (_, i) => ({ miner: `m${i}`, state: 'QUEUED', body: { i } }));
      expect(await store.saveDecision(aDecision({ jobs }))).toBe('saved');
      expect((await store.restart('r1'))?.jobs).toHaveLength(20_000);
    });

    test('keep effects in order until they are performed', async () => {
      await store.takeSite('s', 'c1');
      const effects = ['a', 'b', 'c'].map((kind) => ({ kind, body: {} }));
      await store.saveDecision(aDecision({ effects }));
      const [first] = await store.pendingEffects('s');
      await store.markPerformed([first?.id ?? -1]);
      await reopen();
      expect((await store.pendingEffects('s')).map(({ kind }) => kind)).toEqual(['b', 'c']);
      expect(await store.pendingEffects('elsewhere')).toEqual([]);
    });

    test('give the log in pages', async () => {
      await store.takeSite('s', 'c1');
      const log = ['a', 'b', 'c'].map((kind, index) => ({ atMs: index, kind, body: null }));
      await store.saveDecision(aDecision({ log }));
      const page = await store.log('r1', 0, 2);
      const rest = await store.log('r1', page[1]?.id ?? -1, 2);
      expect([...page, ...rest].map(({ kind }) => kind)).toEqual(['a', 'b', 'c']);
    });

    test('name the newest restart that has not ended, or else the newest', async () => {
      await store.takeSite('s', 'c1');
      expect(await store.newestRestart('s')).toBeNull();
      await store.saveDecision(aDecision({ restart: 'r1' }));
      await store.saveDecision(aDecision({ restart: 'r2', ended: true, state: 'COMPLETED' }));
      expect((await store.newestRestart('s'))?.restart).toBe('r1');
      await store.saveDecision(aDecision({ restart: 'r1', expectedVersion: 1, ended: true, state: 'COMPLETED' }));
      expect((await store.newestRestart('s'))?.restart).toBe('r2');
      expect(await store.restarts('s', 1)).toEqual([
        { restart: 'r2', state: 'COMPLETED', ended: true, header: { wave: 1 } },
      ]);
    });
  });

  describe('history', () => {
    test('counts the epoch of each site alone, over restarts of the store', async () => {
      expect(await store.takeSite('s', 'c1')).toBe(1);
      await reopen();
      expect([await store.takeSite('s', 'c1'), await store.takeSite('t', 'c1')]).toEqual([2, 1]);
    });

    test('keeps outages, newest first, and what is learned of them later', async () => {
      const windows = [{ fromMs: 2, toMs: null, label: 'DNS_ONLY' }];
      const first = { site: 's', outage: 1, startedMs: 1, endedMs: null, windows: [], cost: null, power: null };
      await store.saveOutage(first);
      const cost = {
        toMs: 90,
        hashLostEh: 3.6,
        idleKwh: 0.25,
        minerHours: 12,
        hashUnknownMinerHours: 1.5,
        idleUnknownMinerHours: 12,
      };
      const power = { state: 'back' as const, sinceMs: null, backMs: 40, begun: 9, read: 10 };
      await store.saveOutage({ ...first, outage: 2, startedMs: 10, windows });
      await store.saveOutage({ ...first, outage: 2, startedMs: 10, windows, cost, power });
      await store.saveOutage({ ...first, endedMs: 5 });
      await reopen();
      expect(await store.outages('s', 10)).toEqual([
        { site: 's', outage: 2, startedMs: 10, endedMs: null, windows, cost, power },
        { ...first, endedMs: 5 },
      ]);
      expect(await store.outages('t', 10)).toEqual([]);
    });

    test('keeps the timeline in the order of writing, also when the clock steps back', async () => {
      const entry = (atMs: number) => ({ atMs, state: 'DOWN', label: null, whyNot: 'tcp.timeout' });
      for (const atMs of [5, 9, 3]) await store.appendTimeline('s', entry(atMs));
      expect(await store.timeline('s', 2)).toEqual([entry(9), entry(3)]);
    });

    test('keeps what agents said of their uplinks, once however often it comes, when its records are long gone', async () => {
      await store.appendRecords(from('a1'), records(1, 2));
      await store.appendRecords(from('a1'), [...records(1, 2), loss(3, 3, 3)]);
      await store.appendRecords({ ...from('a2'), site: 't' }, records(1, 1));
      await store.markApplied((await store.unappliedRecords(10)).map(({ id }) => id));
      expect(await store.trim(1_000 + 40 * 86_400_000)).toBe(4);
      await reopen();
      const row = { agent: 'a1', uplink: 'u1', was: null, state: 'DOWN', label: null };
      expect(await store.verdicts('s', 10)).toEqual([
        { ...row, atMs: 1_002, whyNot: 'tcp.timeout 2' },
        { ...row, atMs: 1_001, whyNot: 'tcp.timeout 1' },
      ]);
      expect(await store.verdicts('t', 10)).toHaveLength(1);
    });

    test('keeps the audit, newest first', async () => {
      const row = { atMs: 1, actor: 'local', action: 'restart.start', target: 'r1', reason: 'storm over' };
      await store.appendAudit(row);
      await store.appendAudit({ ...row, atMs: 2, reason: null, outcome: 'ok' });
      expect(await store.audit(10)).toEqual([
        { ...row, atMs: 2, reason: null, outcome: 'ok' },
        { ...row, outcome: null },
      ]);
    });
  });

  test('rejects calls after it was closed', async () => {
    await store.close();
    await expect(store.ackedSeq('a1', 1)).rejects.toThrow();
    store = await under.open();
  });
}
