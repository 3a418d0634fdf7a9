import { expect, test } from '@jest/globals';
import { letGo, lostUnseen, newOutageWatch, WINDOWS_MAX } from '../../../controller/connectivity/outage.ts';
import { aSiteThatHears, HOLD_MS, rules, type Site } from './builders.ts';

const s = 1_000;

function restoredSite(uplinks = 1): Site {
  const site = aSiteThatHears(rules(uplinks));
  site.say(0, 'R'.repeat(uplinks));
  site.say(HOLD_MS, 'R'.repeat(uplinks));
  return site;
}

test('lasts from the loss to the confirmed restoration, with a window for every time that something answered', () => {
  const site = restoredSite();
  site.say(400 * s, 'A');
  site.say(500 * s, 'P');
  site.say(510 * s, 'P');
  site.say(520 * s, 'D');
  site.say(600 * s, 'H');
  expect(site.watch().open).toMatchObject({ outage: 1, startedMs: 400 * s, endedMs: null });
  site.say(900 * s, 'R');
  expect(site.watch().open).toMatchObject({
    outage: 1,
    startedMs: 400 * s,
    endedMs: 900 * s,
    windows: [
      { fromMs: 500 * s, toMs: 520 * s, label: 'PORTAL' },
      { fromMs: 600 * s, toMs: 900 * s, label: 'HOLDING' },
    ],
  });
});

test('keeps the time of its end until somebody has acted on it', () => {
  const site = restoredSite();
  site.say(400 * s, 'D');
  site.say(500 * s, 'H');
  site.say(800 * s, 'R');
  site.say(810 * s, 'R');
  expect(site.watch().open).toMatchObject({ endedMs: 800 * s });
});

test('goes on when the site is lost again before anyone has acted on its end', () => {
  const site = restoredSite();
  site.say(400 * s, 'D');
  site.say(500 * s, 'H');
  site.say(800 * s, 'R');
  site.say(801 * s, 'D');
  expect(site.watch().open).toMatchObject({ outage: 1, startedMs: 400 * s, endedMs: null });
});

test('is followed by another with the next number', () => {
  const site = restoredSite();
  site.say(400 * s, 'D');
  site.say(500 * s, 'H');
  site.say(800 * s, 'R');
  site.letGo(letGo);
  site.say(900 * s, 'D');
  expect(site.watch().open).toMatchObject({ outage: 2, startedMs: 900 * s });
});

test('is not begun by an alarm of one of three uplinks, nor by votes that are missing', () => {
  const site = restoredSite(3);
  site.say(400 * s, 'RRA');
  site.say(410 * s, 'R??');
  site.say(420 * s, 'RRR');
  expect(site.watch().open).toBeNull();
});

test('is not begun by the first hold after a start', () => {
  const site = aSiteThatHears(rules(1));
  for (const [atMs, votes] of [
    [0, '?'],
    [10 * s, 'H'],
    [310 * s, 'R'],
  ] as const)
    site.say(atMs, votes);
  expect(site.watch().open).toBeNull();
});

test('is begun after a start only when the first word stands', () => {
  const site = aSiteThatHears(rules(1));
  site.say(5 * s, 'D');
  site.say(34_999, 'D');
  expect(site.watch().open).toBeNull();
  site.say(35 * s, 'D');
  expect(site.watch().open).toMatchObject({ startedMs: 5 * s });
});

test('forgets a first word that did not stand', () => {
  const site = aSiteThatHears(rules(1));
  site.say(0, 'D');
  site.say(10 * s, 'H');
  site.say(20 * s, 'D');
  site.say(49_999, 'D');
  expect(site.watch().open).toBeNull();
});

test('is taken on from an earlier process, and ends only after a hold of our own', () => {
  const before = { outage: 7, startedMs: 1, endedMs: null, windows: [], cost: null, power: null };
  const site = aSiteThatHears(rules(1), newOutageWatch(before, 7));
  site.say(100 * s, 'R');
  expect(site.watch().open).toMatchObject({ outage: 7, endedMs: null });
  site.say(400 * s, 'R');
  expect(site.watch().open).toMatchObject({ outage: 7, startedMs: 1, endedMs: 400 * s });
});

test('is begun by what agents tell afterwards, when the controller could not see it', () => {
  const site = restoredSite();
  site.say(400 * s, '?');
  site.letGo((watch) => lostUnseen(watch, { uplink: 'isp-1', wallMs: 390 * s }));
  site.say(500 * s, 'H');
  expect(site.watch().open).toMatchObject({ outage: 1, startedMs: 390 * s });
});

test('is not begun by one unseen loss of three uplinks', () => {
  const site = restoredSite(3);
  site.say(400 * s, '???');
  site.letGo((watch) => lostUnseen(watch, { uplink: 'isp-1', wallMs: 390 * s }));
  site.say(500 * s, 'HRR');
  expect(site.watch().open).toBeNull();
});

test('keeps a bounded number of windows, however long it flaps', () => {
  const site = restoredSite();
  for (let i = 0; i < WINDOWS_MAX + 10; i++) {
    site.say((400 + 2 * i) * s, 'P');
    site.say((401 + 2 * i) * s, 'D');
  }
  expect(site.watch().open?.windows).toHaveLength(WINDOWS_MAX);
});
