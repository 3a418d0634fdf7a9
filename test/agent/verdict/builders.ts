import type { Round, RoundKind } from '../../../agent/verdict/judge.ts';
import { type JudgeParameters, judgeParameters } from '../../../agent/verdict/judge.ts';
import { REACHABILITY } from '../../../config/defaults.ts';
import type { Reachability } from '../../../config/site.ts';
import type { DownReason, Evidence, Finding, Layer, UnknownReason } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis, unixMs } from '../../../shared/units.ts';

export const UPLINK = uplinkId('isp-1');
export const POOL_A = 'stratum+tcp://203.0.113.1:3333';
export const POOL_B = 'stratum+tcp://203.0.113.2:3333';
export const F1 = '198.51.100.1:443';
export const F2 = '198.51.100.2:443';
export const D = '192.0.2.1:443';
export const HTTP_NAME = 'http://check.example/challenge';
export const HTTP_ADDRESS = 'http://check.example/challenge at 198.51.100.9:80';
export const R1 = '10.0.0.53:53';
export const R2 = '10.0.1.53:53';
export const GATEWAY = '10.0.0.1:53';

export const up: Finding = { is: 'up', tookMs: millis(40) };
export const down = (why: DownReason): Finding => ({ is: 'down', why, tookMs: millis(5_000) });
export const unknown = (why: UnknownReason, detail?: string): Finding =>
  detail === undefined ? { is: 'unknown', why } : { is: 'unknown', why, detail };

/** Which finding each question of a full round gets; what is not named passes. */
export type World = Readonly<Partial<Record<WorldKey, Finding>>>;
const QUESTIONS = {
  link: ['link', 'default route', null],
  neighbour: ['gateway', 'neighbour', null],
  gateway: ['gateway', GATEWAY, null],
  r1: ['dns', R1, null],
  r2: ['dns', R2, null],
  icmp: ['icmp', '198.51.100.1', 'foreign'],
  f1: ['tcp', F1, 'foreign'],
  f2: ['tcp', F2, 'foreign'],
  domestic: ['tcp', D, 'domestic'],
  httpName: ['http', HTTP_NAME, 'foreign'],
  httpAddress: ['http', HTTP_ADDRESS, 'foreign'],
  tcpA: ['tcp', POOL_A, 'foreign'],
  tcpB: ['tcp', POOL_B, 'foreign'],
  stratumA: ['stratum', POOL_A, 'foreign'],
  stratumB: ['stratum', POOL_B, 'foreign'],
  jobA: ['job', POOL_A, 'foreign'],
  jobB: ['job', POOL_B, 'foreign'],
  tls1: ['tls', F1, 'foreign'],
  tls2: ['tls', F2, 'foreign'],
  tlsA: ['tls', POOL_A, 'foreign'],
  tlsB: ['tls', POOL_B, 'foreign'],
  ntp: ['ntp', '192.0.2.123:123', null],
} as const satisfies Record<string, readonly [Layer, string, Evidence['kind']]>;
export type WorldKey = keyof typeof QUESTIONS;
export const WORLD_KEYS = Object.keys(QUESTIONS) as readonly WorldKey[];

/** What a host that hides its links knows of them, which is what a world says nothing about. */
const HIDDEN: readonly WorldKey[] = ['link', 'neighbour'];

export const evidenceOf = (world: World): readonly Evidence[] =>
  WORLD_KEYS.map((key) => {
    const [layer, target, kind] = QUESTIONS[key];
    return {
      uplink: UPLINK,
      layer,
      target,
      kind,
      finding: world[key] ?? (HIDDEN.includes(key) ? unknown('notConfigured') : up),
    };
  });

const NEAR: readonly WorldKey[] = ['gateway', ...HIDDEN];
/** Every question beyond the gateway gets this finding, except those named. */
export const beyond = (finding: Finding, except: World = {}): World => ({
  ...Object.fromEntries(WORLD_KEYS.filter((key) => !NEAR.includes(key)).map((key) => [key, finding])),
  ...except,
});

export const EVERYTHING_DOWN = beyond(down('timeout'));
export const ALL_UNKNOWN = beyond(unknown('ownFault', 'EMFILE'), { gateway: unknown('ownFault', 'EMFILE') });

const WATCHED: readonly Layer[] = ['tcp', 'http', 'job'];
export const aRound = (atMs: number, world: World = {}, more: { kind?: RoundKind; lagMs?: number } = {}): Round => {
  const kind = more.kind ?? 'full';
  const all = evidenceOf(world);
  const watched = all.filter(({ layer, target }) => WATCHED.includes(layer) && (layer === 'job' || target !== POOL_A));
  return {
    uplink: UPLINK,
    kind,
    atMs: millis(atMs),
    wallMs: unixMs(1_700_000_000_000 + atMs),
    evidence: kind === 'full' ? all : watched,
    lagMs: millis(more.lagMs ?? 0),
  };
};

/** The reference's defaults: rounds of 10 s, watched every 5 s, a hold of 300 s that forgives one miss. */
export const aReachability = (change: Partial<Reachability> = {}): Reachability => ({
  ...REACHABILITY,
  pools: [],
  resolvers: [],
  http: [],
  anchors: [],
  uplinks: [],
  quorumHysteresis: 0,
  ...change,
});

export const parameters = (change: Partial<Reachability> = {}): JudgeParameters =>
  judgeParameters(aReachability(change));
