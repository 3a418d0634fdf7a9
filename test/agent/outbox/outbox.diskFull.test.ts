import { afterEach, expect, test } from '@jest/globals';
import { aJournal, aVerdict, openRig, type Rig } from './helpers.ts';
import { aReceiver } from './receiver.ts';

let rig: Rig;
afterEach(() => rig.remove());

const FULL_BYTES = 200_000;

function fillUp(): number {
  for (let i = 0; ; i++) {
    try {
      rig.outbox.append(aJournal(`c${i}-${'x'.repeat(50)}`));
    } catch {
      return i;
    }
  }
}

test('a full disk refuses the journal loudly and leaves nothing half written', () => {
  rig = openRig({ maxBytes: FULL_BYTES });
  const written = fillUp();
  expect(written).toBeGreaterThan(50);
  expect(rig.outbox.counts()).toMatchObject({ records: written, lastSeq: written });
});

test('a full disk holds verdict changes in memory, says so, and writes them in order when there is room again', () => {
  rig = openRig({ maxBytes: FULL_BYTES });
  const written = fillUp();
  for (const label of ['x', 'y', 'z']) rig.outbox.appendOrHold(aVerdict(label.repeat(3_000)));
  expect(rig.outbox.degraded()).toContain('cannot be written');
  rig.outbox.acked(rig.db.bootEpoch, written);
  rig.outbox.appendOrHold(aVerdict('after'));
  expect(rig.outbox.degraded()).toBeNull();
  const receiver = aReceiver();
  receiver.take(rig.outbox.batch(200) ?? { bootEpoch: 1, records: [] });
  const labels = receiver.bodies().map((body) => (body.kind === 'verdict' ? body.label?.slice(0, 5) : body.kind));
  expect(labels).toEqual(['xxxxx', 'yyyyy', 'zzzzz', 'after']);
});

test('what memory cannot hold either is counted as lost', () => {
  rig = openRig({ maxBytes: FULL_BYTES });
  const written = fillUp();
  for (let i = 0; i < 510; i++) rig.outbox.appendOrHold(aVerdict(`${i} ${'x'.repeat(5_000)}`));
  rig.outbox.acked(rig.db.bootEpoch, written);
  rig.db.sql.exec('pragma max_page_count = 100000');
  rig.outbox.appendOrHold(aVerdict('after'));
  const first = rig.outbox.batch(200)?.records[0]?.body;
  expect(first).toMatchObject({ kind: 'loss', count: 10, reason: 'the disk refused' });
});
