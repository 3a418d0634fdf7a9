import { afterEach, describe, expect, test } from '@jest/globals';
import { feedId } from '../../../shared/ids.ts';
import { outage, rehearse, stopFarms } from './farm.ts';
import { page, request, rpcOf, SILENCE_MS, say } from './raw.ts';

afterEach(stopFarms);

const GIVES_UP_MS = 50;
const VERSION = '{"command":"version"}';

describe('a miner that', () => {
  test('is silent takes the connection and says nothing, once the outage has struck it', async () => {
    const farm = await rehearse({ faults: ['silent'] });
    expect((await say(rpcOf(farm.place), VERSION)).text).toContain('Antminer');
    outage(farm);
    expect(await say(rpcOf(farm.place), VERSION, SILENCE_MS)).toEqual({ text: '', error: null, closed: false });
  });

  test('answers garbage sends what no repair makes whole', async () => {
    const { place } = await rehearse({ faults: ['garbage'] });
    const { text, closed } = await say(rpcOf(place), VERSION);
    expect(closed).toBe(true);
    expect(text).not.toBe('');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect((await request(place, { path: '/' })).headers).not.toMatch(/^HTTP/);
  });

  test('closes early says nothing and closes', async () => {
    const { place } = await rehearse({ faults: ['closes-early'] });
    expect(await say(rpcOf(place), VERSION)).toMatchObject({ text: '', closed: true });
  });

  test('has another password answers 401 also to the right proof', async () => {
    const { place } = await rehearse({ faults: ['auth'] });
    expect(await page(place, { path: '/cgi-bin/summary.cgi' })).toMatchObject({ status: 401 });
    expect((await say(rpcOf(place), VERSION)).text).toContain('Antminer');
  });

  test('has no power is silent on every port, and is back after someone has closed the breaker', async () => {
    const farm = await rehearse({ more: { breakerRatingPct: 1 } });
    farm.pass(1_000);
    expect(farm.farm.meter().trips).toMatchObject([{ feed: 'site' }]);
    expect(farm.state()).toBe('off');
    expect(await say(rpcOf(farm.place), VERSION, SILENCE_MS)).toEqual({ text: '', error: null, closed: false });
    farm.farm.closeBreaker(feedId('site'));
    expect(farm.state()).toBe('booting');
  });
});

describe('the traffic', () => {
  test('of a silent miner ends with the client that gives up', async () => {
    const farm = await rehearse({ faults: ['silent'] });
    outage(farm);
    for (let i = 0; i < 5; i++) await say(rpcOf(farm.place), VERSION, GIVES_UP_MS);
    // The next connection may be there before the end of the last has come.
    expect(farm.farm.traffic()[0]?.connections).toBe(5);
    expect(farm.farm.traffic()[0]?.maxOpen).toBeLessThanOrEqual(2);
  });

  test('tells a client that kept to one connection from one that did not', async () => {
    const farm = await rehearse({ faults: ['none', 'none'] });
    for (let i = 0; i < 3; i++) await say(rpcOf(farm.place), VERSION);
    expect(farm.farm.traffic()[0]).toMatchObject({ connections: 3, maxOpen: 1 });
    await Promise.all([1, 2, 3].map(() => say(rpcOf(farm.place), '{"command"')));
    expect(farm.farm.traffic()[0]).toMatchObject({ connections: 6, maxOpen: 3 });
    expect(farm.farm.traffic()[1]).toMatchObject({ connections: 0, maxOpen: 0 });
  });
});
