import { describe, expect, test } from '@jest/globals';
import { costText, forecastText, powerText } from '../../shared/outage-text.ts';
import type { ForecastView, OutageCostView } from '../../shared/view.ts';

const MINUTE_MS = 60_000;
const words = {
  duration: (ms: number) => `${Math.round(ms / MINUTE_MS)} min`,
  clock: (atMs: number) => `minute ${atMs / MINUTE_MS}`,
};

describe('what an outage cost, in words', () => {
  const cost: OutageCostView = {
    toMs: 0,
    hashLostEh: 36,
    idleKwh: 5.25,
    minerHours: 100,
    hashUnknownMinerHours: 0,
    idleUnknownMinerHours: 0,
  };

  test.each([
    [cost, '36 EH not computed (10 PH/s for an hour), 5.25 kWh drawn by miners that earned nothing'],
    [
      { ...cost, hashUnknownMinerHours: 4, idleUnknownMinerHours: 100 },
      'at least 36 EH not computed (10 PH/s for an hour), 5.25 kWh drawn by miners that earned nothing; ' +
        'not known: the hash rate of 4 % of the miner-hours, the idle draw of 100 % of the miner-hours',
    ],
    [
      { ...cost, hashLostEh: 0, idleKwh: 0.00001, hashUnknownMinerHours: 0.001 },
      'at least 0 EH not computed (0 PH/s for an hour), less than 0.001 kWh drawn by miners that earned nothing; ' +
        'not known: the hash rate of 1 % of the miner-hours',
    ],
    [{ ...cost, minerHours: 0 }, 'what it costs is not counted yet'],
    [null, 'what it cost was not counted'],
  ])('reads as it is', (one, text) => {
    expect(costText(one)).toBe(text);
  });
});

test('power says which came first, and that what does not answer may have no network', () => {
  const back = { state: 'back', sinceMs: 2 * MINUTE_MS, backMs: 9 * MINUTE_MS, begun: 8, read: 10 } as const;
  const before =
    'came back at minute 9, before the internet, gone since minute 2: 8 of 10 miners began to run within minutes';
  expect(powerText(back, null, words)).toBe(before);
  expect(powerText(back, 20 * MINUTE_MS, words)).toBe(before);
  expect(powerText({ ...back, sinceMs: null }, 8 * MINUTE_MS, words)).toContain(
    'at minute 9, after the internet: 8 of',
  );
  expect(powerText({ state: 'away', sinceMs: 2 * MINUTE_MS, silent: 9, miners: 10 }, null, words)).toBe(
    'since minute 2 9 of 10 miners do not answer: no power, or no network of the farm’s own',
  );
});

describe('the forecast, in words', () => {
  const forecast: ForecastView = {
    openSinceMs: 100 * MINUTE_MS,
    windowsHere: 2,
    windowsBefore: 5,
    medianMs: 90 * MINUTE_MS,
    longestMs: 400 * MINUTE_MS,
    needMs: 40 * MINUTE_MS,
    needIs: 'ideal',
    reached: 6,
    lasted: 5,
    chance: 0.75,
    fits: true,
    why: null,
  };
  const text = (of: Partial<ForecastView>): string =>
    forecastText({ ...forecast, ...of }, 105 * MINUTE_MS, words).join(' | ');

  test.each([
    [
      {},
      'a window has been open for 5 min; half of the 7 that are over (2 in this outage) lasted 90 min or more, the longest 400 min' +
        ' | a restart from now takes 40 min: it probably fits; 5 of 6 windows that got so old lasted for it, a chance of about 75 %',
    ],
    [
      { openSinceMs: null, fits: false, lasted: 1, chance: 0.25, needIs: 'bound' as const },
      'no window is open; half of the 7 that are over (2 in this outage) lasted 90 min or more, the longest 400 min' +
        ' | a restart from now takes at least 40 min: it probably does not fit; 1 of 6 windows lasted for it, a chance of about 25 %',
    ],
    [
      { windowsHere: 1, windowsBefore: 0, reached: 0, lasted: 0, chance: null, fits: null, why: 'too few' },
      'a window has been open for 5 min; one that is over lasted 400 min | a restart from now takes 40 min; no chance is given: too few',
    ],
    [
      { windowsHere: 0, windowsBefore: 0, medianMs: null, longestMs: null, needMs: null, why: 'no room' },
      'a window has been open for 5 min; none is on record that is over | whether a restart fits cannot be said: no room',
    ],
  ])('reads as it is', (of, expected) => {
    expect(text(of)).toBe(expected);
  });
});
