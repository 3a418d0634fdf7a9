import { expect, test } from '@jest/globals';
import { createStream } from '../../../controller/runner/stream.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import { millis } from '../../../shared/units.ts';
import type { LiveMessage, MinerView, SiteView } from '../../../shared/view.ts';

const miner = (name: string, hashrateThs: number): MinerView => ({
  miner: name,
  feed: 'pdu-1',
  model: 'm',
  family: null,
  look: 'hashing',
  why: null,
  hashrateThs,
  powerW: null,
  seenMs: 0,
  job: null,
  wave: null,
  rung: null,
});
const view = (of: Partial<SiteView>): SiteView => ({
  site: 'site-1',
  nowMs: 0,
  rate: 1,
  epoch: 1,
  connectivity: {
    state: 'UNKNOWN',
    label: null,
    whyNot: null,
    sinceMs: 0,
    holdRemainingMs: null,
    votes: { configured: 1, known: 0, up: 0, needed: 1 },
    uplinks: [],
  },
  suppressed: null,
  forecast: null,
  outage: null,
  outages: [],
  timeline: [],
  agents: [],
  feeds: [],
  miners: [miner('a', 1), miner('b', 1)],
  restart: null,
  degraded: [],
  ...of,
});

function aStream() {
  const clock = virtualClock();
  let now = view({});
  const stream = createStream(() => now, clock);
  const got: LiveMessage[] = [];
  return {
    clock,
    got,
    stream,
    show: (of: Partial<SiteView>) => {
      now = { ...now, ...of };
    },
    listen: () => stream.subscribe((message) => got.push(message)),
  };
}

test('gives a whole view at once, and then only what has changed', () => {
  const { clock, got, show, listen } = aStream();
  listen();
  expect(got).toMatchObject([{ kind: 'whole' }]);
  show({ degraded: ['x'], miners: [miner('a', 1), miner('b', 2)] });
  clock.advance(millis(250));
  expect(got.slice(1)).toEqual([{ kind: 'change', view: { degraded: ['x'] }, miners: [miner('b', 2)] }]);
});

test('tells that a diagnosis is gone, though all else is as it was', () => {
  const { clock, got, show, listen } = aStream();
  show({ miners: [{ ...miner('a', 1), health: { condition: 'fan', evidence: [], rung: 'ticket' } }] });
  listen();
  show({ miners: [miner('a', 1)] });
  clock.advance(millis(250));
  expect(got.slice(1)).toEqual([{ kind: 'change', view: {}, miners: [miner('a', 1)] }]);
});

test('says nothing while nothing changes', () => {
  const { clock, got, listen } = aStream();
  listen();
  clock.advance(millis(5_000));
  expect(got).toHaveLength(1);
});

test('sends at most four messages a second, however much happens', () => {
  const { clock, got, show, listen } = aStream();
  listen();
  for (let i = 0; i < 100; i++) {
    show({ nowMs: i });
    clock.advance(millis(10));
  }
  expect(got).toHaveLength(1 + 4);
});

test('brings a newcomer to where all others are', () => {
  const { clock, got, show, listen, stream } = aStream();
  listen();
  show({ degraded: ['x'] });
  const late: LiveMessage[] = [];
  stream.subscribe((message) => late.push(message));
  clock.advance(millis(250));
  const seen = late.map((message) => message.view.degraded);
  expect(seen.at(-1)).toEqual(['x']);
  expect(got.at(-1)?.view.degraded).toEqual(['x']);
});

test('ends for one listener alone', () => {
  const { clock, got, show, listen } = aStream();
  listen()();
  show({ degraded: ['x'] });
  clock.advance(millis(500));
  expect(got).toHaveLength(1);
});
