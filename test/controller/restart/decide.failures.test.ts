import { describe, expect, test } from '@jest/globals';
import type { RestartPolicy } from '../../../config/site.ts';
import { waitingFor } from '../../../controller/restart/view.ts';
import { millis } from '../../../shared/units.ts';
import {
  aRestart,
  type Happening,
  jobOf,
  journal,
  operator,
  ordersOf,
  playOut,
  seen,
  seenUp,
  tick,
} from './builders.ts';
import { POLICY, type Tree } from './sites.ts';

const SOAK: Partial<RestartPolicy> = { soakMs: millis(10_000) };

describe('load that nobody ordered', () => {
  const two: Tree = {
    feed: 'pdu',
    slots: 1,
    miners: ['a', 'm'].map((id) => ({ id, steadyW: 1_000, overheadW: 100, bootMs: 100_000 })),
  };

  test('is charged in the same event, before anything is admitted', () => {
    const { effects } = playOut(aRestart(two, SOAK), [
      [0, tick],
      [
        60_000,
        (restart, nowMs) => {
          const [a] = [seen('starting', 'a')].map((one) => (typeof one === 'function' ? one(restart, nowMs) : one));
          const [m] = [seen('idle', 'm')].map((one) => (typeof one === 'function' ? one(restart, nowMs) : one));
          if (a?.kind !== 'seen' || m?.kind !== 'seen') throw new Error('not readings');
          return { kind: 'seen', seen: [...m.seen, ...a.seen] };
        },
      ],
    ]);
    expect(ordersOf(effects)).toEqual([]);
    expect(effects.filter((effect) => effect.kind === 'log' && effect.log === 'uncommanded')).toHaveLength(1);
  });

  test('frees the slot when it hashes', () => {
    const { effects } = playOut(aRestart(two, SOAK), [
      [0, tick],
      [60_000, seen('starting', 'a')],
      [70_000, seen('idle', 'm')],
      [80_000, seen('hashing', 'a')],
    ]);
    expect(ordersOf(effects)).toEqual(['restart m']);
  });

  test('is expected: room is left for a late self-start of those that still wait', () => {
    const miners = ['a', 'b', 'm'].map((id) => ({ id, steadyW: 1_000, overheadW: 100, bootMs: 100_000 }));
    const atOnce = (lateSelfStartPct: number): readonly string[] =>
      ordersOf(
        playOut(aRestart({ feed: 'pdu', slots: 9, capW: 3_200, miners }, { ...SOAK, lateSelfStartPct }), [
          [0, tick],
          [60_000, seen('idle', 'a', 'b', 'm')],
        ]).effects,
      );
    expect(atOnce(0)).toEqual(['restart a', 'restart b']);
    expect(atOnce(2)).toEqual(['restart a']);
  });
});

describe('failures', () => {
  const farm = (pdus: number, each: number): Tree => ({
    feed: 'site',
    feeds: Array.from({ length: pdus }, (_, p) => ({
      feed: `pdu-${p}`,
      slots: 99,
      miners: Array.from({ length: each }, (_, i) => ({
        id: `p${p}m${i}`,
        steadyW: 1_000,
        overheadW: 100,
        bootMs: 1_000,
        model: `model-${p}`,
      })),
    })),
  });
  const lenient = { ...POLICY.gate, failPct: 100, minOk: 0 };
  const halt = { ...POLICY.halt, minSample: 99, pdu: { pct: 34, minSample: 2, absoluteMax: null }, closePct: 100 };

  /** Everybody is pushed at 60 s; those named fail at the end of their grace, the others are healthy. */
  function failing(tree: Tree, ids: readonly string[], policy: Partial<RestartPolicy>) {
    const restart = aRestart(tree, { ...SOAK, gate: lenient, halt, ...policy });
    const all = [...restart.site.miners.keys()] as readonly string[];
    const well = all.filter((id) => !ids.includes(id));
    return playOut(restart, [
      [0, tick],
      [60_000, seen('idle', ...all)],
      ...all.map((id): [number, Happening] => [61_000, journal(id, 'ACTING')]),
      [100_000, seen('hashing', ...well)],
      [110_000, seenUp('hashing', 61_000, ...well)],
      [361_000, seen('idle', ...ids)],
    ]);
  }

  test('of one PDU close it and do not end the restart', () => {
    const { restart } = failing(farm(3, 4), ['p0m0', 'p0m1'], {});
    expect([restart.state, restart.closedScopes]).toEqual(['RUNNING', ['pdu:pdu-0']]);
    expect(jobOf(restart, 'p0m0')).toMatchObject({ state: 'QUEUED', rung: 'reboot' });
    const resumed = playOut(restart, [[362_000, operator('resume')]]);
    expect(resumed.restart.closedScopes).toEqual([]);
    expect(ordersOf(resumed.effects)).toEqual(['reboot p0m0', 'reboot p0m1']);
  });

  test('of two PDUs halt the restart', () => {
    const { restart } = failing(farm(3, 4), ['p0m0', 'p0m1', 'p1m0', 'p1m1'], {});
    expect(restart).toMatchObject({ state: 'HALTED', haltReason: 'two of a kind failed: pdu:pdu-0, pdu:pdu-1' });
    const resumed = playOut(restart, [
      [362_000, operator('resume')],
      [362_001, tick],
    ]);
    expect(resumed.restart.state).toBe('RUNNING');
  });

  test('are counted against those attempted, not against all', () => {
    const at = (minSample: number) =>
      failing(farm(1, 4), ['p0m0'], { halt: { ...halt, pct: 20, minSample, pdu: { ...halt.pdu, pct: 100 } } }).restart
        .state;
    expect([at(5), at(4)]).toEqual(['RUNNING', 'HALTED']);
  });

  test('of one model close it for those still queued, and say so', () => {
    const byModel = {
      ...halt,
      pdu: { ...halt.pdu, minSample: 99 },
      model: { pct: 20, minSample: 2, absoluteMax: null },
    };
    const { restart } = failing(farm(3, 4), ['p0m0', 'p0m1'], { halt: byModel });
    expect([restart.state, restart.closedScopes]).toEqual(['RUNNING', ['model:model-0']]);
    const later = playOut(restart, [[362_000, seen('idle', 'p0m0', 'p0m1')]]);
    expect(ordersOf(later.effects)).toEqual([]);
    expect(waitingFor(later.restart)).toContain('model:model-0');
  });
});
