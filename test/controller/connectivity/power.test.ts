import { expect, test } from '@jest/globals';
import { type Power, watchPower } from '../../../controller/connectivity/power.ts';
import type { Seen } from '../../../controller/site/seen.ts';
import { type MinerId, minerId } from '../../../shared/ids.ts';
import { aSite, snapshot } from '../fixture.ts';

const s = 1_000;
const OUTAGE = { startedMs: 10_000 * s, endedMs: null };

/** Ten miners. A number: up since then (s); `x` silent; `?` never read; `-` reads, and tells no uptime. */
type Miner = number | 'x' | '?' | '-';
const all = (one: Miner): Miner[] => Array.from({ length: 10 }, () => one);

type Look = Readonly<{ power?: Power | null; endedS?: number; ours?: readonly number[] }>;

function look(atS: number, miners: readonly Miner[], { power = null, endedS, ours = [] }: Look = {}): Power | null {
  const seen = new Map<MinerId, Seen>();
  miners.forEach((one, i) => {
    if (one === '?') return;
    const miner = minerId(`10.0.0.${i + 1}`);
    const uptimeS = typeof one === 'number' ? atS - one : null;
    const unreadable = one === 'x' ? 'silent' : null;
    seen.set(miner, {
      miner,
      atMs: atS * s,
      unreadable,
      detail: null,
      snapshot: unreadable === null ? snapshot({ uptimeS }) : null,
      snapshotAtMs: unreadable === null ? atS * s : null,
    });
  });
  return watchPower(power, {
    site: aSite(10),
    seen,
    nowMs: atS * s,
    toWall: (ms) => ms,
    outage: endedS === undefined ? OUTAGE : { ...OUTAGE, endedMs: endedS * s },
    ours: new Set(ours.map((i) => minerId(`10.0.0.${i + 1}`))),
  });
}

test('says nothing of an outage in which the miners run on', () => {
  expect(look(12_000, all(1_000))).toBeNull();
});

test('is told when power comes back before the internet: away, and back when the miners begin to run together', () => {
  const away = look(10_060, all('x'));
  expect(away).toEqual({ state: 'away', sinceMs: 10_060 * s, silent: 10, miners: 10 });
  // Control boards answer one after the other: with less than half of the site read, nothing is said.
  const first = look(12_050, [12_001, 12_010, 12_020, 12_005, 'x', 'x', 'x', 'x', 'x', 'x'], { power: away });
  expect(first).toBe(away);
  const half = look(12_060, [12_001, 12_010, 12_020, 12_005, 12_002, 'x', 'x', 'x', 'x', 'x'], { power: away });
  expect(half).toEqual({ state: 'back', sinceMs: 10_060 * s, backMs: 12_001 * s, begun: 5, read: 5 });
  const most = look(12_200, [12_001, 12_010, 12_020, 12_005, 12_002, 12_100, 12_181, 12_030, 12_040, 'x'], {
    power: half,
  });
  expect(most).toMatchObject({ state: 'back', backMs: 12_001 * s, begun: 9, read: 9 });
  expect(look(12_300, all(12_001), { power: { ...most, begun: 10, read: 10 } as Power })).toMatchObject({ begun: 10 });
});

test('is told when power comes back after the internet: only where it was seen to be away', () => {
  const away = look(10_060, all('x'));
  expect(look(20_000, all(19_900), { power: away, endedS: 15_000 })).toMatchObject({
    state: 'back',
    sinceMs: 10_060 * s,
    backMs: 19_900 * s,
  });
  // A farm that is rebooted by hand long after an outage has had no power cut.
  expect(look(20_000, all(19_900), { endedS: 15_000 })).toBeNull();
  expect(look(20_000, all('x'), { endedS: 15_000 })).toBeNull();
});

test('may have taken the router with it: a blink shortly before the outage counts', () => {
  expect(look(10_100, all(9_400))).toMatchObject({ state: 'back', sinceMs: null, backMs: 9_400 * s });
  expect(look(10_100, all(9_399))).toBeNull();
});

test('is not taken from reboots of our own, from a few miners, or from boots that are spread out', () => {
  expect(look(12_000, all(11_900), { ours: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] })).toBeNull();
  expect(look(12_000, [...all(11_900).slice(0, 7), 500, 500, 500])).toBeNull();
  expect(look(12_000, [...all(11_900).slice(0, 8), 500, 500])).toMatchObject({ begun: 8, read: 10 });
  expect(look(13_000, [11_000, 11_100, 11_200, 11_300, 11_400, 11_500, 11_600, 11_700, 11_800, 11_900])).toBeNull();
});

test('is not called away for what nobody has tried to read, nor for a few that are silent', () => {
  expect(look(12_000, all('?'))).toBeNull();
  expect(look(12_000, ['x', 'x', 'x', 'x', 'x', 'x', 'x', 1_000, 1_000, 1_000])).toBeNull();
  expect(look(12_000, ['x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 1_000, 1_000])).toMatchObject({ silent: 8 });
  expect(look(12_000, all('-'))).toBeNull();
});
