import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import { type ScanHit, scan } from '../../../agent/miner/scan.io.ts';
import { addressOf, spanOf } from '../../../config/addresses.ts';
import { millis } from '../../../shared/units.ts';
import { M50S, rehearse, S19, stopFarms } from '../../sim/miners/farm.ts';

describe('a range of addresses', () => {
  const spans: readonly (readonly [string, readonly [string, number] | null])[] = [
    ['10.1.1.0/24', ['10.1.1.0', 256]],
    ['10.1.1.77/24', ['10.1.1.0', 256]],
    ['10.1.1.5/32', ['10.1.1.5', 1]],
    ['0.0.0.0/0', ['0.0.0.0', 2 ** 32]],
    ['10.1.1.250-10.1.2.5', ['10.1.1.250', 12]],
    ['10.1.1.9', ['10.1.1.9', 1]],
    ['10.1.1.0/33', null],
    ['10.1.1.0/', null],
    ['10.1.1.0/24/24', null],
    ['10.1.2.5-10.1.1.250', null],
    ['10.1.1', null],
    ['10.1.1.01', null],
    ['10.1.1.256', null],
    ['', null],
    ['miner.local', null],
  ];
  test.each(spans)('%s', (text, expected) => {
    const span = spanOf(text);
    expect(span === null ? null : [addressOf(span.from), span.count]).toEqual(expected);
  });
});

const miners = createMiners({ credentials: noCredentials, deadlineMs: millis(5_000), spacingMs: millis(5) });
afterAll(() => miners.close());
afterEach(stopFarms);

const gentle = { miners, concurrency: 8, perSecond: 5_000, knockMs: millis(500) };

test('finds the miners among addresses where nobody is, and says what each is', async () => {
  const [antminer, whatsminer] = [await rehearse({ model: S19 }), await rehearse({ model: M50S })];
  const hits: ScanHit[] = [];
  const tried: number[] = [];
  for (const { place } of [antminer, whatsminer]) {
    await scan({
      ...gentle,
      addresses: ['127.0.0.2', place.address, '127.0.0.3'],
      portsAt: () => ({ ...place.ports, v3: 1, alt: 1 }),
      signal: new AbortController().signal,
      onHit: (hit) => void hits.push(hit),
      onTried: (count) => void tried.push(count),
    });
  }
  expect(hits.map(({ address, family }) => [address, family])).toEqual([
    [antminer.place.address, 'antminer-stock'],
    [whatsminer.place.address, 'whatsminer-v2'],
  ]);
  expect(hits[0]).toMatchObject({ make: 'Bitmain', model: 'Antminer S19j Pro', miningState: 'hashing' });
  expect(tried).toEqual([1, 2, 3, 1, 2, 3]);
});

test('begins no more addresses a second than it may, and none after it was told to stop', async () => {
  const stopping = new AbortController();
  const [perSecond, stopAt] = [200, 20];
  let drawn = 0;
  function* endless(): Generator<string> {
    for (;;) yield addressOf(0x7f000002 + (drawn++ % 200));
  }
  const startedMs = performance.now();
  await scan({
    ...gentle,
    perSecond,
    addresses: endless(),
    portsAt: () => ({ http: 1, rpc: 1, v3: 1, alt: 1 }),
    signal: stopping.signal,
    onHit: () => undefined,
    onTried: (count) => count === stopAt && stopping.abort(),
  });
  const tookMs = performance.now() - startedMs;
  // At least as long as the rate asks; how much longer is the machine's affair.
  expect(tookMs).toBeGreaterThanOrEqual(((stopAt - 1) * 1_000) / perSecond - 1);
  expect(drawn).toBeLessThanOrEqual(stopAt + 2 * gentle.concurrency + 1);
});
