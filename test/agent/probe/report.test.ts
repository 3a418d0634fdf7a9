import { describe, expect, test } from '@jest/globals';
import type { PoolLine } from '../../../agent/probe/line.io.ts';
import { poolProbe } from '../../../agent/probe/pool.io.ts';
import { afterEnd, isSilent, type LineState, newLineState, reportOf } from '../../../agent/probe/report.ts';
import { newTalk } from '../../../agent/probe/stratum.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';

const MAX_AGE_MS = 90_000;
const at = (nowMs: number) => ({
  nowMs: millis(nowMs),
  maxAgeMs: millis(MAX_AGE_MS),
  skewMs: millis(7_200_000),
  ntpFromMs: null,
});
const job = { job: '1', prevHash: 'x', height: 1, ntimeS: 0 };

/** A connection that has brought so many jobs. */
const working = (offers: number, before: LineState = newLineState): LineState => ({
  ...before,
  connectedAtMs: millis(0),
  workingTookMs: millis(40),
  talk: {
    ...newTalk,
    stage: 'working',
    offers,
    offer: offers === 0 ? null : { atMs: millis(0), checked: { ok: true, job } },
  },
});
const ended = (state: LineState): LineState => ({ ...state, ...afterEnd(state), connectedAtMs: null });
const isUp = (state: LineState): boolean => reportOf(state, at(1_000)).job.is === 'up';

describe('a pool whose connections end', () => {
  test('is believed when one ended with its first job, and not when two did so one after the other', () => {
    const once = ended(working(1));
    expect(isUp(once)).toBe(true);
    const twice = ended(working(1, once));
    expect(isUp(twice)).toBe(false);
  });

  test('is believed again at the second job of one connection', () => {
    const twice = ended(working(1, ended(working(1))));
    expect(isUp(working(1, twice))).toBe(false);
    expect(isUp(working(2, twice))).toBe(true);
  });

  test('and which lived in between begins to be counted anew', () => {
    expect(isUp(ended(working(1, ended(working(2, ended(working(1)))))))).toBe(true);
  });
});

test('a connection on which no work ever came is silent as long after it was made as one whose work stopped', () => {
  expect(isSilent(working(0), at(MAX_AGE_MS))).toBe(false);
  expect(isSilent(working(0), at(MAX_AGE_MS + 1))).toBe(true);
  expect(isSilent(newLineState, at(MAX_AGE_MS + 1))).toBe(false);
});

test('a question ends at its own deadline, also where a round with a longer one is asking already', async () => {
  const line = {
    prove: () => new Promise<void>(() => {}),
    report: () => reportOf(working(1), at(1_000)),
  } as unknown as PoolLine;
  const spec = {
    ...{ layer: 'job' as const, uplink: uplinkId('isp'), target: 'pool', kind: 'foreign' as const },
    ...{ delayMs: millis(0), timeoutMs: millis(1) },
  };
  const found = await poolProbe('job', new Map([['pool', line]]))(spec, new AbortController().signal);
  expect(found.is).toBe('up');
});
