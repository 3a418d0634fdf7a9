import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { STATUS } from '../../../agent/miner/transport/grpc.io.ts';
import { type Came, messagesIn, numberIn, opened, textIn } from '../../../sim/miners/wire.ts';
import { CALLS, closeStanding, device, LOGIN, overview, standing, TOKEN, times, within } from './braiins-grpc.ts';
import { type Calls, type GrpcDevice, grpcDevice, message, nothing } from './grpc-device.ts';
import { minersWith, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('root', 'root'));
const strangers = minersWith(noCredentials);
afterEach(closeStanding);
afterAll(() => Promise.all([miners.close(), strangers.close()]));

const { UNAUTHENTICATED, UNIMPLEMENTED, INTERNAL } = STATUS;

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
    standing(page);
    standing(one);
    expect(await miners.act(one.target, { action: 'restart' })).toEqual(sent);
    expect(posts.at(-1)).toContain('restart');
    expect((await miners.act(one.target, pools)).result).toBe('unsupported');
  });

  test('want a password', async () => {
    const { answer, writes } = await order(pools, {}, strangers);
    expect([answer.result, writes.length]).toEqual(['auth_failed', 0]);
  });
});
