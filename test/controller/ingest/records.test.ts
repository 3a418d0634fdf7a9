import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readBatch } from '../../../controller/ingest/batch.ts';
import { createIngest, type Ingest } from '../../../controller/ingest/ingest.ts';
import { createOrder, type Kept } from '../../../controller/ingest/order.ts';
import { createLiveSite } from '../../../controller/site/live.ts';
import { openSqliteStore } from '../../../controller/store/sqlite/open.io.ts';
import type { Store } from '../../../controller/store/store.ts';
import { agentId } from '../../../shared/ids.ts';
import { silentLog } from '../../../shared/log.ts';
import type { OutboxRecord } from '../../../shared/messages.ts';
import fc from '../../properties.ts';
import { verdict } from '../agent.ts';
import { aSite } from '../fixture.ts';

const a1 = agentId('a1');
const record = (seq: number): OutboxRecord => ({
  seq,
  atMs: 0,
  ageMs: 0,
  queued: false,
  body: { kind: 'verdict', uplink: 'isp-1', from: null, to: 'DOWN', label: null, whyNot: null },
});
const loss = (seq: number, toSeq: number): OutboxRecord => ({
  ...record(seq),
  body: { kind: 'loss', fromSeq: seq, toSeq, reason: 'full', count: toSeq - seq + 1 },
});

let store: Store;
let ingest: Ingest;
let applied: number[];

beforeEach(async () => {
  store = await openSqliteStore({ file: ':memory:' });
  applied = [];
  ingest = createIngest({
    live: createLiveSite(aSite()),
    append: ({ agent, bootEpoch }, records) =>
      store.appendRecords({ site: 'site-1', agent, bootEpoch, receivedMs: 0 }, records),
    now: () => 0,
    onRecords: (records) => applied.push(...records.map((one) => one.record.seq)),
    onState: () => {},
    log: silentLog,
    credit: 200,
  });
});
afterEach(() => store.close());

const send = (...records: unknown[]) => ingest.records(a1, { bootEpoch: 1, records });

describe('a report', () => {
  test('of a newer agent is taken with labels and layers that only that one knows', () => {
    const evidence = [{ layer: 'newer', target: 'x', is: 'up' as const, why: null, detail: null, tookMs: 1 }];
    const newer = verdict({ state: 'PARTIAL', label: 'NEWER_LABEL', whyNot: 'newer.timeout', evidence });
    const report = { stateRev: 1, full: true, verdicts: [newer], vitals: null, sightings: [] };
    expect(ingest.state(a1, report)).toBe(true);
    expect(ingest.state(a1, { ...report, verdicts: [{ ...newer, state: 'NEWER_STATE' }] })).toBe(false);
  });
});

describe('records', () => {
  test('are acknowledged up to the highest that is there without a gap, and applied in their order', async () => {
    expect(await send(record(1), record(2))).toMatchObject({ ok: true, ack: { ackedSeq: 2 } });
    expect(await send(record(4), record(5))).toMatchObject({ ok: true, ack: { ackedSeq: 2 } });
    expect(applied).toEqual([1, 2]);
    expect(await send(record(3))).toMatchObject({ ok: true, ack: { ackedSeq: 5 } });
    expect(applied).toEqual([1, 2, 3, 4, 5]);
  });

  test('that come a second time change nothing', async () => {
    await send(record(1), record(2));
    expect(await send(record(1), record(2), record(3))).toMatchObject({ ok: true, ack: { ackedSeq: 3 } });
    expect(applied).toEqual([1, 2, 3]);
  });

  test('that were lost close the gap as soon as their loss is told', async () => {
    await send(record(5));
    expect(await send(loss(1, 4))).toMatchObject({ ok: true, ack: { ackedSeq: 5 } });
    expect(applied).toEqual([1, 5]);
  });

  test('that cannot be read are named, and do not hold up the others', async () => {
    const answer = await send(record(1), { seq: 2, broken: true }, record(3));
    expect(answer).toMatchObject({ ok: false, malformed: false, details: { poison: [2], ackedSeq: 1 } });
    expect(await send(loss(2, 2))).toMatchObject({ ok: true, ack: { ackedSeq: 3 } });
    expect(applied).toEqual([1, 2, 3]);
  });

  test('are malformed when they are no batch at all', async () => {
    expect(await ingest.records(a1, { bootEpoch: 1 })).toMatchObject({ ok: false, malformed: true });
    expect(await ingest.records(a1, { bootEpoch: 0, records: [] })).toMatchObject({ ok: false, malformed: true });
  });

  test('of two boots are numbered apart', async () => {
    await send(record(1));
    const next = await ingest.records(a1, { bootEpoch: 2, records: [record(1)] });
    expect(next).toMatchObject({ ok: true, ack: { ackedSeq: 1 } });
    expect(applied).toEqual([1, 1]);
  });
});

test('a batch of more records than may be sent at once is none', () => {
  const records = Array.from({ length: 201 }, (_, i) => record(i + 1));
  expect(readBatch({ bootEpoch: 1, records })).toBeNull();
  expect(readBatch({ bootEpoch: 1, records: records.slice(1) })).not.toBeNull();
});

test('whatever the order and the doubles of their arrival, records are applied once and in order', () => {
  const arrivals = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 });
  fc.assert(
    fc.property(arrivals, (seqs) => {
      const order = createOrder();
      const got: number[] = [];
      const have = new Set<number>();
      for (const seq of seqs) {
        have.add(seq);
        let ackedSeq = 0;
        while (have.has(ackedSeq + 1)) ackedSeq += 1;
        const kept: Kept = { id: seq, agent: 'a1', bootEpoch: 1, record: record(seq) };
        got.push(...order.pass({ agent: 'a1', bootEpoch: 1, ackedSeq }, [kept]).map((one) => one.record.seq));
      }
      expect(got).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }),
  );
});
