import type { Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { noCredentials } from '../../../agent/miner/credentials.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import { STATUS } from '../../../agent/miner/transport/grpc.io.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { millis } from '../../../shared/units.ts';
import { rehearse, stopFarms } from '../../sim/miners/farm.ts';
import {
  CALLS,
  closeStanding,
  device,
  GRAPHQL,
  LOGIN,
  SIGN,
  session,
  standing,
  stats,
  TOKEN,
  times,
  within,
} from './braiins-grpc.ts';
import { grpcDevice, message, oddPort } from './grpc-device.ts';
import { minersWith, pageDevice, password } from './page-device.ts';

const miners = minersWith(password('root', 'root'));
const strangers = minersWith(noCredentials);
afterEach(() => Promise.all([closeStanding(), stopFarms()]));
afterAll(() => Promise.all([miners.close(), strangers.close()]));

const OLD = 'Antminer S19j Pro 104T (Braiins OS 24.09)';
const { UNAUTHENTICATED, UNIMPLEMENTED, INTERNAL } = STATUS;

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

  test('has one connection open at a time, its calls among them', async () => {
    // At the pause that devices get.
    const paced = createMiners({ credentials: password('root', 'root'), deadlineMs: millis(15_000) });
    const farm = await rehearse({ family: 'braiins', model: OLD });
    const target = { miner: farm.miner, ...farm.place, family: 'braiins' };
    await Promise.all([paced.read(target), paced.act(target, { action: 'locate', on: true }), paced.read(target)]);
    await paced.close();
    expect(farm.farm.traffic().map(({ maxOpen }) => maxOpen)).toEqual([1]);
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
    await miners.read(one.target);
    // The second reading asks once more who it is, whatever is kept.
    expect([times(one, LOGIN), times(one, SIGN), times(one, 'MinerService/GetMinerStats')]).toEqual([1, 2, 3]);
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
        if (authorization === TOKEN) session.token = 'second';
        return authorization === session.token ? stats : UNAUTHENTICATED;
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
    standing(page);
    const target = { ...page.target, ports: { ...page.target.ports, grpc } };
    const from = performance.now();
    const hostnames = [await miners.read(target), await miners.read(target)].map(({ snapshot }) => snapshot?.hostname);
    expect(hostnames).toEqual(['by-graphql', 'by-graphql']);
    expect(performance.now() - from).toBeLessThan(7_000);
    return target;
  };

  test.each([
    ['closes', (socket: Socket): void => void socket.destroy()],
    ['speaks another language', (socket: Socket): void => void socket.once('data', () => socket.end('{"STATUS":"E"}'))],
    ['never answers', (socket: Socket): void => void socket.resume()],
  ] as const)('and %s costs one connection, and not one a reading', async (_, serve) => {
    const odd = await oddPort(serve);
    standing(odd);
    await reads(odd.port);
    expect(odd.lines().made).toBe(1);
  });

  test('as nobody listens is knocked at once', async () => {
    const none = await oddPort(() => undefined);
    await none.close();
    const target = await reads(none.port);
    const late = await grpcDevice(CALLS);
    standing(late);
    const now = { ...target, ports: { ...target.ports, grpc: late.port } };
    await miners.read(now);
    expect(late.lines().made).toBe(0);
    // An order looks again.
    await miners.act(now, { action: 'restart' });
    expect(late.lines().made).toBeGreaterThan(0);
  });
});
