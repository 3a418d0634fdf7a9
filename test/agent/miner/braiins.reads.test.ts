import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { braiins } from '../../../agent/miner/braiins/driver.ts';
import { queriesOf } from '../../../agent/miner/resolve.ts';
import { minersWith, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('root', 'secret'));
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => miners.close());

async function read(pages: Pages) {
  device = await pageDevice({ family: 'braiins', pages });
  const { snapshot, unreadable } = await miners.read(device.target);
  return { snapshot, unreadable, device };
}
const version = { 'GET /api/v1/version': { says: { major: 1, minor: 3, patch: 0 } } };
const page = (path: string, says: unknown): Pages => ({ [`GET /api/v1/${path}`]: { says } });
const rate = (last_5s: number) =>
  page('miner/stats', { miner_stats: { real_hashrate: { last_5s: { gigahash_per_second: last_5s } } } });
const asked = ({ heard }: PageDevice, path: string) => heard.filter((one) => one.asked.includes(path)).length;

describe('a Braiins OS with REST', () => {
  const words = [
    [1, 0, 'stopped'],
    [2, 95_000, 'hashing'],
    [3, 0, 'sleeping'],
    // A word for which there is no state of ours: by its rate.
    [4, 95_000, 'hashing'],
    [5, 0, 'idle'],
    ['MINER_STATUS_PAUSED', 0, 'sleeping'],
  ] as const;
  test.each(words)('of status %s that hashes %i GH/s', async (status, ghs, state) => {
    // With its process's time, port 4028 is not needed, which nobody listens on here.
    const { snapshot } = await read({
      ...version,
      ...page('miner/details', { status, bosminer_uptime_s: 9_000, system_uptime: 9_100 }),
      ...rate(ghs),
    });
    expect([snapshot?.miningState, snapshot?.uptimeS, snapshot?.deviceUptimeS]).toEqual([state, 9_000, 9_100]);
  });

  const tuner = {
    overall_tuner_state: 2,
    mode_state: { powertargetmodestate: { current_target: { watt: 2_431 }, profile: { target: { watt: 3_000 } } } },
  };
  const target = { watt: 3_031 };
  test.each([
    ['its configuration', { tuner: { enabled: true, power_target: target } }, 3_031],
    ['its tuner, where the configuration has none', { tuner: { enabled: true, power_target: null } }, 3_000],
    ['nothing, where its tuner is off', { tuner: { enabled: false, power_target: target } }, null],
  ])('has the power target of %s', async (_, configuration, watts) => {
    const { snapshot } = await read({
      ...version,
      ...page('configuration/miner', configuration),
      ...page('performance/tuner-state', watts === null ? {} : tuner),
    });
    expect(snapshot?.powerLimitW).toBe(watts);
  });

  test('whose pages have a slash at the end, or lists in an object, is read all the same', async () => {
    const pools = [{ name: 'g', pools: [{ url: 'a:1', user: 'w', enabled: false, alive: true, active: false }] }];
    const { snapshot } = await read({
      ...version,
      ...page('network/', { mac_address: '02:AA:BB:CC:DD:EE' }),
      ...page('pools/', { pool_groups: pools }),
    });
    expect([snapshot?.mac, snapshot?.pools.map(({ state }) => state)]).toEqual(['02:aa:bb:cc:dd:ee', ['disabled']]);
  });

  test('that tells errors with codes, tells each of them once', async () => {
    const error = { message: 'Fan failed', error_codes: [{ code: 'F1', reason: 'no speed', hint: 'look' }] };
    const { snapshot } = await read({
      ...version,
      ...page('miner/details', { status: 2 }),
      ...page('miner/errors', { errors: [error, error, { message: '' }] }),
    });
    expect(snapshot?.errors).toEqual([{ code: 'F1', message: 'Fan failed: no speed' }]);
  });

  test('of which one page fails names that page, and keeps the rest', async () => {
    const { snapshot } = await read({
      ...version,
      ...page('miner/details', { status: 2, bosminer_uptime_s: 9_000, hostname: 'rig' }),
      ...rate(95_000),
      'GET /api/v1/cooling/state': { status: 500, says: '' },
    });
    expect([snapshot?.hashrateThs, snapshot?.hostname, snapshot?.fans]).toEqual([95, 'rig', []]);
    expect(snapshot?.partial).toContainEqual({ read: 'cooling/state', why: 'garbage: HTTP 500' });
  });

  test('without the page of its version is known by another', async () => {
    const { snapshot } = await read({ ...page('miner/details', { status: 2, hostname: 'rig' }), ...rate(95_000) });
    expect([snapshot?.hashrateThs, snapshot?.hostname]).toEqual([95, 'rig']);
  });

  test('without a login is asked for none before every page', async () => {
    const { device } = await read({ ...version, ...rate(95_000) });
    expect(asked(device, '/auth/login')).toBe(1);
    await miners.read(device.target);
    expect(asked(device, '/auth/login')).toBe(1);
  });

  test('that wants a login after all is asked for one again', async () => {
    let closed = false;
    const { device } = await read({
      ...version,
      ...page('miner/details', { status: 2, bosminer_uptime_s: 9_000 }),
      'GET /api/v1/miner/stats': ({ authorization }) =>
        closed && authorization !== 'token'
          ? { status: 401, says: {} }
          : (rate(95_000)['GET /api/v1/miner/stats'] as never),
      'POST /api/v1/auth/login': () => (closed ? { says: { token: 'token' } } : { status: 404, says: '' }),
    });
    closed = true;
    await miners.read(device.target);
    const { snapshot } = await miners.read(device.target);
    expect(snapshot?.hashrateThs).toBe(95);
  });
});

describe('an API that a build does not have', () => {
  test('costs its signs, and not a request for each of its pages', async () => {
    const { device } = await read({ 'POST /graphql': { says: { data: {} } } });
    expect(device.heard.filter(({ asked }) => asked.includes('/api/v1/')).map(({ asked }) => asked)).toEqual([
      'GET /api/v1/version',
      'GET /api/v1/miner/details',
    ]);
  });

  test('is none that answers with a page for people', async () => {
    const { device, snapshot } = await read({
      'GET /api/v1/version': { says: '<!doctype html><title>Braiins OS</title>' },
      'POST /graphql': { says: { data: { bos: { hostname: 'rig' }, bosminer: {} } } },
    });
    expect([asked(device, '/api/v1/'), snapshot?.hostname]).toEqual([1, 'rig']);
    expect(snapshot?.partial?.map(({ read }) => read).filter((name) => !name.startsWith('rpc'))).toEqual([]);
  });

  test('is asked for by each of its pages alike', () => {
    const pages = queriesOf(braiins.fields).filter((query) => query.via === 'http' && query.open !== true);
    expect(pages.length).toBeGreaterThan(8);
    for (const { needs } of pages) expect(needs?.map(({ name }) => name)).toEqual(['api version', 'details as a sign']);
  });
});
