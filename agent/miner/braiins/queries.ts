import type { GrpcQuery, HttpQuery, RpcQuery } from '../driver.ts';
import { asOne, asStats } from './rpc.ts';

const HOUR_MS = 3_600_000;

/** Which of its APIs a build has (fact sheet 7.1). None of these wants a password. */
export const version: HttpQuery = {
  via: 'http',
  name: 'api version',
  path: '/api/v1/version',
  open: true,
  keepMs: HOUR_MS,
};
/** Only asked where the page above is missing: a refusal is a sign of the API as well. */
const detailsAsSign: HttpQuery = {
  via: 'http',
  name: 'details as a sign',
  path: '/api/v1/miner/details',
  open: true,
};
export const REST_SIGN: readonly HttpQuery[] = [version, detailsAsSign];

const rest = (path: string, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name: path,
  path: `/api/v1/${path}`,
  needs: REST_SIGN,
  ...more,
});

export const details = rest('miner/details');
export const minerStats = rest('miner/stats');
export const hashboards = rest('miner/hw/hashboards');
export const minerErrors = rest('miner/errors');
export const cooling = rest('cooling/state');
export const configuration = rest('configuration/miner');
export const tuner = rest('performance/tuner-state');
export const constraints = rest('configuration/constraints');
export const locate = rest('actions/locate');
/** Without the slash in the captures, with it in the sheet. */
export const network = [rest('network', { keepMs: HOUR_MS }), rest('network/', { keepMs: HOUR_MS })];
export const poolGroups = [rest('pools'), rest('pools/')];

/** From 23.03 on; only builds without REST are asked. */
export const GRPC_SIGN: GrpcQuery = {
  via: 'grpc',
  name: 'grpc version',
  path: '/braiins.bos.ApiVersionService/GetApiVersion',
  open: true,
  sign: true,
  keepMs: HOUR_MS,
  unless: [version, detailsAsSign, details],
};

const call = (service: string, method: string): GrpcQuery => ({
  via: 'grpc',
  name: `grpc ${method}`,
  path: `/braiins.bos.v1.${service}/${method}`,
  needs: [GRPC_SIGN],
  unless: [version, detailsAsSign, details],
});

export const grpcDetails = call('MinerService', 'GetMinerDetails');
export const grpcStats = call('MinerService', 'GetMinerStats');
export const grpcHashboards = call('MinerService', 'GetHashboards');
export const grpcErrors = call('MinerService', 'GetErrors');
export const grpcCooling = call('CoolingService', 'GetCoolingState');
export const grpcTuner = call('PerformanceService', 'GetTunerState');
export const grpcPools = call('PoolService', 'GetPoolGroups');
export const grpcLocate = call('ActionsService', 'GetLocateDeviceStatus');

/** Builds of 21 to 25.05 answer these to anybody, in exactly these words (captures 24.09 and 25.05). */
const graphql = (name: string, query: string, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name: `graphql ${name}`,
  path: '/graphql',
  method: 'POST',
  body: { query: query.replace(/\s+/g, ' ') },
  open: true,
  unless: [details],
  ...more,
});

const OVERVIEW = `{ bos { hostname faultLight info { version { full } } uptime { durationS } }
  bosminer { info { workSolver { realHashrate { mhs5S } nominalMhs } fans { name speed rpm }
  summary { power { limitW approxConsumptionW } } } } }`;

/** Every GraphQL server knows the first; a replayed one only knows what it was asked. */
export const GRAPHQL_SIGN: readonly HttpQuery[] = [
  graphql('sign', '{ __typename }', { keepMs: HOUR_MS }),
  graphql('overview as a sign', OVERVIEW, { keepMs: HOUR_MS }),
];
const needs = { needs: GRAPHQL_SIGN };

export const overview = graphql('overview', OVERVIEW, needs);
/** The words by which the sheet tells the family (7.1). */
export const identity = graphql('identity', '{bosminer{info{modelName}} bos{info{version{full}} hostname}}', {
  ...needs,
  keepMs: HOUR_MS,
});
export const solvers = graphql(
  'boards',
  `{ bosminer { info { workSolver { childSolvers { name realHashrate { mhs5S } nominalMhs
    hwDetails { chips frequencyMhz voltageV } temperatures { name degreesC } } } } } }`,
  needs,
);
export const poolList = graphql(
  'pools',
  `{ bosminer { config { ... on BosminerConfig { groups { id strategy { ... on QuotaStrategy { quota } } } } }
    info { poolGroups { name pools { url user status active shares { acceptedSolutions rejectedSolutions } } } } } }`,
  needs,
);
export const autotuning = graphql(
  'autotuning',
  `{ bosminer { config { ... on BosminerConfig { autotuning { mode powerTarget hashrateTarget } } }
    info { summary { power { limitW } } } } }`,
  needs,
);
export const appeals = graphql('appeals', '{ events { appeals { id kind message timestamp } } }', needs);
/** Older than the captures' words (fact sheet 7.4). */
export const bosMac = graphql('mac', '{ bos { macAddress } }', { ...needs, keepMs: HOUR_MS });
export const lan: HttpQuery = {
  via: 'http',
  name: 'lan status',
  path: '/cgi-bin/luci/admin/network/iface_status/lan',
  open: true,
  keepMs: HOUR_MS,
  unless: [details],
  ...needs,
};

/** Where REST tells of the device, a port that refuses says nothing of its mining process. */
const rpc = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name: `rpc ${name}`,
  request: { command: name },
  unless: [details],
  ...more,
});

/** One connection for all that is told of boards and fans (capture S17); the single ones where joining is not known. */
export const rpcBoards = rpc('devdetails+devs+fans+temps', { shape: asOne });
export const rpcDevs = rpc('devs');
export const rpcDetails = rpc('devdetails');
export const rpcTemps = rpc('temps');
export const rpcFans = rpc('fans');
export const rpcSummary = rpc('summary');
export const rpcTuner = rpc('tunerstatus');
export const rpcPools = rpc('pools');
export const rpcVersion = rpc('version', { keepMs: HOUR_MS });
/** Builds of 2019 are bmminer in Braiins' dress: its statistics are an S9's (capture S9). */
export const rpcStats = rpc('stats', { shape: asStats });
