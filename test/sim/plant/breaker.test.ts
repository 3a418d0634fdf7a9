import { describe, expect, test } from '@jest/globals';
import { BREAKER, msToTrip, thetaAfter } from '../../../sim/plant/breaker.ts';

const COLD = 0;
const AT_80_PCT = 0.64;

describe('the trip curve', () => {
  test.each<[name: string, theta: number, ratio: number, tripsMs: number | null]>([
    ['holds its rating for ever', COLD, 1, null],
    ['holds 1.05 × for ever', COLD, 1.05, null],
    ['trips just above 1.05 ×, after long', COLD, 1.051, 1_503_559],
    ['trips at 1.3 × from cold in about four minutes', COLD, 1.3, 253_586],
    ['trips sooner when it is warm', AT_80_PCT, 1.3, 139_361],
    ['trips sooner at a higher load', AT_80_PCT, 2, 35_543],
    ['takes its time just below 5 ×', COLD, 4.99, 10_869],
    ['trips at once from 5 × on', COLD, 5, 0],
  ])('%s', (_, theta, ratio, tripsMs) => {
    expect(msToTrip(theta, ratio, BREAKER)).toBe(tripsMs);
  });

  test('says the same whether time passes in one step or in many', () => {
    const load = { ratio: 1.2, forMs: 90_000 };
    const once = thetaAfter(AT_80_PCT, load, BREAKER.tauMs);
    let theta = AT_80_PCT;
    for (let i = 0; i < 90; i++) theta = thetaAfter(theta, { ...load, forMs: 1_000 }, BREAKER.tauMs);
    expect(theta).toBeCloseTo(once, 9);
  });

  test('reaches its trip point exactly when it says', () => {
    const tripsMs = msToTrip(COLD, 1.3, BREAKER) ?? 0;
    expect(thetaAfter(COLD, { ratio: 1.3, forMs: tripsMs }, BREAKER.tauMs)).toBeGreaterThanOrEqual(1.05 ** 2);
    expect(thetaAfter(COLD, { ratio: 1.3, forMs: tripsMs - 1 }, BREAKER.tauMs)).toBeLessThan(1.05 ** 2);
  });
});
