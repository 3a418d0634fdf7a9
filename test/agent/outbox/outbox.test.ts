import { afterEach, describe, expect, test } from '@jest/globals';
import type { RecordBatch } from '../../../shared/messages.ts';
import { millis } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import { aJournal, aVerdict, openRig, type Rig } from './helpers.ts';
import { aReceiver } from './receiver.ts';

let rig: Rig;
afterEach(() => rig.remove());

const seqs = (batch: RecordBatch | null): number[] => batch?.records.map(({ seq }) => seq) ?? [];
const kinds = (batch: RecordBatch | null): string[] =>
  batch?.records.map(({ body }) => (body.kind === 'loss' ? `loss ${body.fromSeq}-${body.toSeq}` : body.kind)) ?? [];

describe('the outbox', () => {
  test('keeps a record until its seq is acknowledged, and no longer', () => {
    rig = openRig();
    for (const label of ['a', 'b', 'c']) rig.outbox.append(aVerdict(label));
    expect(seqs(rig.outbox.batch(200))).toEqual([1, 2, 3]);
    expect(seqs(rig.outbox.batch(200))).toEqual([1, 2, 3]);
    rig.outbox.acked(rig.db.bootEpoch, 2);
    expect(seqs(rig.outbox.batch(200))).toEqual([3]);
    rig.outbox.acked(rig.db.bootEpoch, 3);
    expect(rig.outbox.batch(200)).toBeNull();
  });

  test('never sends more than the credit, nor more than a frame holds', () => {
    rig = openRig();
    for (let i = 0; i < 250; i++) rig.outbox.append(aVerdict('x'.repeat(200)));
    expect(seqs(rig.outbox.batch(7))).toHaveLength(7);
    expect(rig.outbox.batch(0)).toBeNull();
    expect(seqs(rig.outbox.batch(10_000))).toHaveLength(200);
    for (let i = 0; i < 200; i++) rig.outbox.append(aVerdict('x'.repeat(2_000)));
    rig.outbox.acked(rig.db.bootEpoch, 250);
    const batch = rig.outbox.batch(200);
    expect(JSON.stringify(batch).length).toBeLessThanOrEqual(131_072);
    expect(seqs(batch).length).toBeGreaterThan(40);
  });

  test('says how long a record has waited, and that it waited', () => {
    rig = openRig();
    rig.outbox.append(aVerdict('a'));
    expect(rig.outbox.batch(1)?.records[0]).toMatchObject({ ageMs: 0, queued: false });
    rig.clock.advance(millis(5_000));
    rig.clock.stepWall(millis(3_600_000));
    expect(rig.outbox.batch(1)?.records[0]).toMatchObject({ ageMs: 5_000, queued: true });
  });

  test('delivers what an earlier process left first, under the epoch of that process', () => {
    rig = openRig();
    rig.outbox.append(aVerdict('before'));
    const before = rig.db.bootEpoch;
    rig.restart();
    rig.outbox.append(aVerdict('after'));
    expect(rig.db.bootEpoch).toBeGreaterThan(before);
    expect(rig.outbox.batch(200)).toMatchObject({ bootEpoch: before, records: [{ seq: 1, queued: true }] });
    rig.outbox.acked(before, 1);
    expect(rig.outbox.batch(200)).toMatchObject({ bootEpoch: rig.db.bootEpoch, records: [{ seq: 1 }] });
  });

  test('drops the oldest verdicts when it is full, says so in their place, and leaves the journal alone', () => {
    rig = openRig({ limits: { records: 10, bytes: 1_000_000 } });
    for (let i = 0; i < 4; i++) rig.outbox.append(aVerdict(`v${i}`));
    rig.outbox.append(aJournal('c1'));
    for (let i = 4; i < 12; i++) rig.outbox.append(aVerdict(`v${i}`));
    expect(rig.outbox.counts().records).toBeLessThanOrEqual(10);
    expect(kinds(rig.outbox.batch(200)).slice(0, 2)).toEqual(['loss 1-4', 'journal']);
  });

  test('takes no new order when journal records alone fill it, and takes them again when they are delivered', () => {
    rig = openRig({ limits: { records: 10, bytes: 1_000_000 } });
    for (let i = 0; i < 8; i++) rig.outbox.append(aJournal(`c${i}`));
    expect(rig.outbox.roomForAct()).toBe(true);
    rig.outbox.append(aJournal('c8'));
    expect(rig.outbox.roomForAct()).toBe(false);
    expect(rig.outbox.degraded()).toContain('full');
    for (let i = 9; i < 14; i++) rig.outbox.append(aJournal(`c${i}`)); // what is under way may still report
    expect(seqs(rig.outbox.batch(200))).toHaveLength(14);
    rig.outbox.acked(rig.db.bootEpoch, 10);
    expect([rig.outbox.roomForAct(), rig.outbox.degraded()]).toEqual([true, null]);
  });

  test('explains a run to a controller that had taken its first record before we dropped it', () => {
    rig = openRig({ limits: { records: 5, bytes: 1_000_000 } });
    const receiver = aReceiver();
    for (let i = 0; i < 5; i++) rig.outbox.append(aVerdict(`v${i}`));
    const sent = rig.outbox.batch(1) as RecordBatch; // only seq 1 arrives, and its answer is lost
    receiver.take(sent);
    for (let i = 5; i < 9; i++) rig.outbox.append(aVerdict(`v${i}`));
    expect(kinds(rig.outbox.batch(1))).toEqual(['loss 1-4']);
    drain(receiver);
    expect(receiver.holes()).toEqual([]);
    expect(receiver.bodies()).toContainEqual({
      kind: 'loss',
      fromSeq: 2,
      toSeq: 4,
      reason: 'the outbox was full',
      count: 3,
    });
    expect(rig.outbox.batch(200)).toBeNull();
  });

  test('puts a record aside that nobody can read, and says so in its place', () => {
    rig = openRig();
    for (const label of ['a', 'b']) rig.outbox.append(aVerdict(label));
    rig.outbox.bury(rig.db.bootEpoch, 1);
    rig.outbox.bury(rig.db.bootEpoch, 1);
    expect(kinds(rig.outbox.batch(200))).toEqual(['loss 1-1', 'verdict']);
    expect(rig.db.sql.prepare('select count(*) as kept from dead_letters').get()?.kept).toBe(1);
  });

  test('does not wait for ever for a controller that has lost its store', () => {
    rig = openRig();
    for (let i = 0; i < 3; i++) rig.outbox.append(aVerdict(`v${i}`));
    rig.outbox.acked(rig.db.bootEpoch, 3);
    rig.outbox.append(aVerdict('new'));
    const receiver = aReceiver();
    drain(receiver);
    expect(receiver.bodies()).toMatchObject([{ label: 'new' }, { kind: 'loss', fromSeq: 1, toSeq: 3 }]);
    expect(rig.outbox.batch(200)).toBeNull();
  });
});

function drain(receiver: ReturnType<typeof aReceiver>): void {
  for (let i = 0; i < 200; i++) {
    const batch = rig.outbox.batch(200);
    if (batch === null) return;
    rig.outbox.acked(batch.bootEpoch, receiver.take(batch));
  }
}

// What can happen to an outbox, one letter each: a record is written, a batch arrives, arrives twice, arrives without
// its answer, arrives late and in reverse, the process starts anew.
const happening = fc.constantFrom('verdict', 'journal', 'send', 'twice', 'unanswered', 'late', 'restart');

test('loses nothing and repeats nothing, whatever is lost, doubled or late on the way', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), fc.integer({ min: 3, max: 30 }), (happenings, room) => {
      rig = openRig({ limits: { records: room, bytes: 1_000_000 } });
      try {
        const receiver = aReceiver();
        const journals: string[] = [];
        let verdicts = 0;
        let late: RecordBatch | null = null;
        for (const what of happenings) {
          const batch = rig.outbox.batch(5);
          if (what === 'verdict') rig.outbox.append(aVerdict(`v${verdicts++}`));
          else if (what === 'journal') {
            journals.push(`c${journals.length}`);
            rig.outbox.append(aJournal(journals.at(-1) ?? ''));
          } else if (what === 'restart') rig.restart();
          else if (batch !== null) {
            const acked = receiver.take(batch);
            if (what === 'twice') receiver.take(batch);
            if (what === 'late' && late !== null) receiver.take({ ...late, records: late.records.toReversed() });
            late = batch;
            if (what !== 'unanswered') rig.outbox.acked(batch.bootEpoch, acked);
          }
        }
        drain(receiver);
        const bodies = receiver.bodies();
        const arrived = bodies.flatMap((body) => (body.kind === 'journal' ? [body.entry.cmdId] : []));
        const seen = bodies.filter(({ kind }) => kind === 'verdict').length;
        const lost = bodies.reduce((sum, body) => sum + (body.kind === 'loss' ? body.count : 0), 0);
        expect(rig.outbox.batch(200)).toBeNull();
        expect(receiver.holes()).toEqual([]);
        expect(arrived.sort()).toEqual([...journals].sort());
        expect(seen + lost).toBeGreaterThanOrEqual(verdicts);
      } finally {
        rig.remove();
        rig = openRig();
      }
    }),
    { numRuns: 30 },
  );
});
