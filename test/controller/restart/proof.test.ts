import { describe, expect, test } from '@jest/globals';
import { type ProofFeed, type ProofStart, prove } from '../../../controller/restart/proof.ts';

const FEED: ProofFeed = {
  feed: 'pdu',
  capW: 1_000_000,
  baseW: 0,
  rampWPerMin: null,
  rampBurstW: null,
  maxBooting: null,
  startSpacingMs: null,
};

/** 1,000 W for ever and 100 W more for ten seconds, under `site` and `pdu`. */
function start(atMs: number, more: Partial<ProofStart> = {}): ProofStart {
  return {
    miner: `m${atMs}`,
    feedPath: ['site', 'pdu'],
    wave: 0,
    ordered: true,
    grantedAtMs: atMs,
    atMs,
    steadyW: 1_000,
    bootOverheadW: 100,
    bootedAtMs: atMs + 10_000,
    offAtMs: Infinity,
    ...more,
  };
}

const found = (feed: Partial<ProofFeed>, starts: readonly ProofStart[]): readonly (readonly [string, number])[] =>
  prove([{ ...FEED, ...feed }], starts, [{ index: 0, gatedAtMs: null }]).violations.map(({ kind, atMs }) => [
    kind,
    atMs,
  ]);

describe('the proof', () => {
  test('finds a feed over its cap by one watt, and not one at its cap', () => {
    const starts = [start(0), start(5_000)];
    expect(found({ capW: 2_200 }, starts)).toEqual([]);
    expect(found({ capW: 2_199 }, starts)).toEqual([['cap', 5_000]]);
    expect(found({ capW: 2_200, baseW: 1 }, starts)).toEqual([['cap', 5_000]]);
  });

  test('finds one boot too many, and lets a boot end at the instant in which the next begins', () => {
    expect(found({ maxBooting: 1 }, [start(0), start(10_000)])).toEqual([]);
    expect(found({ maxBooting: 1 }, [start(0), start(9_999)])).toEqual([['boots', 9_999]]);
  });

  test('finds a ramp that is broken over any interval, not only the first', () => {
    const ramp = { rampWPerMin: 60_000, rampBurstW: 2_200 }; // 1 W/ms
    expect(found(ramp, [start(0), start(0), start(1_100), start(60_000), start(60_000)])).toEqual([]);
    expect(found(ramp, [start(0), start(0), start(1_099)])).toEqual([['ramp', 1_099]]);
    expect(found(ramp, [start(0), start(60_000), start(60_000), start(60_001)])).toEqual([['ramp', 60_001]]);
  });

  test('measures the ramp where starts happen, not where they are granted', () => {
    const ramp = { rampWPerMin: 60_000, rampBurstW: 1_100 };
    const late = { ...start(0), atMs: 1_100 };
    expect(found(ramp, [late, start(1_100)])).toEqual([['ramp', 1_100]]);
  });

  test('finds starts that are too close together', () => {
    expect(found({ startSpacingMs: 2_000 }, [start(0), start(2_000)])).toEqual([]);
    expect(found({ startSpacingMs: 2_000 }, [start(0), start(1_999)])).toEqual([['spacing', 1_999]]);
  });

  test('finds a start before the gate of an earlier wave, and one behind a gate that never passed', () => {
    const waves = [
      { index: 0, gatedAtMs: 100 },
      { index: 1, gatedAtMs: null },
    ];
    const at = (wave: number, atMs: number) => prove([FEED], [start(atMs, { wave })], waves).violations;
    expect(at(1, 100)).toEqual([]);
    expect(at(1, 99)).toMatchObject([{ kind: 'wave', atMs: 99, limit: 100 }]);
    expect(at(2, 1_000_000)).toMatchObject([{ kind: 'wave' }]);
  });

  test('counts what came up without an order as load, and does not blame it', () => {
    const alone = start(0, { ordered: false });
    expect(found({ capW: 1_099 }, [alone])).toEqual([]);
    expect(found({ capW: 2_199 }, [alone, start(5_000)])).toEqual([['cap', 5_000]]);
    expect(found({ maxBooting: 1 }, [alone, start(5_000)])).toEqual([['boots', 5_000]]);
  });

  test('tells the peak of every feed, whether it was broken or not', () => {
    const { feeds } = prove([{ ...FEED, capW: 5_000, baseW: 500 }], [start(0), start(20_000)], []);
    expect(feeds).toEqual([
      { feed: 'pdu', capW: 5_000, peakW: 2_600, leastFreeW: 2_400, peakBooting: 1, peakOrderedBooting: 1 },
    ]);
  });
});
