import { describe, expect, test } from '@jest/globals';
import { diagnoseOnce } from '../../../agent/miner/health.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import {
  boards,
  fresh,
  MINUTE_MS,
  noRate,
  pool,
  type Row,
  reading,
  says,
  tellStories,
  timeline,
  well,
} from './timeline.ts';

const error = (code: string | null, message = '') => says({ errors: [{ code, message }] });
const starting = { ...noRate, miningState: 'starting' } as const;
const stopped = { ...noRate, miningState: 'stopped' } as const;
const asleep = { ...noRate, miningState: 'sleeping' } as const;
const whatsminer = { family: 'whatsminer-v3' };
const processDown = { ...stopped, errors: [{ code: 'process_down', message: 'the process does not answer' }] };
const flat = { pools: [pool('alive', 1_004)] };

const ofTime: readonly Row[] = [
  ['hashes', timeline().shows(30, well), 'hashing', 'none', /^100 % of its nominal rate$/],
  ['was never read', timeline(), 'unknown', 'none', /never read/],
  ['was last read a quarter of an hour ago', timeline().shows(5, well).nobodyAsks(15), 'unknown', 'none', /15 min old/],

  ['shows a rate without a share for four minutes', timeline().shows(9, well).shows(4, says(flat)), 'hashing', 'none'],
  [
    'shows a rate without a share for over five minutes: an Antminer has no restart',
    timeline().shows(9, well).shows(6, says(flat)),
    'stuck',
    'reboot',
    /no share accepted for 5 min/,
  ],
  [
    'the same of a Whatsminer, which has one',
    timeline().shows(6, says({ ...whatsminer, ...flat })),
    'stuck',
    'restart',
  ],
  [
    'is so small that it waits for a share for an hour, as ever',
    timeline('bitaxe').shows(20, says({ family: 'bitaxe', uptimeS: 36_000, pools: [pool('alive', 10)] })),
    'hashing',
    'none',
  ],
  [
    'waits for the first share of its life',
    timeline().shows(10, fresh({ pools: [pool('alive', 0)] })),
    'hashing',
    'none',
  ],
  [
    'does not count the shares of its second pool: they may come in there',
    timeline().shows(30, says({ pools: [pool('alive', 1_004), pool('alive', null)] })),
    'hashing',
    'none',
  ],
  [
    'had no share for long, and does not count them in its last reading',
    timeline()
      .shows(17, says(flat))
      .shows(0.25, says({ pools: [] })),
    'hashing',
    'none',
  ],
  ['does not count its shares', timeline().shows(30, says({ pools: [pool('alive', null)] })), 'hashing', 'none'],
  [
    'finds shares again in its last reading',
    timeline().shows(9, well).shows(6, says(flat)).shows(0.25, well),
    'hashing',
    'none',
  ],
  [
    'was asked twice only, six minutes apart: too few readings for a flatline',
    timeline().shows(0.25, says(flat)).nobodyAsks(6).shows(0.25, says(flat)),
    'hashing',
    'none',
  ],

  ['has been starting for ten minutes', timeline().shows(10, fresh(starting)), 'starting', 'wait'],
  [
    'has been starting for longer than its family may',
    timeline().shows(16, fresh(starting)),
    'stuck',
    'reboot',
    /starting for 15 min/,
  ],
  [
    'a Whatsminer may start for longer',
    timeline().shows(16, fresh({ ...starting, ...whatsminer })),
    'starting',
    'wait',
  ],
  [
    'tunes for an hour, with a rate: no failure',
    timeline().shows(60, fresh({ miningState: 'starting', hashrateThs: 60 })),
    'starting',
    'wait',
  ],
  [
    'starts a second time: the first start does not count',
    timeline().shows(10, fresh(starting)).shows(10, fresh(starting)),
    'starting',
    'wait',
  ],

  ['hashes low, for a while', timeline().shows(10, says({ hashrateThs: 60 })), 'hashing', 'wait', /58 %.* for 9 min/],
  ['hashes low after its grace', timeline().shows(16, says({ hashrateThs: 60 })), 'low_rate', 'reboot'],
  [
    'hashes low again after a restart: no second one',
    timeline()
      .shows(16, says({ hashrateThs: 60 }))
      .shows(16, fresh({ hashrateThs: 60 })),
    'low_rate',
    'ticket',
    /did not cure/,
  ],
  [
    'hashes low, and was cured by a restart the last time',
    timeline()
      .shows(16, says({ hashrateThs: 60 }))
      .shows(20, fresh())
      .shows(16, (minute) => ({ uptimeS: 3_600 + 60 * minute, hashrateThs: 60 })),
    'low_rate',
    'reboot',
  ],
  [
    'hashes low now, and a restart long ago had another reason',
    timeline()
      .shows(5, well)
      .shows(30, fresh())
      .shows(16, says({ hashrateThs: 60 })),
    'low_rate',
    'reboot',
  ],
  [
    'hashes low because it may not draw more',
    timeline().shows(30, says({ hashrateThs: 60, powerW: 1_960, powerLimitW: 2_000 })),
    'hashing',
    'none',
    /its limit allows/,
  ],
  [
    'hashes low, and could draw more',
    timeline().shows(30, says({ hashrateThs: 60, powerW: 1_500, powerLimitW: 2_000 })),
    'low_rate',
    'reboot',
  ],
  [
    'hashes low, and nobody knows what to expect',
    timeline().shows(30, says({ hashrateThs: 9, hashrateNominalThs: null })),
    'hashing',
    'none',
  ],

  ['sleeps by its own word', timeline().shows(1, says(asleep)), 'asleep', 'wake'],
  [
    'sleeps, and its family has no call to wake it',
    timeline().shows(1, says({ ...asleep, family: 'innosilicon' })),
    'asleep',
    'ticket',
  ],
  [
    'has no pool, for hours: one miner cannot tell whose fault that is',
    timeline().shows(
      120,
      says({
        ...noRate,
        miningState: 'idle',
        pools: [pool('dead', 0)],
        errors: [{ code: 'no_pool', message: 'none' }],
      }),
    ),
    'pool_unreachable',
    'wait',
    /no pool/,
  ],
  ['rests with a pool', timeline().shows(11, says({ ...noRate, miningState: 'idle' })), 'stuck', 'wait'],
  [
    'rests with a pool for longer than its family’s wait',
    timeline().shows(13, says({ ...noRate, miningState: 'idle' })),
    'stuck',
    'reboot',
  ],
  ['has stopped just now', timeline().shows(1, says(stopped)), 'process_down', 'wait'],
  [
    'has stopped, a Whatsminer',
    timeline().shows(11, says({ ...stopped, ...whatsminer })),
    'process_down',
    'restart',
    /^mining has stopped$/,
  ],
  [
    'answers, and its process does not: another interface takes a reboot',
    timeline().shows(13, says(processDown)),
    'process_down',
    'reboot',
  ],
  [
    'the same of a Whatsminer: its orders go to the very process that hangs',
    timeline().shows(13, says({ ...processDown, ...whatsminer })),
    'process_down',
    'ticket',
  ],
  ['cannot be told', timeline().shows(60, says({ miningState: 'unknown' })), 'unknown', 'none'],
  [
    'is of no known family: nobody knows a push for it',
    timeline().shows(60, says({ ...stopped, family: 'nobody' })),
    'process_down',
    'ticket',
  ],
];

const ofFaults: readonly Row[] = [
  ['is too hot', timeline().shows(5, error('P:1')), 'too_hot', 'wait', /^too hot.*P:1/],
  ['stays too hot', timeline().shows(13, error('P:1')), 'too_hot', 'ticket'],
  ['is too cold, for hours', timeline().shows(60, error('P:2')), 'too_cold', 'wait'],
  ['has lost a fan', timeline().shows(1, error(null, 'Fan lost')), 'fan', 'ticket'],
  ['has a bad power supply', timeline().shows(1, error('V:1')), 'psu', 'ticket'],
  ['has a bad sensor', timeline().shows(1, error('J0:6')), 'sensor', 'ticket'],
  [
    'has a bad sensor in the cold: it starts cold',
    timeline().shows(1, says({ errors: [{ code: 'J0:6', message: '' }], inletTempC: -11 })),
    'too_cold',
    'wait',
  ],
  ['is refused by its pool', timeline().shows(1, error(null, 'unauthorized worker')), 'wrong_credentials', 'ticket'],
  ['has no pool set', timeline().shows(1, error(null, 'no pool set')), 'configuration', 'ticket'],
  [
    'has stopped with a fault that no restart cures: the fault is told',
    timeline().shows(30, says({ ...stopped, errors: [{ code: 'V:2', message: '' }] })),
    'psu',
    'ticket',
  ],
];

const ofSilence: readonly Row[] = [
  [
    'does not answer once: noise',
    timeline().shows(5, well).fails(0.25, 'silent'),
    'hashing',
    'none',
    /^the last reading failed: does not answer$/,
  ],
  ['sleeps, and does not answer once', timeline().shows(5, says(asleep)).fails(0.25, 'silent'), 'asleep', 'wait'],
  ['does not answer for three minutes', timeline().shows(5, well).fails(3, 'silent'), 'unknown', 'wait'],
  ['does not answer for longer than its grace', timeline().shows(5, well).fails(6, 'silent'), 'silent', 'ticket'],
  ['refuses for longer than that', timeline().shows(5, well).fails(6, 'refused'), 'unreadable', 'ticket'],
  ['was away for half an hour, and is back', timeline().fails(30, 'silent').shows(0.25, well), 'hashing', 'none'],
  [
    'never answered, and nobody knows its family: the longest grace',
    timeline(null).fails(14, 'silent'),
    'unknown',
    'wait',
  ],
  ['refuses our password', timeline().shows(5, well).fails(0.25, 'auth_failed'), 'wrong_credentials', 'ticket'],
  [
    'starts, is away for eleven minutes and starts: two starts',
    timeline()
      .shows(9, says({ ...starting, uptimeS: null }))
      .fails(11, 'silent')
      .shows(9, says({ ...starting, uptimeS: null })),
    'starting',
    'wait',
  ],
];

const ofLoops: readonly Row[] = [
  [
    'begins anew three times within the hour',
    timeline().shows(5, well).shows(10, fresh()).shows(10, fresh()).shows(5, fresh()),
    'restart_loop',
    'ticket',
    /^began anew 3 times within 25 min$/,
  ],
  [
    'began anew three times, and hashes since',
    timeline().shows(5, well).shows(5, fresh()).shows(5, fresh()).shows(20, fresh()),
    'hashing',
    'none',
  ],
  ['began anew twice', timeline().shows(5, well).shows(10, fresh()).shows(5, fresh()), 'hashing', 'none'],
  [
    'has an uptime that jumps between two counters',
    timeline().shows(10, (minute) => ({ uptimeS: Math.round(minute * 4) % 2 === 0 ? 90_000 : 4_000 })),
    'hashing',
    'none',
  ],
];

describe('what a miner shows over time', () => tellStories(ofTime));
describe('what a miner says of itself', () => tellStories(ofFaults));
describe('a miner that does not answer', () => tellStories(ofSilence));
describe('a miner that begins anew', () => tellStories(ofLoops));

describe('since when', () => {
  test('is the first reading that showed it', () => {
    expect(timeline().shows(9, well).shows(6, says(flat)).now().since).toBe(9 * MINUTE_MS);
    expect(timeline().shows(5, well).fails(6, 'silent').now().since).toBe(5 * MINUTE_MS);
  });
});

describe('one reading alone', () => {
  test('tells what it shows, and calls for no restart', () => {
    const once = (of: Partial<MinerSnapshot>) =>
      diagnoseOnce({ unreadable: null, detail: null, snapshot: reading(of) });
    expect(once({})).toMatchObject({ condition: 'hashing', rung: 'none' });
    expect(once(processDown)).toMatchObject({ condition: 'process_down', rung: 'wait' });
    expect(once({ boards: boards(126, 0) })).toMatchObject({ condition: 'missing_boards', rung: 'wait' });
  });
});
