import { describe, expect, test } from '@jest/globals';
import { judge, newJudge } from '../../../agent/verdict/judge.ts';
import { isLossy, type LossRecord, newLossRecord, recordLoss } from '../../../agent/verdict/lossy.ts';
import type { Finding } from '../../../shared/finding.ts';
import { millis } from '../../../shared/units.ts';
import { aRound, beyond, down, evidenceOf, F1, parameters, UPLINK } from './builders.ts';

const anchor = (finding: Finding) =>
  evidenceOf({ f1: finding }).filter(({ layer, target }) => layer === 'tcp' && target === F1);
const anchorless = (world: Parameters<typeof evidenceOf>[0]) =>
  evidenceOf(world).filter(({ layer, target }) => layer === 'http' && / at /.test(target));
const answered = (tookMs: number): Finding => ({ is: 'up', tookMs: millis(tookMs) });
const silent = (tookMs: number): Finding => ({ is: 'down', why: 'timeout', tookMs: millis(tookMs) });

const watchedAt = (atMs: number) => ({ kind: 'watch', atMs: millis(atMs) }) as const;

/** `.` a handshake at once, `x` one that was lost and given up before it was tried again; one a second. */
const record = (text: string, from: LossRecord = newLossRecord, fromS = 0): LossRecord =>
  [...text].reduce(
    (now, one, n) => recordLoss(now, anchor(one === '.' ? answered(40) : silent(900)), watchedAt((fromS + n) * 1_000)),
    from,
  );
const lostIn = ({ samples }: LossRecord): number => samples.reduce((sum, { lost }) => sum + lost, 0);

const trials: readonly (readonly [string, Finding, Readonly<{ ok: number; lost: number }>])[] = [
  ['a handshake that took over a second was tried twice', answered(1_040), { ok: 1, lost: 1 }],
  ['and one that took over three seconds three times', answered(3_040), { ok: 1, lost: 2 }],
  ['a satellite loses nothing', answered(750), { ok: 1, lost: 0 }],
  ['a silence of two seconds is two that are lost', silent(2_000), { ok: 0, lost: 2 }],
  ['and one of five seconds three', silent(5_000), { ok: 0, lost: 3 }],
  ['a refusal has come back', { is: 'down', why: 'refused', tookMs: millis(40) }, { ok: 1, lost: 0 }],
  ['a way that is not there loses nothing', { is: 'down', why: 'noRoute', tookMs: millis(0) }, { ok: 0, lost: 0 }],
];

describe('loss on the way', () => {
  test.each([
    ['needs twenty samples', `${'.x'.repeat(9)}.`, false],
    ['has them then', '.x'.repeat(9).concat('x.'), true],
    ['is none at a fifth', '....x'.repeat(4), false],
    ['is none where chance alone makes more than a fifth of a tenth', '....x'.repeat(3).concat('..x..', '.x..'), false],
    ['is more than a fifth by more than chance', '..x'.repeat(7), true],
    ['is no loss but a cut when the last three rounds brought nothing', '.'.repeat(17).concat('xxxxx', 'xxx'), false],
    ['is loss while one of three brought something', '.'.repeat(6).concat('x.x.'.repeat(4), 'xx.'), true],
  ])('%s', (_, text, lossy) => {
    expect(isLossy(record(text))).toBe(lossy);
  });

  test.each(trials)('%s', (_, finding, trips) => {
    expect(recordLoss(newLossRecord, anchor(finding), watchedAt(0)).samples).toEqual([{ atMs: 0, ...trips }]);
  });

  test('is not told by what resolvers and web servers answer, where there are handshakes', () => {
    const world = { httpName: down('unresolved'), httpAddress: down('challengeMissing') };
    const foreign = evidenceOf(world).filter(({ layer, kind }) => kind === 'foreign' && layer !== 'icmp');
    const anchors = foreign.filter(({ layer, target }) => layer === 'http' || !target.startsWith('stratum'));
    expect(recordLoss(newLossRecord, anchors, { kind: 'full', atMs: millis(0) }).samples).toEqual([
      { atMs: 0, ok: 2, lost: 0 },
    ]);
  });

  test('is told by the challenge of a watch round, and by the handshakes that are asked for where it fails', () => {
    const asked = evidenceOf({ httpAddress: silent(900), f1: silent(400) }).filter(
      ({ layer, target }) => (layer === 'http' && / at /.test(target)) || (layer === 'tcp' && target === F1),
    );
    const back = anchorless({});
    const once = recordLoss(newLossRecord, back, watchedAt(0));
    expect(once.samples).toEqual([{ atMs: 0, ok: back.length, lost: 0 }]);
    expect(recordLoss(once, asked, watchedAt(1_000)).samples.at(-1)).toEqual({
      atMs: 1_000,
      ok: 0,
      lost: asked.length,
    });
  });

  test('is not a challenge that nobody gives back any more', () => {
    const portal = [...anchor(answered(40)), ...anchorless({ httpAddress: silent(900) })];
    const after = [1, 2, 3].reduce((now, s) => recordLoss(now, portal, watchedAt(s * 1_000)), newLossRecord);
    expect(after.samples.at(-1)).toEqual({ atMs: 3_000, ok: 1, lost: 0 });
  });

  test('is not the silence behind a handshake that somebody takes', () => {
    let state = newJudge(UPLINK, parameters());
    const taken = {
      ...beyond(down('timeout')),
      f1: answered(40),
      f2: answered(40),
      tls1: silent(5_000),
      tls2: silent(5_000),
    };
    for (let atS = 0; atS <= 60; atS += 10) {
      state = judge(state, aRound(atS * 1_000, taken), millis(atS * 1_000))[0];
    }
    expect(state.record).toMatchObject({ lostLatelyPct: 0, rounds: [true, true, true] });
    expect(state.verdict?.whyNot).toBe('tls.notVerified');
  });

  test('of most round trips lets no hold be completed, however often a job gets through', () => {
    const bad = { f1: silent(5_000), f2: silent(5_000) };
    let state = newJudge(UPLINK, parameters());
    for (let atS = 0; atS <= 900; atS += 10) {
      state = judge(state, aRound(atS * 1_000, atS < 60 ? {} : bad), millis(atS * 1_000))[0];
      expect(state.verdict?.state).toBe('PARTIAL');
    }
  });

  test('is left only when it falls below the lower bound', () => {
    const entered = record('...x'.repeat(30));
    expect(isLossy(entered)).toBe(true);
    // 120 samples in the window: 13 of them lost are 10.8 %, 12 are 10 %.
    const more = record('.'.repeat(68), entered, 120);
    expect(lostIn(more)).toBe(13);
    expect(isLossy(more)).toBe(true);
    const tenth = record('....', more, 188);
    expect(lostIn(tenth)).toBe(12);
    expect(isLossy(tenth)).toBe(false);
  });

  test('is a reservation on what is restored, and a label of what is not', () => {
    let state = newJudge(UPLINK, parameters());
    const play = (fromS: number, toS: number, world: Parameters<typeof aRound>[1]) => {
      for (let atS = fromS; atS < toS; atS += 10) {
        state = judge(state, aRound(atS * 1_000, world), millis(atS * 1_000))[0];
      }
      return state.verdict;
    };
    play(0, 340, {});
    // The jobs still pass, and one of the four hosts abroad does not.
    expect(play(340, 400, { f1: down('timeout') })).toMatchObject({ state: 'RESTORED', label: 'LOSSY' });
    expect(play(400, 410, beyond(down('timeout')))).toMatchObject({ state: 'RESTORED', label: 'LOSSY' });
  });

  test('is not what another certificate than the expected one is', () => {
    let state = newJudge(UPLINK, parameters());
    const world = { tls1: down('notVerified'), tls2: down('notVerified') };
    for (let atS = 0; atS < 420; atS += 10) {
      state = judge(state, aRound(atS * 1_000, world), millis(atS * 1_000))[0];
    }
    expect(state.verdict).toMatchObject({ state: 'RESTORED', label: null });
  });

  test('before the return was the outage, and is not held against the path', () => {
    let state = newJudge(UPLINK, parameters({ holdMs: millis(0) }));
    for (let atS = 0; atS <= 80; atS += 10) {
      state = judge(state, aRound(atS * 1_000, atS < 50 ? beyond(down('timeout')) : {}), millis(atS * 1_000))[0];
    }
    state = judge(state, aRound(90_000), millis(90_000))[0];
    expect(state.verdict).toMatchObject({ state: 'RESTORED', label: null });
  });
});
