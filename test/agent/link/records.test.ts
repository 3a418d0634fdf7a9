import { afterEach, expect, test } from '@jest/globals';
import type { CallEnd } from '../../../agent/link/calls.ts';
import { type Pump, pumpRecords } from '../../../agent/link/records.ts';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import { silentLog } from '../../../shared/log.ts';
import type { RecordBatch } from '../../../shared/messages.ts';
import { millis } from '../../../shared/units.ts';
import { aVerdict } from '../outbox/helpers.ts';

let pump: Pump;
afterEach(() => pump.stop());

const tick = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A backlog of `seqs` and a controller that answers by the given rule. */
function aBacklog(seqs: readonly number[], answer: (sent: number[], call: number) => CallEnd) {
  const clock: VirtualClock = virtualClock();
  const line = { sent: [] as number[][], left: [...seqs], buried: [] as number[], terminated: false };
  pump = pumpRecords({
    session: {
      async call(_, payload) {
        const sent = (payload as RecordBatch).records.map(({ seq }) => seq);
        line.sent.push(sent);
        return answer(sent, line.sent.length);
      },
      terminate() {
        line.terminated = true;
      },
    },
    outbox: {
      batch: (credit) =>
        line.left.length === 0
          ? null
          : {
              bootEpoch: 7,
              records: line.left
                .slice(0, credit)
                .map((seq) => ({ seq, atMs: 0, ageMs: 0, queued: false, body: aVerdict('x') })),
            },
      acked(_, acked) {
        line.left = line.left.filter((seq) => seq > acked);
      },
      bury: (_, seq) => line.buried.push(seq),
    },
    bootEpoch: 7,
    ackedSeq: 0,
    credit: 2,
    clock,
    log: silentLog,
  });
  return { clock, line };
}

const all = (sent: number[]): CallEnd => ({ ok: true, payload: { ackedSeq: sent.at(-1) ?? 0, credit: 2 } });

test('sends what is new as soon as it is told of it', async () => {
  const { line } = aBacklog([], all);
  await tick();
  line.left.push(1);
  pump.wake();
  await tick();
  expect(line.sent).toEqual([[1]]);
});

test('sends the same records again a while after an answer that moved nothing', async () => {
  const { clock, line } = aBacklog([1, 2, 3], (sent, call) =>
    call === 1 ? { ok: true, payload: { ackedSeq: 0, credit: 2 } } : all(sent),
  );
  await tick();
  clock.advance(millis(4_999));
  await tick();
  expect(line.sent).toEqual([[1, 2]]);
  clock.advance(millis(1));
  await tick();
  expect(line.sent).toEqual([[1, 2], [1, 2], [3]]);
});

test('gives a connection up whose controller never answers', async () => {
  const { line } = aBacklog([1], () => ({ ok: false, code: 'timeout', description: '' }));
  await tick();
  expect(line.terminated).toBe(true);
});

test('skips a record only when the controller has said three times that it cannot read it', async () => {
  const { clock, line } = aBacklog([1, 2], () => ({
    ok: false,
    code: 'PropertyConstraintViolation',
    description: 'unreadable',
    details: { poison: [2], ackedSeq: 1 },
  }));
  await tick();
  clock.advance(millis(5_000));
  await tick();
  expect([line.left, line.buried]).toEqual([[2], []]);
  clock.advance(millis(5_000));
  await tick();
  expect(line.buried).toEqual([2]);
});

test('sends nothing more once the connection has ended', async () => {
  const { clock, line } = aBacklog([], all);
  await tick();
  pump.stop();
  line.left.push(1);
  pump.wake();
  clock.advance(millis(60_000));
  await tick();
  expect(line.sent).toEqual([]);
});
