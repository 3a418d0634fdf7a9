import { expect, test } from '@jest/globals';
import { answerCall, type Orders } from '../../../agent/link/incoming.ts';
import type { JournalEntry } from '../../../shared/command.ts';
import { FRAME_MAX_BYTES } from '../../../shared/frame.ts';

const entry = (cmdId: string, detail: string | null): JournalEntry => ({
  cmdId,
  restart: 'r1',
  miner: '10.0.0.1',
  action: 'reboot',
  state: 'DONE',
  notExecuted: null,
  result: 'sent',
  detail,
  uptimeS: 1,
  atMs: 1,
});
const orders = (detail: string | null): Orders => ({
  take: () => ({ taken: true, entry: null }),
  revoke: () => [],
  journal: (cmdIds) => cmdIds.map((cmdId) => entry(cmdId, detail)),
});
const ids = (count: number, chars: number): string[] =>
  Array.from({ length: count }, (_, i) => `${i}`.padStart(chars, 'x'));

test('an answer that is too large goes without details, and never without an entry', () => {
  const answered = answerCall(orders('y'.repeat(256)), 'journal', { cmdIds: ids(1_000, 8) });
  if (!answered.ok) throw new Error(answered.code);
  expect((answered.payload as { entries: unknown[] }).entries).toHaveLength(1_000);
  expect(JSON.stringify(answered.payload).length).toBeLessThan(FRAME_MAX_BYTES);
});

test('what cannot be told whole is not told at all: a missing entry would free what is held', () => {
  const long = (cmdId: string): JournalEntry => ({ ...entry(cmdId, null), miner: 'm'.repeat(96) });
  const many: Orders = { ...orders(null), journal: (cmdIds) => cmdIds.map(long) };
  const answered = answerCall(many, 'journal', { cmdIds: ids(1_000, 96) });
  expect(answered).toMatchObject({ ok: false, code: 'PropertyConstraintViolation', bad: false });
});

test('a fault of ours is an InternalError, and no reason to hang up', () => {
  const broken: Orders = {
    ...orders(null),
    take: () => {
      throw new Error('the disk is gone');
    },
  };
  const command = { cmdId: 'c', restart: 'r', miner: 'm', attempt: 1, action: 'reboot', siteEpoch: 1, planHash: '' };
  const more = {
    precond: { healthyThs: null, uptimeS: null, miningState: null },
    ttlMs: 1_000,
    reservation: { steadyW: 1, bootOverheadW: 1 },
  };
  expect(answerCall(broken, 'command', { command: { ...command, ...more } })).toMatchObject({
    ok: false,
    code: 'InternalError',
    bad: false,
  });
});
