import { describe, expect, test } from '@jest/globals';
import type { Site } from '../../../config/site.ts';
import { type Book, createBook } from '../../../controller/restart/admission.ts';
import type { Demand } from '../../../controller/restart/demand.ts';
import { demandOf, demandsOf } from '../../../controller/restart/ranked.ts';
import type { Hold } from '../../../controller/restart/restart.ts';
import { feedId, minerId } from '../../../shared/ids.ts';
import fc from '../../properties.ts';
import { aSite, type Tree } from './sites.ts';
import { farms } from './trees.ts';

const miner = (id: string, bootMs: number, steadyW = 1_000) => ({ id, steadyW, overheadW: 100, bootMs });

function aBook(
  tree: Tree,
  options: { held?: Readonly<Record<string, Hold>>; agedMs?: number; deliveryMs?: number } = {},
) {
  const site = aSite(tree);
  const held = new Map(Object.entries(options.held ?? {}).map(([id, hold]) => [minerId(id), hold]));
  const { agedMs = 1_000_000, deliveryMs = 0 } = options;
  const book = createBook(site, [...demandsOf(site).values()], { deliveryMs, agedMs, held });
  const of = (id: string): Demand => demandOf(site, minerId(id));
  const started = (nowMs: number): readonly string[] => book.admit(nowMs).map((demand) => demand.miner);
  const offer = (...ids: readonly string[]): void => {
    for (const id of ids) book.offer(of(id));
  };
  return { site, book, of, started, offer };
}

describe('admission', () => {
  test('starts the longest tail first, and by name among equals', () => {
    const { offer, started } = aBook({
      feed: 'pdu',
      slots: 9,
      miners: [miner('b', 10), miner('a', 10), miner('c', 20)],
    });
    offer('a', 'b', 'c');
    expect(started(0)).toEqual(['c', 'a', 'b']);
  });

  test('tells for every head which feed lacks what', () => {
    const { book, offer, started } = aBook({
      feed: 'site',
      capW: 2_150,
      feeds: [{ feed: 'pdu', slots: 2, miners: [miner('a', 10), miner('b', 10)] }],
    });
    offer('a', 'b');
    expect(started(0)).toEqual(['a']);
    expect(book.refusals().get(minerId('b'))).toEqual({
      feed: 'site',
      constraint: 'cap',
      neededW: 1_100,
      freeW: 1_050,
      sinceMs: 0,
    });
  });

  test('a miner that failed and still holds its reservation needs nothing more, though its feed is full', () => {
    const { offer, started } = aBook(
      { feed: 'pdu', slots: 1, capW: 2_100, miners: [miner('long', 90), miner('dead', 10)] },
      { held: { dead: 'full' } },
    );
    offer('long', 'dead');
    expect(started(0)).toEqual(['dead']);
  });

  test('a miner that failed and gave back only its slot is not kept waiting by one that lacks its watts', () => {
    const { offer, started } = aBook(
      { feed: 'pdu', capW: 2_100, miners: [miner('long', 90), miner('dead', 10)] },
      { held: { dead: 'watts' } },
    );
    offer('long', 'dead');
    expect(started(0)).toEqual(['dead']);
  });

  test('nor by one on another feed that has waited too long', () => {
    const { offer, started } = aBook(
      {
        feed: 'site',
        capW: 2_100,
        feeds: [
          { feed: 'p', slots: 9, miners: [miner('long', 90)] },
          { feed: 'q', slots: 9, miners: [miner('dead', 10)] },
        ],
      },
      { held: { dead: 'watts' }, agedMs: 100 },
    );
    offer('long');
    expect(started(0)).toEqual([]);
    expect(started(100)).toEqual([]);
    offer('dead');
    expect(started(100)).toEqual(['dead']);
  });

  test('such a miner pays the ramp anew', () => {
    const { book, offer, started } = aBook(
      { feed: 'pdu', slots: 1, ramp: [60_000, 1_100], miners: [miner('dead', 10)] },
      { held: { dead: 'full' } },
    );
    book.emptyBuckets(0);
    offer('dead');
    expect(started(1_099)).toEqual([]);
    expect(book.nextTimerMs()).toBe(1_100);
    expect(started(1_100)).toEqual(['dead']);
  });

  test('keeps the ramp for the one that waits for it: smaller ones do not take its tokens', () => {
    const { book, offer, started } = aBook({
      feed: 'site',
      ramp: [60_000, 5_100],
      feeds: [
        { feed: 'p', slots: 9, miners: [miner('big', 90, 5_000)] },
        { feed: 'q', slots: 9, miners: [miner('small-1', 20), miner('small-2', 10)] },
      ],
    });
    book.emptyBuckets(0);
    offer('big', 'small-1', 'small-2');
    expect(started(1_100)).toEqual([]);
    expect(book.refusals().get(minerId('small-1'))).toMatchObject({ feed: 'site', constraint: 'held' });
    expect(started(5_100)).toEqual(['big']);
    expect(started(6_200)).toEqual(['small-1']);
  });

  test('lets smaller ones pass one that lacks watts, until it has waited too long', () => {
    const small = Array.from({ length: 6 }, (_, i) => miner(`s${i}`, 10));
    const { book, offer, started, of } = aBook(
      {
        feed: 'site',
        capW: 6_199,
        feeds: [
          { feed: 'p', slots: 9, miners: [miner('big', 90, 5_000)] },
          { feed: 'q', slots: 9, miners: [miner('run', 5), ...small] },
        ],
      },
      { held: { run: 'full' }, agedMs: 100 },
    );
    offer('big', 's0');
    expect(started(0)).toEqual(['s0']);
    book.hold(of('s0'), 'none', 50);
    offer('s1');
    expect(started(50)).toEqual(['s1']);
    offer('s2');
    expect(started(100)).toEqual([]);
    book.hold(of('s1'), 'none', 105);
    expect(started(105)).toEqual([]);
    book.hold(of('run'), 'steady', 110);
    expect(started(110)).toEqual(['big']);
  });

  test('hands a wake-up on when the one that it woke cannot use it', () => {
    const { book, offer, started, of } = aBook(
      {
        feed: 'site',
        slots: 1,
        feeds: [
          { feed: 'p', slots: 9, capW: 1_200, miners: [miner('first', 90), miner('alone', 10)] },
          { feed: 'q', slots: 9, miners: [miner('run', 5), miner('second', 20)] },
        ],
      },
      { held: { run: 'full' } },
    );
    offer('first', 'second');
    expect(started(0)).toEqual([]);
    book.hold(of('alone'), 'steady', 1); // came up by itself, and leaves no room for the first
    book.hold(of('run'), 'steady', 2);
    expect(started(2)).toEqual(['second']);
  });

  test('reduces the burst by what the ramp adds while orders are under way', () => {
    const tree = { feed: 'pdu', slots: 9, ramp: [60_000, 2_200] as const, miners: [miner('a', 10), miner('b', 10)] };
    const at0 = (deliveryMs: number): readonly string[] => {
      const { offer, started } = aBook(tree, { deliveryMs });
      offer('a', 'b');
      return started(0);
    };
    expect(at0(0)).toEqual(['a', 'b']);
    expect(at0(1)).toEqual(['a']);
  });

  test('starts nothing under a closed feed, and goes on when it opens', () => {
    const { book, offer, started } = aBook({ feed: 'pdu', slots: 9, miners: [miner('a', 10)] });
    book.setClosed(feedId('pdu'), true);
    offer('a');
    expect(started(0)).toEqual([]);
    book.setClosed(feedId('pdu'), false);
    expect(started(1)).toEqual(['a']);
  });

  test('charges load that nobody ordered at once, over the cap and below an empty bucket', () => {
    const { book, offer, started, of } = aBook({
      feed: 'pdu',
      slots: 9,
      capW: 2_300,
      ramp: [60_000, 1_100],
      miners: [miner('alone', 10), miner('a', 10), miner('b', 10)],
    });
    offer('a');
    expect(started(0)).toEqual(['a']);
    book.hold(of('alone'), 'full', 0);
    expect(book.usage(feedId('pdu'))).toEqual({ committedW: 2_200, booting: 2 });
    offer('b');
    expect(started(2_199)).toEqual([]);
    book.hold(of('a'), 'none', 2_199);
    expect(started(2_199)).toEqual([]);
    expect(started(2_200)).toEqual(['b']);
  });

  test('leaves room for late self-starts, but not for that of the one it starts', () => {
    const tree = { feed: 'pdu', slots: 9, capW: 3_300, miners: [miner('a', 10), miner('b', 10), miner('c', 10)] };
    const { book, offer, started } = aBook(tree);
    book.setExposure(feedId('pdu'), { mostW: 1_100, steadyW: 3_000, overheadW: 100 });
    offer('a', 'b', 'c');
    expect(started(0)).toEqual(['a', 'b']);
    book.setExposure(feedId('pdu'), { mostW: 0, steadyW: 0, overheadW: 0 });
    expect(started(0)).toEqual(['c']);
  });
});

const LONG_MS = 10 ** 12; // any ramp is full again
const HOLDS: readonly Hold[] = ['none', 'full', 'watts', 'steady'];
const step = fc.record({
  waitMs: fc.constantFrom(0, 0, 1, 1_000, 60_000),
  act: fc.constantFrom('offer', 'withdraw', 'hold', 'hold', 'boot', 'boot') as fc.Arbitrary<
    'offer' | 'withdraw' | 'hold' | 'boot'
  >,
  which: fc.nat(),
  to: fc.constantFrom(...HOLDS),
});

/** What the feeds must carry by the definitions, from what the miners hold. */
function recount(site: Site, held: ReadonlyMap<string, Hold>): ReadonlyMap<string, { drawW: number; booting: number }> {
  return new Map(
    [...site.feeds.values()].map((feed) => {
      let [drawW, booting] = [feed.baseW as number, 0];
      for (const one of site.miners.values()) {
        const hold = held.get(one.miner) ?? 'none';
        if (!one.feedPath.includes(feed.feed) || hold === 'none') continue;
        drawW += one.profile.steadyW + (hold === 'steady' ? 0 : one.profile.bootOverheadW);
        booting += hold === 'full' ? 1 : 0;
      }
      return [feed.feed, { drawW, booting }];
    }),
  );
}

const holds = ({ miner }: Demand, held: ReadonlyMap<string, Hold>): boolean => (held.get(miner) ?? 'none') !== 'none';

function isOver(site: Site, held: ReadonlyMap<string, Hold>, feedPath: readonly string[]): boolean {
  const now = recount(site, held);
  return feedPath.some((feed) => {
    const { capW, maxBooting } = site.feeds.get(feedId(feed)) ?? { capW: 0, maxBooting: 0 };
    const { drawW, booting } = now.get(feed) ?? { drawW: 0, booting: 0 };
    return drawW > capW || booting > (maxBooting ?? Infinity);
  });
}

describe('the book, whatever happens to it,', () => {
  test('equals the sum of what the miners hold, never starts what does not fit, and forgets nobody', () => {
    fc.assert(
      fc.property(farms, fc.array(step, { maxLength: 60 }), ({ tree }, steps) => {
        const site = aSite(tree);
        const demands = [...demandsOf(site).values()];
        const book: Book = createBook(site, demands, { deliveryMs: 0, agedMs: 1_000, held: new Map() });
        const held = new Map<string, Hold>();
        const queued = new Set<string>();
        let nowMs = 0;
        for (const { waitMs, act, which, to } of steps) {
          nowMs += waitMs;
          const demand = demands[which % demands.length] as Demand;
          const hold = (next: Hold): void => {
            book.hold(demand, next, nowMs);
            held.set(demand.miner, next);
          };
          if (act === 'offer' && !queued.has(demand.miner)) {
            book.offer(demand);
            queued.add(demand.miner);
          } else if (act === 'withdraw') {
            book.withdraw(demand.miner);
            queued.delete(demand.miner);
          } else if (act === 'hold' && held.get(demand.miner) !== to && (held.get(demand.miner) ?? 'none') !== to)
            hold(to);
          else if (act === 'boot' && held.get(demand.miner) === 'full') hold('steady');
          for (const one of book.admit(nowMs)) {
            expect(queued.delete(one.miner)).toBe(true);
            held.set(one.miner, 'full');
            const after = recount(site, held);
            for (const feed of one.feedPath) {
              const { capW, maxBooting } = site.feeds.get(feed) ?? { capW: 0, maxBooting: 0 };
              expect(after.get(feed)?.drawW).toBeLessThanOrEqual(capW);
              expect(after.get(feed)?.booting).toBeLessThanOrEqual(maxBooting ?? Infinity);
            }
          }
          for (const [feed, { drawW, booting }] of recount(site, held)) {
            expect(book.usage(feedId(feed))).toEqual({ committedW: drawW, booting });
          }
        }
        // Once all else is off, and what put a feed over its limits, everybody who still waits gets through,
        // one boot after the other.
        const goesOff = (demand: Demand): void => {
          book.hold(demand, 'none', nowMs);
          held.set(demand.miner, 'none');
        };
        for (const demand of demands) if (holds(demand, held) && !queued.has(demand.miner)) goesOff(demand);
        for (const demand of demands) if (holds(demand, held) && isOver(site, held, demand.feedPath)) goesOff(demand);
        for (let idle = 0; idle < 2 && queued.size > 0; idle += 1) {
          for (let started = book.admit(nowMs); started.length > 0; started = book.admit(nowMs)) {
            nowMs += LONG_MS;
            idle = 0;
            for (const one of started) {
              queued.delete(one.miner);
              book.hold(one, 'none', nowMs);
            }
          }
          nowMs += LONG_MS;
        }
        expect([...queued]).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
