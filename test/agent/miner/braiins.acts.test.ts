import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import type { Exchange } from './captures.ts';
import { minersWith, type PageDevice, type Pages, pageDevice, password } from './page-device.ts';
import { closeAll, replay } from './replay.ts';

const miners = minersWith(password('root', 'secret'));
const strangers = minersWith(noCredentials);
let device: PageDevice | null = null;
afterEach(() => device?.close());
afterAll(() => Promise.all([miners.close(), strangers.close(), closeAll()]));

const TOKEN = 'kbzE1FJbXsqxL6rr';
/** A page that is answered to the bearer of the token alone, which stands in the header as it is. */
const within =
  (says: unknown, status = 200) =>
  ({ authorization }: { authorization: string | null }) =>
    authorization === TOKEN ? { status, says } : { status: 401, says: {} };
const REST: Pages = {
  'GET /api/v1/version': { says: { major: 1, minor: 1, patch: 0 } },
  'POST /api/v1/auth/login': { says: { token: TOKEN, timeout_s: 3_600 } },
  'GET /api/v1/miner/details': within({ status: 2, bosminer_uptime_s: 900 }),
  'GET /api/v1/miner/stats': within({ miner_stats: { real_hashrate: { last_5s: { gigahash_per_second: 95_000 } } } }),
  'GET /api/v1/pools': within([{ name: 'fleet', uid: '0', pools: [{ url: 'old:1', user: 'a' }] }]),
  'GET /api/v1/configuration/constraints': { status: 404, says: '' },
  'PUT /api/v1/actions/restart': within(true),
  'PUT /api/v1/actions/reboot': within('', 204),
  'PUT /api/v1/actions/pause': within(false),
  'PUT /api/v1/actions/resume': within(false),
  'PUT /api/v1/actions/start': within(false),
  'PUT /api/v1/actions/locate': ({ body, authorization }) => within(body)({ authorization }),
  'PUT /api/v1/performance/power-target': ({ body, authorization }) => within(body)({ authorization }),
  'PUT /api/v1/pools/batch': within([]),
};

async function order(given: MinerOrder, more: Pages = {}, by = miners) {
  device = await pageDevice({ family: 'braiins', pages: { ...REST, ...more } });
  return { answer: await by.act(device.target, given), device };
}
/** What REST leaves open is asked of GraphQL, which is no write. */
const writes = (one: PageDevice) => one.writes().filter((asked) => asked !== 'POST /graphql');
const puts = ({ heard }: PageDevice) => heard.filter(({ asked }) => asked.startsWith('PUT '));
const told = (one: PageDevice) => puts(one).map(({ asked, body }) => [asked.slice('PUT /api/v1/'.length), body]);
const sent = { result: 'sent', detail: null };

describe('a Braiins OS with REST', () => {
  const simple = [
    ['restart', 'actions/restart'],
    ['reboot', 'actions/reboot'],
    ['sleep', 'actions/pause'],
    ['wake', 'actions/resume'],
  ] as const;
  test.each(simple)('takes %s at %s, in one session for all', async (action, path) => {
    const { answer, device } = await order({ action });
    expect(answer).toEqual(sent);
    expect(told(device)).toEqual([[path, null]]);
    expect(device.heard.filter(({ asked }) => asked.startsWith('POST /api')).map(({ body }) => body)).toEqual([
      { username: 'root', password: 'secret' },
    ]);
  });

  test('whose process was stopped is woken by starting it', async () => {
    const { answer, device } = await order(
      { action: 'wake' },
      { 'GET /api/v1/miner/details': within({ status: 1, bosminer_uptime_s: 0 }) },
    );
    expect(answer).toEqual(sent);
    expect(told(device)).toEqual([['actions/start', null]]);
  });

  test('that slept already says so', async () => {
    const { answer } = await order({ action: 'sleep' }, { 'PUT /api/v1/actions/pause': within(true) });
    expect(answer).toEqual({ result: 'sent', detail: 'it was so already, says the device' });
  });

  test.each([true, false])('has its light turned %s', async (on) => {
    const { answer, device } = await order({ action: 'locate', on });
    expect(answer).toEqual(sent);
    expect(puts(device).map(({ asked, body }) => [asked, String(body)])).toEqual([
      ['PUT /api/v1/actions/locate', `${on}`],
    ]);
  });

  test('whose light went the wrong way is not called so', async () => {
    const { answer } = await order({ action: 'locate', on: true }, { 'PUT /api/v1/actions/locate': within(false) });
    expect(answer).toEqual({ result: 'refused', detail: 'its light is off, says the device' });
  });

  const limits = {
    tuner_constraints: { power_target: { default: { watt: 3_010 }, min: { watt: 900 }, max: { watt: 5_000 } } },
  };
  test.each([
    [3_000, { watt: 3_000 }, null],
    [900, { watt: 900 }, null],
    [9_000, { watt: 5_000 }, 'a power target of 5000 W'],
  ])('of %i W gets %j', async (powerW, body, detail) => {
    const { answer, device } = await order(
      { action: 'powerLimit', powerW },
      { 'GET /api/v1/configuration/constraints': within(limits) },
    );
    expect(answer).toEqual({ result: 'sent', detail });
    expect(told(device)).toEqual([['performance/power-target', body]]);
  });

  test('is not given less power than it can run with', async () => {
    const { answer, device } = await order(
      { action: 'powerLimit', powerW: 899 },
      { 'GET /api/v1/configuration/constraints': within(limits) },
    );
    expect(answer).toEqual({ result: 'refused', detail: 'its lowest power target is 900 W' });
    expect(puts(device)).toEqual([]);
  });

  test('that does not tell its limits is given the watts as they are', async () => {
    const { answer, device } = await order({ action: 'powerLimit', powerW: 3_000 });
    expect(answer).toEqual(sent);
    expect(told(device)).toEqual([['performance/power-target', { watt: 3_000 }]]);
  });

  const pool = { url: 'stratum+tcp://pool.example:3333', worker: 'account.rig', password: 'x' };
  test('has all its pools in one group, under the name that it had', async () => {
    const { answer, device } = await order({ action: 'pools', pools: [pool, { ...pool, url: 'second:1' }] });
    expect(answer).toEqual(sent);
    const entry = { url: pool.url, user: 'account.rig', password: 'x', enabled: true };
    expect(told(device)).toEqual([
      [
        'pools/batch',
        [
          {
            name: 'fleet',
            load_balance_strategy: { quota: { value: 1 } },
            pools: [entry, { ...entry, url: 'second:1' }],
          },
        ],
      ],
    ]);
  });

  test.each([{ status: 500, says: '' }, null, { says: '[{"name":"fleet","pools":[{"url"' }, { says: {} }])(
    'is given no pools after a reading of %j',
    async (page) => {
      const { answer, device } = await order(
        { action: 'pools', pools: [pool] },
        { 'GET /api/v1/pools': page, 'GET /api/v1/pools/': page },
      );
      expect([answer.result, answer.detail]).toEqual(['refused', expect.stringContaining('none are written')]);
      expect(puts(device)).toEqual([]);
    },
  );

  test('that refuses the password is asked for one session, and no more', async () => {
    const { answer, device } = await order(
      { action: 'restart' },
      { 'POST /api/v1/auth/login': { status: 401, says: {} } },
    );
    expect(answer.result).toBe('auth_failed');
    expect((await miners.act(device.target, { action: 'restart' })).result).toBe('auth_failed');
    expect((await miners.read(device.target)).unreadable).toBe('auth_failed');
    expect(writes(device)).toEqual(['POST /api/v1/auth/login']);
  });

  test('is ordered nothing without a password', async () => {
    const { answer, device } = await order({ action: 'pools', pools: [pool] }, {}, strangers);
    expect(answer.result).toBe('auth_failed');
    expect(writes(device)).toEqual([]);
  });

  test('whose session ran out is logged in to once more', async () => {
    let count = 0;
    const { answer, device } = await order(
      { action: 'restart' },
      {
        'POST /api/v1/auth/login': () => ({ says: { token: ++count === 1 ? TOKEN : 'second' } }),
        'PUT /api/v1/actions/restart': ({ authorization }) =>
          authorization === 'second' ? { says: true } : { status: 401, says: {} },
      },
    );
    expect(answer).toEqual(sent);
    expect([count, puts(device).length]).toEqual([2, 2]);
  });

  test.each([
    ['400', within({}, 400), 'refused'],
    ['500', within('', 500), 'refused'],
    ['404', within('', 404), 'unsupported'],
    ['a closed line', null, 'no_reply'],
  ])('that answers a reboot with %s', async (_, page, result) => {
    const { answer, device } = await order({ action: 'reboot' }, { 'PUT /api/v1/actions/reboot': page });
    expect(answer.result).toBe(result);
    expect(puts(device)).toHaveLength(1);
  });
});

describe('a Braiins OS with GraphQL', () => {
  const overview = {
    data: {
      bos: { hostname: 'rig', faultLight: false },
      bosminer: { info: { workSolver: { realHashrate: { mhs5S: 95_000_000 } } } },
    },
  };
  type Said = { query: string; variables?: Record<string, unknown> };
  type Answers = (said: Said) => unknown;

  /** Answers a login, reads, and what the test says of mutations. */
  async function ordered(given: MinerOrder, mutation: Answers, by = miners, login: unknown = {}) {
    const said: Said[] = [];
    device = await pageDevice({
      family: 'braiins',
      pages: {
        'POST /graphql': ({ body }) => {
          const one = body as Said;
          if (!one.query.startsWith('mutation'))
            return { says: one.query.includes('typename') ? { data: {} } : overview };
          said.push(one);
          if (one.query.includes('login(')) return { says: login, cookie: 'session_id=abc; Path=/' };
          const says = mutation(one);
          return says === null ? null : { says };
        },
      },
    });
    return { answer: await by.act(device.target, given), said, device };
  }
  const fine = () => ({ data: { bosminer: { restart: { void: null } } } });
  const words = (said: readonly Said[]) => said.map(({ query }) => query.replace(/\s+/g, ' '));

  const simple = [
    ['restart', 'restart'],
    ['sleep', 'stop'],
    ['wake', 'start'],
  ] as const;
  test.each(simple)('takes %s as %s', async (action, verb) => {
    const { answer, said, device } = await ordered({ action }, fine);
    expect(answer).toEqual(sent);
    expect(said[0]?.variables).toEqual({ username: 'root', password: 'secret' });
    expect(words(said).slice(1)).toEqual([
      `mutation { bosminer { ${verb} { ... on VoidResult { void } ... on BosminerError { message } } } }`,
    ]);
    expect(device.heard.at(-1)?.cookie).toBe('session_id=abc');
  });

  test('that refuses the password says so with HTTP 200, and is not asked again', async () => {
    const login = { data: { auth: { login: { __typename: 'AuthError', message: 'wrong password' } } } };
    const { answer, said, device } = await ordered({ action: 'restart' }, fine, miners, login);
    expect([answer.result, (await miners.act(device.target, { action: 'wake' })).result]).toEqual([
      'auth_failed',
      'auth_failed',
    ]);
    expect(said).toHaveLength(1);
  });

  test.each([
    [{ data: { bosminer: { restart: { message: 'not running' } } } }, 'refused', 'not running'],
    [{ data: { bosminer: { restart: { __typename: 'BosminerError' } } } }, 'refused', 'BosminerError'],
    [{ data: null, errors: [{ message: 'no such thing' }] }, 'refused', 'no such thing'],
    [null, 'no_reply', expect.any(String)],
  ])('that answers %j', async (says, result, detail) => {
    const { answer, said } = await ordered({ action: 'restart' }, () => says);
    expect(answer).toEqual({ result, detail });
    expect(said).toHaveLength(2);
  });

  test('is rebooted in the form that it knows', async () => {
    const { answer, said } = await ordered({ action: 'reboot' }, ({ query }) =>
      query.includes('__typename')
        ? { data: { bos: {} } }
        : { data: null, errors: [{ message: 'must have a selection' }] },
    );
    expect(answer).toEqual(sent);
    expect(words(said).slice(1)).toEqual(['mutation { bos { reboot } }', 'mutation { bos { reboot { __typename } } }']);
  });

  test('is not rebooted twice where the line closes', async () => {
    const { answer, said } = await ordered({ action: 'reboot' }, () => null);
    expect([answer.result, said.length]).toEqual(['no_reply', 2]);
  });

  test('is given a power target, and its light', async () => {
    const power = { data: { bosminer: { config: { updateAutotuning: { autotuning: { powerTarget: 2_900 } } } } } };
    const limited = await ordered({ action: 'powerLimit', powerW: 3_000 }, () => power);
    expect([limited.answer, limited.said[1]?.variables]).toEqual([
      { result: 'sent', detail: 'a power target of 2900 W' },
      { watts: 3_000 },
    ]);
    await limited.device.close();
    const lit = await ordered({ action: 'locate', on: true }, () => ({
      data: { bos: { setFaultLight: { enabled: false } } },
    }));
    expect([lit.answer.result, lit.said[1]?.variables]).toEqual(['refused', { enable: true }]);
  });

  test('has no way for pools', async () => {
    const { answer, said } = await ordered({ action: 'pools', pools: [] }, fine);
    expect([answer.result, answer.detail, said]).toEqual(['unsupported', expect.stringContaining('GraphQL only'), []]);
  });

  test('that needs no password to be read is read without one', async () => {
    const { device } = await ordered({ action: 'pools', pools: [] }, fine, strangers);
    const { snapshot } = await strangers.read(device.target);
    expect([snapshot?.hashrateThs, snapshot?.hostname]).toEqual([95, 'rig']);
  });
});

describe('a Braiins OS that only has port 4028', () => {
  const summary: Exchange = {
    transport: 'cgminer-tcp',
    request: { command: 'summary' },
    response: { STATUS: [{ STATUS: 'S' }], SUMMARY: [{ Elapsed: 900, 'MHS 5s': 9e7 }] },
  };
  const reply = (command: string, status: object): Exchange => ({
    ...{ transport: 'cgminer-tcp', request: { command }, response: { STATUS: [status] } },
  });
  async function ordered(given: MinerOrder, ...replies: readonly Exchange[]) {
    const device = await replay({ family: 'braiins', exchanges: [summary, ...replies] });
    const answer = await miners.act(device.target, given);
    await device.close();
    return { answer, last: device.asked.at(-1) };
  }

  test.each([
    ['sleep', 'pause'],
    ['wake', 'resume'],
  ] as const)('takes %s as %s, without a password', async (action, command) => {
    expect(await ordered({ action }, reply(command, { STATUS: 'S', Msg: 'done' }))).toEqual({
      answer: sent,
      last: `rpc ${command}`,
    });
  });

  test('that says no to a pause', async () => {
    const { answer } = await ordered({ action: 'sleep' }, reply('pause', { STATUS: 'E', Code: 302, Msg: 'not now' }));
    expect(answer).toEqual({ result: 'refused', detail: 'not now (code 302)' });
    // bmminer of 2019 does not know the command.
    expect((await ordered({ action: 'sleep' })).answer.result).toBe('unsupported');
  });

  test.each([
    { action: 'restart' },
    { action: 'reboot' },
    { action: 'locate', on: true },
    { action: 'powerLimit', powerW: 3_000 },
    { action: 'pools', pools: [] },
  ] as const)('has no $action', async (given) => {
    const { answer, last } = await ordered(given);
    expect(answer).toEqual({
      result: 'unsupported',
      detail: `this build has port 4028 only, with neither REST nor GraphQL, and no ${given.action} through that`,
    });
    expect(last).toMatch(/^rpc (summary|version|pools|tunerstatus|devdetails|temps|stats|fans)/);
  });
});
