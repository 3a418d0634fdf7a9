import { describe, expect, test } from '@jest/globals';
import { judge, newJudge } from '../../../agent/verdict/judge.ts';
import { isLossy, type LossRecord, newLossRecord, recordLoss } from '../../../agent/verdict/lossy.ts';
import { millis } from '../../../shared/units.ts';
import { aRound, beyond, down, evidenceOf, F1, parameters, UPLINK } from './builders.ts';

const answer = evidenceOf({}).filter(({ layer, target }) => layer === 'tcp' && target === F1);
const loss = evidenceOf({ f1: down('timeout') }).filter(({ layer, target }) => layer === 'tcp' && target === F1);

/** `.` an answer, `x` a loss, one a second. */
const record = (text: string, from: LossRecord = newLossRecord, fromS = 0): LossRecord =>
  [...text].reduce((now, one, n) => recordLoss(now, one === '.' ? answer : loss, millis((fromS + n) * 1_000)), from);

describe('loss on the way', () => {
  test.each([
    ['needs twenty samples', `${'.x'.repeat(9)}.`, false],
    ['has them then', '.x'.repeat(9).concat('x.'), true],
    ['is none at a fifth', '....x'.repeat(4), false],
    ['is more than a fifth', '....x'.repeat(3).concat('...xx', '.'), true],
    ['is no loss but a cut when the last three rounds brought nothing', '.'.repeat(17).concat('xxxxx', 'xxx'), false],
    ['is loss while one of three brought something', '.'.repeat(15).concat('xxxxx', 'xxx.xx'), true],
  ])('%s', (_, text, lossy) => {
    expect(isLossy(record(text))).toBe(lossy);
  });

  test('is left only when it falls below the lower bound', () => {
    const entered = record('...x'.repeat(15));
    expect(isLossy(entered)).toBe(true);
    // 60 samples in the window: 7 of them lost are 11.7 %, 6 are 10 %.
    const seven = record('.'.repeat(32), entered, 60);
    expect(seven.samples.filter(({ ok }) => !ok)).toHaveLength(7);
    expect(isLossy(seven)).toBe(true);
    const six = record('....', seven, 92);
    expect(six.samples.filter(({ ok }) => !ok)).toHaveLength(6);
    expect(isLossy(six)).toBe(false);
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
