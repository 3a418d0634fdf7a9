import { describe, expect, test } from '@jest/globals';
import { RESTARTS_MAX } from '../../../agent/miner/health-memory.ts';
import {
  boards,
  fresh,
  MINUTE_MS,
  noRate,
  type Row,
  says,
  tellStories,
  timeline,
  well,
  withoutPage,
} from './timeline.ts';

const gone = says({ boards: boards(126, 126), hashrateThs: 70 });
const idle = { ...noRate, miningState: 'idle' } as const;
const resting = boards(126, 126, 126).map((one) => ({ ...one, hashrateThs: 0 }));
const uncounted = boards(126, 126, 126).map((one) => ({ ...one, chips: null }));
const halfOfOne = says({ boards: boards(126, 60, 126), hashrateThs: 80 });

const shortOfOne = boards(126, 125, 126).map((one) => ({ ...one, chipsExpected: 126 }));
const noBoard = [{ code: null, message: 'board missing in slot 0' }];

const ofBoards: readonly Row[] = [
  [
    'loses a board in one reading',
    timeline().shows(5, well).shows(0.25, gone),
    'missing_boards',
    'wait',
    /^board 2 is gone, and was there before$/,
  ],
  ['has lost a board for longer than a start', timeline().shows(5, well).shows(16, gone), 'missing_boards', 'reboot'],
  [
    'has lost it, and a restart did not bring it back',
    timeline()
      .shows(5, well)
      .shows(16, gone)
      .shows(16, fresh({ boards: boards(126, 126), hashrateThs: 70 })),
    'missing_boards',
    'ticket',
  ],
  [
    'has one board that never was in order',
    timeline().shows(20, says({ boards: boards(126, 126, 0), hashrateThs: 70 })),
    'missing_boards',
    'ticket',
    /board 2 finds none of its chips/,
  ],
  [
    'has lost chips, and with them its rate',
    timeline()
      .shows(5, well)
      .shows(16, says({ boards: boards(126, 60, 126), hashrateThs: 80 })),
    'missing_boards',
    'reboot',
    /board 1 finds 60 of 126 chips/,
  ],
  [
    'has lost one chip, and has its full rate',
    timeline()
      .shows(5, well)
      .shows(16, says({ boards: boards(126, 125, 126) })),
    'hashing',
    'none',
  ],
  [
    'does not list its boards any more',
    timeline()
      .shows(5, well)
      .shows(16, says({ boards: [] })),
    'hashing',
    'none',
  ],
  [
    'does not count its chips any more',
    timeline()
      .shows(5, well)
      .shows(16, says({ boards: boards(null, null, null) })),
    'hashing',
    'none',
  ],
  [
    'was replaced by one with two boards',
    timeline()
      .shows(5, well)
      .shows(16, says({ boards: boards(126, 126), mac: '00:00:00:00:00:01' })),
    'hashing',
    'none',
  ],
  [
    'says itself that a board is lost, since it was complete',
    timeline()
      .shows(5, well)
      .shows(16, says({ errors: [{ code: 'J0:8', message: 'board 0 not found' }] })),
    'missing_boards',
    'reboot',
  ],
  [
    'never had all of its chips, and nobody knows its full rate',
    timeline().shows(30, says({ boards: shortOfOne, hashrateNominalThs: null })),
    'hashing',
    'none',
    /board 1 finds 125 of 126 chips/,
  ],
  [
    'never had all of its chips, and hashes low',
    timeline().shows(30, says({ boards: shortOfOne, hashrateThs: 60 })),
    'missing_boards',
    'ticket',
  ],
  [
    'has lost chips that it had, and nobody knows its full rate',
    timeline()
      .shows(5, says({ hashrateNominalThs: null }))
      .shows(16, says({ boards: boards(126, 60, 126), hashrateNominalThs: null })),
    'missing_boards',
    'reboot',
  ],
  // antminer-s19-sleeping of the captures: "board missing in slot 0".
  [
    'finds no board in its sleep, for hours: it is woken, never rebooted',
    timeline()
      .shows(5, well)
      .shows(60, says({ ...idle, miningState: 'sleeping', errors: noBoard })),
    'asleep',
    'wake',
  ],
  [
    'is just awake, and finds no board yet',
    timeline()
      .shows(5, well)
      .shows(60, says({ ...idle, miningState: 'sleeping', errors: noBoard }))
      .shows(1, says({ errors: noBoard })),
    'missing_boards',
    'wait',
  ],
  [
    'says that a board is lost, and nothing of what it does',
    timeline()
      .shows(5, well)
      .shows(30, says({ miningState: 'unknown', errors: noBoard })),
    'missing_boards',
    'ticket',
  ],
  [
    'had lost a board, and is read without its boards now',
    timeline()
      .shows(5, well)
      .shows(16, gone)
      .shows(0.25, says({ boards: boards(126, 126), ...withoutPage })),
    'hashing',
    'none',
  ],
  [
    'lists two boards of three while a page is missing, and then a whole one without a list',
    timeline()
      .shows(5, well)
      .shows(16, says({ boards: boards(126, 126), ...withoutPage }))
      .shows(0.25, gone),
    'missing_boards',
    'wait',
  ],
  [
    'counted its chips, did not for a while, and then found fewer',
    timeline()
      .shows(5, well)
      .shows(5, says({ boards: uncounted }))
      .shows(16, halfOfOne),
    'missing_boards',
    'reboot',
    /board 1 finds 60 of 126 chips/,
  ],
  [
    'rests with all its boards: none of them hashes, and none is missing',
    timeline()
      .shows(5, well)
      .shows(10, says({ ...idle, boards: resting })),
    'stuck',
    'wait',
  ],
  [
    'has one board that rests while the others hash',
    timeline()
      .shows(5, well)
      .shows(16, says({ boards: [...boards(126, 126), ...resting.slice(2)], hashrateThs: 70 })),
    'missing_boards',
    'reboot',
    /^board 2 does not hash$/,
  ],
  [
    'rests without any of its boards',
    timeline()
      .shows(5, well)
      .shows(16, says({ ...idle, boards: boards(0, 0, 0) })),
    'missing_boards',
    'reboot',
  ],
];

describe('the boards of a miner', () => {
  tellStories(ofBoards);

  test('are missing since the first reading without them', () => {
    expect(timeline().shows(5, well).shows(16, gone).now().since).toBe(5 * MINUTE_MS);
  });
});

describe('the memory of a miner', () => {
  test('keeps the last of its restarts, and no more', () => {
    const life = timeline().shows(5, well);
    const times = 2 * RESTARTS_MAX;
    for (let restart = 0; restart < times; restart += 1) life.shows(2, fresh());
    expect(life.memory().restarts).toHaveLength(RESTARTS_MAX);
    expect(life.memory().restarts.at(-1)).toBe((5 + 2 * (times - 1)) * MINUTE_MS);
  });

  test('counts no restart by an uptime that was read in part: it may be that of another clock', () => {
    expect(timeline().shows(5, well).shows(5, fresh(withoutPage)).memory().restarts).toEqual([]);
    expect(timeline().shows(5, well).shows(5, fresh()).memory().restarts).toEqual([5 * MINUTE_MS]);
  });
});
