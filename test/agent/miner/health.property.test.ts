import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../agent/miner/health.ts';
import { newMemory, RESTARTS_MAX, remember } from '../../../agent/miner/health-memory.ts';
import { EVIDENCE_MAX, EVIDENCE_MAX_CHARS } from '../../../shared/health.ts';
import { UNREADABLE } from '../../../shared/sighting.ts';
import { MINING_STATES, type MinerSnapshot } from '../../../shared/snapshot.ts';
import fc from '../../properties.ts';
import { boards, EVERY_MS, pool, reading } from './timeline.ts';

const FAMILIES = ['antminer-stock', 'whatsminer-v2', 'bitaxe', 'vnish', 'nobody'];
const MANY_ERRORS: MinerSnapshot['errors'] = Array.from({ length: 64 }, (_, i) => ({
  code: `E${i}`,
  message: 'x'.repeat(500),
}));
const anySnapshot = fc
  .record({
    family: fc.constantFrom(...FAMILIES),
    miningState: fc.constantFrom(...MINING_STATES),
    hashrateThs: fc.constantFrom(null, 0, 60, 104),
    hashrateNominalThs: fc.constantFrom(null, 104),
    uptimeS: fc.option(fc.integer({ min: 0, max: 5_000 })),
    boards: fc.constantFrom([], boards(126, 126), boards(126, 126, 126), boards(0, 0, 0), boards(null)),
    pools: fc.constantFrom<MinerSnapshot['pools'][]>([], [pool('dead', 3)], [pool('alive', 3)], [pool('alive', null)]),
    errors: fc.constantFrom([], MANY_ERRORS, [{ code: 'J0:8', message: '' }], [{ code: 'process_down', message: '' }]),
  })
  .map((of) => reading(of));
const partial = anySnapshot.map((one) => ({ ...one, partial: [{ read: 'pools', why: 'timeout' }] }));
const unread = fc
  .constantFrom(...UNREADABLE)
  .map((unreadable) => ({ unreadable, detail: null, snapshot: null as MinerSnapshot | null }));
const readOf = (snapshots: fc.Arbitrary<MinerSnapshot>) =>
  snapshots.map((snapshot) => ({ unreadable: null, detail: null, snapshot: snapshot as MinerSnapshot | null }));
/** Long runs of the same, as they are in life: what only time shows needs time. */
const lifeOf = <T>(one: fc.Arbitrary<T>) =>
  fc
    .array(fc.tuple(one, fc.integer({ min: 1, max: 90 })), { minLength: 1, maxLength: 8 })
    .map((runs) => runs.flatMap(([of, times]) => Array.from({ length: times }, () => of)));

describe('whatever is seen of a miner', () => {
  const PUSHES = ['wake', 'restart', 'reboot'];

  test('no push is called for on readings that failed or are partial, however long', () => {
    fc.assert(
      fc.property(lifeOf(fc.oneof(unread, readOf(partial))), (life) => {
        let memory = newMemory('antminer-stock');
        life.forEach((one, index) => {
          memory = remember(memory, { ...one, atMs: index * EVERY_MS }, 90);
          expect(PUSHES).not.toContain(diagnose(memory, index * EVERY_MS).rung);
        });
      }),
    );
  });

  test('none either while the last reading failed or is partial, whatever was before', () => {
    const any = lifeOf(fc.oneof(unread, readOf(partial), readOf(anySnapshot)));
    fc.assert(
      fc.property(any, fc.oneof(unread, readOf(partial)), (life, last) => {
        const all = [...life, last];
        const memory = all.reduce(
          (so, one, index) => remember(so, { ...one, atMs: index * EVERY_MS }, 90),
          newMemory('antminer-stock'),
        );
        expect(PUSHES).not.toContain(diagnose(memory, all.length * EVERY_MS).rung);
      }),
    );
  });

  test('memory and evidence stay small, and an unknown state stays unknown', () => {
    fc.assert(
      fc.property(lifeOf(fc.oneof(unread, readOf(anySnapshot))), (life) => {
        const memory = life.reduce(
          (so, one, index) => remember(so, { ...one, atMs: index * EVERY_MS }, 90),
          newMemory(null),
        );
        const { condition, evidence, rung } = diagnose(memory, life.length * EVERY_MS);
        expect(memory.restarts.length).toBeLessThanOrEqual(RESTARTS_MAX);
        expect(evidence.length).toBeLessThanOrEqual(EVIDENCE_MAX);
        expect(Math.max(0, ...evidence.map((text) => text.length))).toBeLessThanOrEqual(EVIDENCE_MAX_CHARS);
        const last = life.at(-1)?.snapshot;
        if (last?.miningState === 'unknown' && last.errors.length === 0 && condition !== 'restart_loop') {
          expect([condition, rung]).toEqual(['unknown', 'none']);
        }
      }),
    );
  });
});
