import type { Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { STATUS } from '../../../agent/miner/transport/grpc.io.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Came, messagesIn, numberIn, opened, textIn } from '../../../sim/miners/wire.ts';
import { rehearse, stopFarms } from '../../sim/miners/farm.ts';
import { type Calls, type GrpcDevice, grpcDevice, message, nothing, oddPort } from './grpc-device.ts';
import { minersWith, type Pages, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('root', 'root'));
const strangers = minersWith(noCredentials);
const up: Readonly<{ close(): Promise<void> }>[] = [];
afterEach(async () => {
  valid = TOKEN;
  await Promise.all(up.splice(0).map((one) => one.close()));
  await stopFarms();
});
afterAll(() => Promise.all([miners.close(), strangers.close()]));

const OLD = 'Antminer S19j Pro 104T (Braiins OS 24.09)';
const TOKEN = 'kbzE1FJbXsqxL6rr';
const SIGN = 'ApiVersionService/GetApiVersion';
const LOGIN = 'AuthenticationService/Login';
const { UNAUTHENTICATED, UNIMPLEMENTED, INTERNAL } = STATUS;

/** The session that is good now. */
let valid = TOKEN;
/** Answered to the bearer of the token alone, which stands in the metadata as it is. */
const within = (bytes: Uint8Array) => (heard: Readonly<{ authorization: string | null }>) =>
  heard.authorization === valid ? bytes : UNAUTHENTICATED;
const unit = (value: number) => message([1, { double: value }]);
const details = message([6, 'rig'], [7, '02:AA:BB:CC:DD:EE'], [10, 9_000], [11, 9_100], [12, 2], [16, 'SERIAL']);
const stats = message(
  [2, message([1, message([1, unit(95_000)], [10, unit(90_000)])])],
  [3, message([1, message([1, 3_000])])],
);
const board = message(
  [1, '1'],
  [2, true],
  [3, message([1, 110])],
  [7, unit(55)],
  [8, message([1, message([1, unit(0)])])],
);
const pool = message([1, 'uid'], [2, 'stratum+tcp://old:1'], [3, 'worker'], [4, true], [5, true]);
const CALLS: Calls = {
  [SIGN]: nothing,
  [LOGIN]: ({ bytes }) =>
    textIn(opened(bytes), 1) === 'root' && textIn(opened(bytes), 2) === 'root'
      ? message([1, TOKEN], [2, 3_600])
      : UNAUTHENTICATED,
  'MinerService/GetMinerDetails': within(details),
  'MinerService/GetMinerStats': within(stats),
  'MinerService/GetHashboards': within(message([1, board])),
  'MinerService/GetErrors': within(message([1, message([2, 'hot'])], [1, message([2, 'hot'])])),
  'CoolingService/GetCoolingState': within(message([1, message([2, 5_000])], [1, message([1, 1])])),
  'PoolService/GetPoolGroups': within(message([1, message([1, 'fleet'], [4, pool], [5, '0'])])),
  'PerformanceService/GetTunerState': within(message([1, 2], [2, message([2, message([1, 3_100])])])),
  'ActionsService/GetLocateDeviceStatus': within(nothing),
};
const overview = {
  data: {
    bos: { hostname: 'by-graphql', faultLight: true },
    bosminer: { info: { workSolver: { realHashrate: { mhs5S: 94_000_000 } }, fans: [{ name: '0', rpm: 4_000 }] } },
  },
};
const GRAPHQL: Pages = {
  'POST /graphql': ({ body }) =>
    String((body as { query: string }).query).includes('typename') ? { says: { data: {} } } : { says: overview },
};

async function device(calls: Calls, pages: Pages = GRAPHQL): Promise<GrpcDevice & { posts: readonly unknown[] }> {
  const page = await pageDevice({ family: 'braiins', pages });
  const one = await grpcDevice(calls, { http: page.target.ports.http ?? 1 });
  up.push(page, one);
  return { ...one, posts: page.heard };
}
const times = ({ heard }: GrpcDevice, at: string) => heard.filter((one) => one.at === at).length;

describe('the virtual build of 24.09', () => {
  test.each(['braiins', null])('is read over gRPC, told as %s', async (family) => {
    const farm = await rehearse({ family: 'braiins', model: OLD });
    const { snapshot, unreadable } = await miners.read({ miner: farm.miner, ...farm.place, family });
    expect(unreadable).toBeNull();
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(snapshot).toMatchObject({
      ...{ family: 'braiins', model: 'Antminer S19j Pro', serial: expect.stringContaining('SIMB') },
      ...{ firmwareVersion: '2024-10-17-0-75912fc7-24.09-plus', miningState: 'hashing', locating: false },
      ...{ hostname: 'Antminer', hashrateNominalThs: 104, mac: expect.stringMatching(/^02:/) },
    });
    expect(snapshot?.partial).toBeUndefined();
    expect(snapshot?.boards.map(({ chips, serial, state }) => [chips, serial?.slice(0, 5), state])).toEqual(
      [0, 1, 2].map((at) => [110, `SIMH${at}`, 'enabled']),
    );
    expect(snapshot?.pools[0]).toMatchObject({ state: 'alive', active: true });
    expect([snapshot?.fans.length, snapshot?.hashrateThs, snapshot?.powerW, snapshot?.powerLimitW]).toEqual([
      ...[4, expect.closeTo(104, -1), expect.any(Number), expect.any(Number)],
    ]);
  });

  test('without a password is read through GraphQL and port 4028, as before', async () => {
    const farm = await rehearse({ family: 'braiins', model: OLD });
    const { snapshot, unreadable } = await strangers.read({ miner: farm.miner, ...farm.place, family: 'braiins' });
    expect(unreadable).toBeNull();
    expect(snapshot).toMatchObject({ serial: null, hostname: 'Antminer', miningState: 'hashing', locating: false });
    expect([snapshot?.boards.length, snapshot?.fans.length, snapshot?.pools.length]).toEqual([3, 4, 1]);
    // What neither of these has.
    expect(snapshot?.partial).toEqual(
      ['grpc GetMinerDetails', 'grpc GetHashboards'].map((read) => ({
        read,
        why: expect.stringMatching(/^no_credentials/),
      })),
    );
  });
});

describe('a Braiins OS with gRPC', () => {
  test('has its figures, 0 among them, and null for what it leaves out', async () => {
    const { target, posts } = await device({
      ...CALLS,
      'MinerService/GetMinerDetails': within(message([6, 'rig'], [12, 2])),
    });
    const { snapshot } = await miners.read(target);
    expect(snapshot).toMatchObject({
      ...{ hostname: 'rig', hashrateThs: 95, hashrateAvgThs: 90, powerW: 3_000, powerLimitW: 3_100, locating: false },
      ...{ serial: null, mac: null, uptimeS: null, errors: [{ code: null, message: 'hot' }] },
      fans: [
        { index: 0, rpm: 5_000 },
        { index: 1, rpm: 0 },
      ],
    });
    expect(snapshot?.deviceUptimeS).toBeUndefined();
    expect(snapshot?.boards).toEqual([
      {
        index: 0,
        hashrateThs: 0,
        chips: 110,
        chipsExpected: null,
        boardTempC: 55,
        chipTempC: null,
        serial: null,
        state: 'enabled',
      },
    ]);
    expect(snapshot?.pools).toEqual([
      {
        index: 0,
        url: 'stratum+tcp://old:1',
        worker: 'worker',
        state: 'alive',
        active: false,
        accepted: null,
        rejected: null,
      },
    ]);
    // GraphQL is asked for what is missing.
    expect(posts.length).toBeGreaterThan(0);
  });

  test('asks for one session in all, and its version once an hour', async () => {
    const one = await device(CALLS);
    await miners.read(one.target);
    await miners.read(one.target);
    expect([times(one, LOGIN), times(one, SIGN), times(one, 'MinerService/GetMinerStats')]).toEqual([1, 1, 2]);
    expect(one.lines().made).toBe(one.heard.length);
  });

  test('that refuses the password is asked once, and not again', async () => {
    const one = await device({ ...CALLS, [LOGIN]: UNAUTHENTICATED });
    const readings = [await miners.read(one.target), await miners.read(one.target)];
    const acts = [
      await miners.act(one.target, { action: 'reboot' }),
      await miners.act(one.target, { action: 'pools', pools: [] }),
    ];
    expect([...readings.map(({ unreadable }) => unreadable), ...acts.map(({ result }) => result)]).toEqual(
      Array(4).fill('auth_failed'),
    );
    expect(times(one, LOGIN)).toBe(1);
    // What anybody may see is there all the same.
    expect(readings[0]?.snapshot).toMatchObject({ hostname: 'by-graphql', miningState: 'unknown' });
  });

  test('whose session ran out is logged in to once more', async () => {
    let count = 0;
    const one = await device({
      ...CALLS,
      [LOGIN]: () => message([1, ++count === 1 ? TOKEN : 'second']),
      'MinerService/GetMinerStats': ({ authorization }) => {
        if (authorization === TOKEN) valid = 'second';
        return authorization === valid ? stats : UNAUTHENTICATED;
      },
    });
    expect((await miners.read(one.target)).snapshot?.hashrateThs).toBe(95);
    expect([count, times(one, 'MinerService/GetMinerStats')]).toEqual([2, 2]);
  });

  test('that refuses its own sessions is not asked in a loop', async () => {
    const one = await device({ ...CALLS, 'MinerService/GetMinerDetails': UNAUTHENTICATED });
    expect((await miners.read(one.target)).unreadable).toBe('auth_failed');
    expect([times(one, LOGIN), times(one, 'MinerService/GetMinerDetails')]).toEqual([2, 2]);
  });

  test('of which some services are missing is told by what else it has, and they are not failures', async () => {
    const one = await device({
      ...CALLS,
      'CoolingService/GetCoolingState': UNIMPLEMENTED,
      'MinerService/GetHashboards': UNIMPLEMENTED,
      'PerformanceService/GetTunerState': UNIMPLEMENTED,
    });
    const { snapshot } = await miners.read(one.target);
    expect(snapshot).toMatchObject({ hashrateThs: 95, hostname: 'rig', fans: [{ index: 0, rpm: 4_000 }], boards: [] });
    expect(snapshot?.partial?.map(({ read }) => read).filter((name) => name.startsWith('grpc'))).toEqual([]);
  });

  test.each([
    ['fails', INTERNAL, 'denied: INTERNAL'],
    ['is no message', Uint8Array.from([0x0a, 0xff]), 'garbage: no message'],
  ])('of which one answer %s names it, and keeps the rest', async (_, said, why) => {
    const one = await device({ ...CALLS, 'MinerService/GetErrors': said });
    const { snapshot } = await miners.read(one.target);
    expect(snapshot).toMatchObject({ hashrateThs: 95, serial: 'SERIAL', errors: [] });
    expect(snapshot?.partial).toContainEqual({ read: 'grpc GetErrors', why: expect.stringContaining(why) });
  });

  test('is not asked over gRPC where it has REST', async () => {
    const version = { 'GET /api/v1/version': { says: { major: 1, minor: 3, patch: 0 } } };
    const one = await device(CALLS, {
      ...version,
      'GET /api/v1/miner/details': { says: { status: 2, hostname: 'by-rest' } },
    });
    expect((await miners.read(one.target)).snapshot?.hostname).toBe('by-rest');
    expect(one.lines().made).toBe(0);
  });
});

describe('a port 50051 that is not gRPC', () => {
  const reads = async (grpc: number) => {
    const page = await pageDevice({ family: 'braiins', pages: GRAPHQL });
    up.push(page);
    const target = { ...page.target, ports: { ...page.target.ports, grpc } };
    const hostnames = [await miners.read(target), await miners.read(target)].map(({ snapshot }) => snapshot?.hostname);
    expect(hostnames).toEqual(['by-graphql', 'by-graphql']);
    return target;
  };

  test.each([
    ['closes', (socket: Socket): void => void socket.destroy()],
    ['speaks another language', (socket: Socket): void => void socket.once('data', () => socket.end('{"STATUS":"E"}'))],
    ['never answers', (socket: Socket): void => void socket.resume()],
  ] as const)('and %s costs one connection, and not one a reading', async (_, serve) => {
    const odd = await oddPort(serve);
    up.push(odd);
    await reads(odd.port);
    expect(odd.lines().made).toBe(1);
  });

  test('as nobody listens is knocked at once', async () => {
    const none = await oddPort(() => undefined);
    await none.close();
    const target = await reads(none.port);
    const late = await grpcDevice(CALLS);
    up.push(late);
    const now = { ...target, ports: { ...target.ports, grpc: late.port } };
    await miners.read(now);
    expect(late.lines().made).toBe(0);
    // An order looks again.
    await miners.act(now, { action: 'restart' });
    expect(late.lines().made).toBeGreaterThan(0);
  });
});

describe('orders over gRPC', () => {
  const WRITES: Calls = {
    'ActionsService/Restart': within(nothing),
    'ActionsService/Reboot': within(nothing),
    'ActionsService/PauseMining': within(nothing),
    'ActionsService/ResumeMining': within(nothing),
    'ActionsService/Start': within(nothing),
    'ActionsService/SetLocateDeviceStatus': ({ bytes }) => bytes,
    'PerformanceService/SetPowerTarget': ({ bytes }) =>
      message([1, message([1, numberIn(messagesIn(opened(bytes), 2)[0] ?? null, 1)])]),
    'PoolService/SetPoolGroups': within(nothing),
  };
  async function order(given: MinerOrder, more: Calls = {}, by = miners) {
    const one = await device({ ...CALLS, ...WRITES, ...more });
    await by.read(one.target);
    const before = one.heard.length;
    const answer = await by.act(one.target, given);
    const writes = one.heard.slice(before).filter(({ at }) => at in WRITES);
    return { answer, one, writes, said: (writes[0] === undefined ? null : opened(writes[0].bytes)) as Came | null };
  }
  const sent = { result: 'sent', detail: null };

  test.each([
    ['restart', 'Restart'],
    ['reboot', 'Reboot'],
    ['sleep', 'PauseMining'],
    ['wake', 'ResumeMining'],
  ] as const)('%s is %s, once and in the session that there is', async (action, method) => {
    const { answer, writes, one } = await order({ action });
    expect([answer, writes.map(({ at, bytes }) => [at, bytes.length])]).toEqual([
      sent,
      [[`ActionsService/${method}`, 0]],
    ]);
    expect([times(one, LOGIN), writes[0]?.authorization]).toEqual([1, TOKEN]);
  });

  test('that came to what was so already say so', async () => {
    const { answer } = await order({ action: 'sleep' }, { 'ActionsService/PauseMining': message([1, true]) });
    expect(answer).toEqual({ result: 'sent', detail: 'it was so already, says the device' });
  });

  test('start the process of one that was stopped', async () => {
    const { writes } = await order(
      { action: 'wake' },
      { 'MinerService/GetMinerDetails': within(message([6, 'rig'], [12, 1])) },
    );
    expect(writes.map(({ at }) => at)).toEqual(['ActionsService/Start']);
  });

  test.each([true, false])('turn the light %s', async (on) => {
    const { answer, said } = await order({ action: 'locate', on });
    expect([answer, numberIn(said, 1)]).toEqual([sent, on ? 1 : 0]);
  });

  test('set the watts, saved and applied', async () => {
    const { answer, said } = await order({ action: 'powerLimit', powerW: 3_000 });
    expect([answer, numberIn(said, 1), numberIn(messagesIn(said, 2)[0] ?? null, 1)]).toEqual([sent, 2, 3_000]);
  });

  const pools: MinerOrder = {
    action: 'pools',
    pools: [
      { url: 'stratum+tcp://new:3333', worker: 'account.rig', password: 'x' },
      { url: 'second:1', worker: 'b', password: '' },
    ],
  };
  test('replace all pools by one group, under the name that it had', async () => {
    const { answer, said } = await order(pools);
    const [group] = messagesIn(said, 2);
    expect([answer, numberIn(said, 1), textIn(group ?? null, 2), messagesIn(said, 2).length]).toEqual([
      sent,
      2,
      'fleet',
      1,
    ]);
    expect(numberIn(messagesIn(group ?? null, 3)[0] ?? null, 1)).toBe(1);
    const list = messagesIn(group ?? null, 5).map((one) => [
      textIn(one, 2),
      textIn(one, 3),
      textIn(one, 4),
      numberIn(one, 5),
    ]);
    expect(list).toEqual([
      ['stratum+tcp://new:3333', 'account.rig', 'x', 1],
      ['second:1', 'b', '', 1],
    ]);
  });

  test.each([
    ['refused', INTERNAL],
    ['unreadable', Uint8Array.from([0x0a, 0xff])],
  ])('write no pools after groups that were %s', async (_, said) => {
    const { answer, writes } = await order(pools, { 'PoolService/GetPoolGroups': said });
    expect([answer.result, answer.detail, writes]).toEqual([
      'refused',
      expect.stringContaining('none are written'),
      [],
    ]);
  });

  test.each([
    ['a wrong session', UNAUTHENTICATED, 'auth_failed'],
    ['no', STATUS.FAILED_PRECONDITION, 'refused'],
  ])('that are answered with %s', async (_, status, result) => {
    const { answer, writes } = await order({ action: 'restart' }, { 'ActionsService/Restart': status });
    expect([answer.result, writes.length]).toEqual([result, status === UNAUTHENTICATED ? 2 : 1]);
  });

  test('that lose the line on the way are uncertain, and not sent again', async () => {
    const lost: GrpcDevice[] = [];
    const hangUp = () => {
      void lost[0]?.close();
      return STATUS.CANCELLED;
    };
    const one = await device({ ...CALLS, 'ActionsService/Reboot': hangUp });
    lost.push(one);
    expect((await miners.act(one.target, { action: 'reboot' })).result).toBe('no_reply');
    expect(times(one, 'ActionsService/Reboot')).toBe(1);
  });

  test('of which a build lacks the service go out another way where there is one', async () => {
    const posts: string[] = [];
    const page = await pageDevice({
      family: 'braiins',
      pages: {
        'POST /graphql': ({ body }) => {
          const { query } = body as { query: string };
          if (query.startsWith('mutation')) posts.push(query);
          return query.includes('login(') ? { says: {}, cookie: 'session_id=abc' } : { says: overview };
        },
      },
    });
    const one = await grpcDevice(
      { ...CALLS, 'ActionsService/Restart': UNIMPLEMENTED },
      { http: page.target.ports.http ?? 1 },
    );
    up.push(page, one);
    expect(await miners.act(one.target, { action: 'restart' })).toEqual(sent);
    expect(posts.at(-1)).toContain('restart');
    expect((await miners.act(one.target, pools)).result).toBe('unsupported');
  });

  test('want a password', async () => {
    const { answer, writes } = await order(pools, {}, strangers);
    expect([answer.result, writes.length]).toEqual(['auth_failed', 0]);
  });
});
