import { STATUS } from '../../../agent/miner/transport/grpc.io.ts';
import { message, opened, textIn } from '../../../sim/miners/wire.ts';
import { type Calls, type GrpcDevice, grpcDevice, nothing } from './grpc-device.ts';
import { type Pages, pageDevice } from './page-device.ts';

/** A Braiins OS that has gRPC, and GraphQL beside it, with figures of its own. */
export const TOKEN = 'kbzE1FJbXsqxL6rr';
export const SIGN = 'ApiVersionService/GetApiVersion';
export const LOGIN = 'AuthenticationService/Login';
const { UNAUTHENTICATED } = STATUS;

/** The session that is good now. */
export const session = { token: TOKEN };
/** Answered to the bearer of the token alone, which stands in the metadata as it is. */
export const within = (bytes: Uint8Array) => (heard: Readonly<{ authorization: string | null }>) =>
  heard.authorization === session.token ? bytes : UNAUTHENTICATED;
const unit = (value: number) => message([1, { double: value }]);
export const details = message([6, 'rig'], [7, '02:AA:BB:CC:DD:EE'], [10, 9_000], [11, 9_100], [12, 2], [16, 'SERIAL']);
export const stats = message(
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
export const CALLS: Calls = {
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
export const overview = {
  data: {
    bos: { hostname: 'by-graphql', faultLight: true },
    bosminer: { info: { workSolver: { realHashrate: { mhs5S: 94_000_000 } }, fans: [{ name: '0', rpm: 4_000 }] } },
  },
};
export const GRAPHQL: Pages = {
  'POST /graphql': ({ body }) =>
    String((body as { query: string }).query).includes('typename') ? { says: { data: {} } } : { says: overview },
};

const up: Readonly<{ close(): Promise<void> }>[] = [];
/** Closed with all others at the end of a test. */
export function standing<T extends Readonly<{ close(): Promise<void> }>>(one: T): T {
  up.push(one);
  return one;
}
export async function closeStanding(): Promise<void> {
  session.token = TOKEN;
  await Promise.all(up.splice(0).map((one) => one.close()));
}

export async function device(
  calls: Calls,
  pages: Pages = GRAPHQL,
): Promise<GrpcDevice & { posts: readonly unknown[] }> {
  const page = standing(await pageDevice({ family: 'braiins', pages }));
  const one = standing(await grpcDevice(calls, { http: page.target.ports.http ?? 1 }));
  return { ...one, posts: page.heard };
}
export const times = ({ heard }: GrpcDevice, at: string) => heard.filter((one) => one.at === at).length;
