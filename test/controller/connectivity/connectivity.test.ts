import { describe, expect, test } from '@jest/globals';
import { parseSite } from '../../../config/parse.ts';
import type { Family } from '../../../config/site.ts';
import { type Rules, rulesOf } from '../../../controller/connectivity/connectivity.ts';
import { agentId, uplinkId } from '../../../shared/ids.ts';
import { anUplink, aReachability } from '../../agent/probe/site.ts';
import { siteText } from '../fixture.ts';
import { aSiteThatHears, heard, rules, said } from './builders.ts';

type Step = readonly [atMs: number, votes: string, state: string, label: string | null];
type Timeline = Readonly<{ name: string; rules: Rules; steps: readonly Step[] }>;

const s = 1_000;
const timelines: readonly Timeline[] = [
  {
    name: 'runs its own hold beside the agents’, and no longer',
    rules: rules(1),
    steps: [
      [0, 'D', 'DOWN', 'GATEWAY_ONLY'],
      [10 * s, 'H', 'PARTIAL', 'HOLDING'],
      [309_999, 'R', 'PARTIAL', 'HOLDING'],
      [310_000, 'R', 'RESTORED', null],
    ],
  },
  {
    name: 'begins its hold anew after a start, though every agent has held',
    rules: rules(1),
    steps: [
      [0, 'R', 'PARTIAL', 'HOLDING'],
      [299_999, 'R', 'PARTIAL', 'HOLDING'],
      [300_000, 'R', 'RESTORED', null],
    ],
  },
  {
    name: 'waits for the hold of the agents when theirs takes longer',
    rules: rules(1),
    steps: [
      [0, 'H', 'PARTIAL', 'HOLDING'],
      [400 * s, 'H', 'PARTIAL', 'HOLDING'],
      [410 * s, 'R', 'RESTORED', null],
    ],
  },
  {
    name: 'begins the hold anew when the agents lose theirs',
    rules: rules(1),
    steps: [
      [0, 'H', 'PARTIAL', 'HOLDING'],
      [200 * s, 'D', 'DOWN', 'GATEWAY_ONLY'],
      [210 * s, 'H', 'PARTIAL', 'HOLDING'],
      [509_999, 'R', 'PARTIAL', 'HOLDING'],
      [510_000, 'R', 'RESTORED', null],
    ],
  },
  {
    name: 'says nothing when the only vote is too old',
    rules: rules(1),
    steps: [
      [0, 'R', 'PARTIAL', 'HOLDING'],
      [40 * s, '.', 'PARTIAL', 'HOLDING'],
      [40_001, '.', 'UNKNOWN', 'SELF_FAULT'],
    ],
  },
  {
    name: 'begins the hold anew after votes have gone missing',
    rules: rules(1),
    steps: [
      [0, 'R', 'PARTIAL', 'HOLDING'],
      [200 * s, '.', 'UNKNOWN', 'SELF_FAULT'],
      [201 * s, 'R', 'PARTIAL', 'HOLDING'],
      [500_999, 'R', 'PARTIAL', 'HOLDING'],
      [501_000, 'R', 'RESTORED', null],
    ],
  },
  {
    name: 'refuses to guess below the floor of known votes',
    rules: rules(3),
    steps: [
      [0, 'R??', 'UNKNOWN', 'SELF_FAULT'],
      [1, 'RR?', 'PARTIAL', 'HOLDING'],
      [300_001, 'RR?', 'RESTORED', null],
      [300_002, 'R??', 'UNKNOWN', 'SELF_FAULT'],
    ],
  },
  {
    name: 'needs more than half of the known votes',
    rules: rules(3),
    steps: [
      [0, 'RDD', 'DOWN', 'GATEWAY_ONLY'],
      [1, 'RRD', 'PARTIAL', 'HOLDING'],
      [300_001, 'RRD', 'RESTORED', null],
    ],
  },
  {
    name: 'counts two of two where one of them is down',
    rules: rules(2),
    steps: [
      [0, 'RD', 'PARTIAL', 'ONE_UPLINK'],
      [1, 'RR', 'PARTIAL', 'HOLDING'],
      [300_001, 'RR', 'RESTORED', null],
      [300_002, 'RD', 'PARTIAL', 'ONE_UPLINK'],
    ],
  },
  {
    name: 'lets one uplink carry a farm that says so',
    rules: rules(2, { quorum: 1, minKnown: 1 }),
    steps: [
      [0, 'RD', 'PARTIAL', 'HOLDING'],
      [300_000, 'RD', 'RESTORED', 'ONE_UPLINK'],
    ],
  },
  {
    name: 'gains above and loses below the quorum of five uplinks',
    rules: rules(5),
    steps: [
      [0, 'RRRDD', 'PARTIAL', null],
      [1, 'RRRRD', 'PARTIAL', 'HOLDING'],
      [300_001, 'RRRRD', 'RESTORED', null],
      [300_002, 'RRDDD', 'RESTORED', null],
      [300_003, 'RDDDD', 'DOWN', 'GATEWAY_ONLY'],
      [300_004, 'RRRDD', 'PARTIAL', null],
    ],
  },
  {
    name: 'pauses at once on any alarm, and only a fresh hold ends that',
    rules: rules(3),
    steps: [
      [0, 'RRR', 'PARTIAL', 'HOLDING'],
      [300_000, 'RRR', 'RESTORED', null],
      [300_001, 'RRA', 'PARTIAL', 'HOLDING'],
      [310_000, 'RRA', 'PARTIAL', 'HOLDING'],
      [600_000, 'RRA', 'PARTIAL', 'HOLDING'],
      [600_001, 'RRA', 'RESTORED', null],
    ],
  },
  {
    name: 'heeds one who alarms again and again, and whom the quorum does not need, once in twelve holds',
    rules: rules(3),
    steps: [
      [0, 'RRR', 'PARTIAL', 'HOLDING'],
      [300_000, 'RRA', 'PARTIAL', 'HOLDING'],
      [301_000, 'RRR', 'PARTIAL', 'HOLDING'],
      [302_000, 'RRA', 'PARTIAL', 'HOLDING'],
      [599_999, 'RRR', 'PARTIAL', 'HOLDING'],
      [600_000, 'RRA', 'RESTORED', null],
      [3_899_000, 'RRR', 'RESTORED', null],
      [3_899_999, 'RRA', 'RESTORED', null],
      [3_899_999, 'RRR', 'RESTORED', null],
      [3_900_000, 'RRA', 'PARTIAL', 'HOLDING'],
      [4_200_000, 'RRA', 'RESTORED', null],
    ],
  },
  {
    name: 'begins the hold anew with every alarm of one whom the quorum needs',
    rules: rules(2),
    steps: [
      [0, 'RR', 'PARTIAL', 'HOLDING'],
      [300_000, 'RR', 'RESTORED', null],
      [300_001, 'RA', 'PARTIAL', 'ONE_UPLINK'],
      [301_000, 'RR', 'PARTIAL', 'HOLDING'],
      [601_000, 'RR', 'RESTORED', null],
      [601_001, 'RA', 'PARTIAL', 'ONE_UPLINK'],
    ],
  },
  {
    name: 'lets no two of five that never had an alarm carry a cut through the hysteresis',
    rules: rules(5),
    steps: [
      [0, 'RRRRR', 'PARTIAL', 'HOLDING'],
      [300_000, 'RRRRR', 'RESTORED', null],
      [301_000, 'RRRRA', 'PARTIAL', 'HOLDING'],
      [305_000, 'RRAAA', 'DOWN', 'GATEWAY_ONLY'],
      [700_000, 'RRAAA', 'DOWN', 'GATEWAY_ONLY'],
      [3_700_000, 'RRDDD', 'DOWN', 'GATEWAY_ONLY'],
      [3_700_001, 'RRRRD', 'PARTIAL', 'HOLDING'],
    ],
  },
  {
    name: 'names the layer that is missing, from the uplink that gets furthest',
    rules: rules(2),
    steps: [
      [0, 'DP', 'PARTIAL', 'PORTAL'],
      [1, 'DD', 'DOWN', 'GATEWAY_ONLY'],
    ],
  },
];

test.each(timelines)('$name', ({ rules: of, steps }) => {
  const site = aSiteThatHears(of);
  for (const [atMs, votes, state, label] of steps) {
    const now = site.say(atMs, votes);
    expect([atMs, now.state, now.label]).toEqual([atMs, state, label]);
    expect(now.restored).toBe(state === 'RESTORED');
  }
});

describe('agents that share an uplink', () => {
  const of = rules(1);

  test('share its vote: two that are wrong outvote one, and one does not outvote two', () => {
    const site = aSiteThatHears(of);
    const three = (letters: string, atMs: number) => [
      heard('a1', 'isp-1', letters[0] as 'R', atMs),
      heard('a2', 'isp-1', letters[1] as 'R', atMs),
      heard('a3', 'isp-1', letters[2] as 'R', atMs),
    ];
    expect(site.say(0, three('RDD', 0)).state).toBe('DOWN');
    expect(site.say(1, three('RRD', 1)).label).toBe('HOLDING');
    expect(site.say(2, three('RRD', 2)).count).toMatchObject({ configured: 1, known: 1, up: 1 });
  });

  test('leave the vote as it was when neither side has more than half', () => {
    const two = (letters: string, atMs: number) => [
      heard('a1', 'isp-1', letters[0] as 'R', atMs),
      heard('a2', 'isp-1', letters[1] as 'R', atMs),
    ];
    expect(aSiteThatHears(of).say(0, two('RD', 0)).state).toBe('DOWN');
    const site = aSiteThatHears(of);
    site.say(0, two('RR', 0));
    expect(site.say(300_000, two('RR', 300_000)).state).toBe('RESTORED');
    expect(site.say(300_001, two('RH', 300_001)).state).toBe('RESTORED');
  });
});

test('ignores an uplink that the site file does not name', () => {
  const site = aSiteThatHears(rules(1));
  const now = site.say(0, [...said('D', 0), heard('a1', 'isp-9', 'R', 0)]);
  expect([now.state, now.count.known]).toEqual(['DOWN', 1]);
});

test('an uplink of a family without a vote neither restores the site nor blocks it', () => {
  const uplinks = [anUplink({ uplink: uplinkId('v4') }), anUplink({ uplink: uplinkId('v6'), family: 6 })];
  const of = (votingFamilies: readonly Family[]) => rulesOf(aReachability({ uplinks, votingFamilies }), 1);
  expect(of([4])).toMatchObject({ uplinks: ['v4'], configured: 1 });
  expect(of([6])).toMatchObject({ uplinks: ['v6'], configured: 1 });
  expect(of([4, 6])).toMatchObject({ uplinks: ['v4', 'v6'], configured: 2 });
});

test.each([
  ['one uplink of two', 2, 'RD', 'PARTIAL', 'ONE_UPLINK', 'quorum.1of2'],
  ['one of two that still holds', 2, 'HD', 'PARTIAL', 'ONE_UPLINK', 'quorum.1of2'],
  ['a liar among three in a cut', 3, 'RDD', 'DOWN', 'GATEWAY_ONLY', 'quorum.1of3'],
  ['a liar among three behind a portal', 3, 'RPP', 'PARTIAL', 'PORTAL', 'quorum.1of3'],
  ['two of five known', 5, 'RR???', 'UNKNOWN', 'SELF_FAULT', 'quorum.known2of5'],
  ['nobody', 3, '', 'UNKNOWN', 'SELF_FAULT', 'quorum.known0of3'],
  ['a cut', 3, 'DDD', 'DOWN', 'GATEWAY_ONLY', 'dns.timeout'],
] as const)('%s is told by its votes', (_, uplinks, votes, state, label, whyNot) => {
  expect(aSiteThatHears(rules(uplinks)).say(0, votes)).toMatchObject({ state, label, whyNot, restored: false });
});

test('the site file says who speaks for an uplink: the agents it names there, or else every one', () => {
  const reachability = {
    pools: [{ url: 'stratum+tcp://127.0.0.1:3333' }],
    uplinks: [{ name: 'isp-1', agent: 'a1' }, { name: 'isp-1', agent: 'a2' }, { name: 'isp-2' }],
  };
  const text = JSON.stringify({ ...JSON.parse(siteText(2)), agents: undefined, reachability });
  const site = parseSite(text, { file: 'site.yaml', catalogue: new Map() });
  if (site.reachability === null) throw new Error('pools are configured');
  const { uplinks, speakers } = rulesOf(site.reachability, 1);
  expect(uplinks).toEqual(['isp-1', 'isp-2']);
  expect([...speakers]).toEqual([
    ['isp-1', new Set(['a1', 'a2'])],
    ['isp-2', null],
  ]);
});

describe('an uplink of one agent', () => {
  const of = rules(1, { speakers: new Map([[uplinkId('isp-1'), new Set([agentId('a1')])]]) });

  test('has no vote of another: what somebody else says of it is not heard', () => {
    const site = aSiteThatHears(of);
    const others = ['a2', 'a3'].map((agent) => heard(agent, 'isp-1', 'R', 0));
    expect(site.say(0, others)).toMatchObject({ state: 'UNKNOWN', whyNot: 'quorum.known0of1' });
    expect(site.say(1, [heard('a1', 'isp-1', 'D', 1), ...others])).toMatchObject({ state: 'DOWN' });
  });
});

test('an alarm of one of three agents is not the uplink’s: two who see it serve work outvote it', () => {
  const site = aSiteThatHears(rules(1));
  const three = (letters: string, atMs: number) =>
    [...letters].map((letter, i) => heard(`a${i + 1}`, 'isp-1', letter as 'R', atMs));
  site.say(0, three('RRR', 0));
  expect(site.say(300_000, three('RRA', 300_000)).state).toBe('RESTORED');
  expect(site.say(300_001, three('RAA', 300_001)).restored).toBe(false);
});
