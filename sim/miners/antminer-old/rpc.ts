import { type Rates, ratesOf } from '../altcoin.ts';
import { poolRows } from '../antminer/rpc.ts';
import { counters, status } from '../cgminer.ts';
import { type Device, round2, whole } from '../device.ts';
import { envelope, type Reply, type Request } from '../envelope.ts';
import type { Outcome, RpcSaid } from '../family.ts';
import { readsOnly } from '../read-only.ts';
import type { OldBuild } from './build.ts';

/** RPC on 4028 as the S9 and its time have it: reads alone, rates as texts, and JSON that does not always parse. */
const BY = 'cgminer 4.9.0';
/** Numbers that the keys of boards go up to; those of the Equihash miners end with their own boards. */
const SLOTS = 16;
const FANS = 8;

export type Reads = Readonly<Record<'version' | 'summary' | 'stats' | 'pools', (device: Device) => Reply>>;

export const readsOf = (build: OldBuild): Reads => ({
  version: (device) => {
    const { miner, compiled, type, names } = build;
    const row = { [names.version]: '4.9.0', API: '3.1', Miner: miner, CompileTime: compiled, Type: type };
    return envelope(status(device, BY, { code: 22, msg: 'CGMiner versions' }), { VERSION: [row] });
  },
  summary: (device) => {
    const row = { Elapsed: device.look.elapsedS, ...ratePair(ratesIn(device, build)), ...counters(device) };
    return envelope(status(device, BY, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
  },
  stats: (device) => {
    const { miner, compiled, type, names } = build;
    const head = { [names.stats]: '4.9.0', Miner: miner, CompileTime: compiled, Type: type };
    const row = build.wave === 2018 ? bodyOf2018(device, build) : bodyOf2019(device, build);
    return envelope(status(device, BY, { code: 70, msg: 'CGMiner stats' }), { STATS: [head, row] });
  },
  pools: (device) => {
    const POOLS = poolRows(device);
    return envelope(status(device, BY, { code: 7, msg: `${POOLS.length} Pool(s)` }), { POOLS });
  },
});

export function answer(device: Device, asked: Request | null, build: OldBuild): Outcome<RpcSaid> {
  const { reply, ...rest } = readsOnly(BY, readsOf(build))(device, asked);
  if (reply === null || asked === null || asked.text) return { ...rest, reply };
  const text = printed(reply, build);
  return { ...rest, reply: asked.command === 'version' && build.stray ? `${text}"}` : text };
}

/** As it goes out. */
export function printed(reply: Reply, { wave }: OldBuild): string {
  const text = JSON.stringify(reply);
  return wave === 2018 ? text.replaceAll('},{"STATS":', '}{"STATS":') : text;
}

/** In GH/s, or in what it has in their place: MH/s of Scrypt, kSol/s of Equihash (captures of Z9 Mini and Z11). */
const ratesIn = ({ look }: Device, { nominal }: OldBuild): Rates =>
  ratesOf(look, nominal ?? look.traits.nominalThs * 1e3);

/** That of now is a text, the average is none. */
const ratePair = ({ now, avg }: Rates): Reply => ({ 'GHS 5s': now.toFixed(2), 'GHS av': round2(avg) });

const calls = { Calls: 0, Wait: 0, Max: 0, Min: 99_999_999 };

/** What both waves begin and end with. */
function around(device: Device, build: OldBuild, body: (rates: Rates, there: number) => Reply): Reply {
  const { look } = device;
  const rates = ratesIn(device, build);
  return {
    STATS: 0,
    ID: build.id,
    Elapsed: look.elapsedS,
    ...calls,
    ...ratePair(rates),
    ...body(rates, look.boards.filter(({ there }) => there).length),
    temp_max: hottestBoard(device),
    'Device Hardware%': 0,
    no_matching_work: 0,
    ...chainKeys(device, build, rates),
  };
}

const bodyOf2018 = (device: Device, build: OldBuild): Reply =>
  around(device, build, (_, there) => ({
    miner_count: there,
    frequency: '650',
    fan_num: build.fans.length,
    ...fanKeys(device, build),
    temp_num: there,
    ...boardKeys(device, build, ({ boardC, chipC }, n) => ({
      [`temp${n}`]: whole(boardC),
      [`temp2_${n}`]: whole(chipC),
    })),
  }));

const bodyOf2019 = (device: Device, build: OldBuild): Reply => ({
  ...around(device, build, (rates, there) => ({
    Voltage: '17.80',
    Mode: 1,
    miner_count: there,
    frequency: '',
    ...boardKeys(device, build, (board, n) => ({ [`freq${n}`]: board.there ? '535' : '0' })),
    fan_num: build.fans.length,
    ...fanKeys(device, build),
    temp_num: there,
    ...boardKeys(device, build, (board, n) => sensorKeys(board, n)),
    total_rateideal: round2(rates.nominal),
    total_freqavg: 0,
    total_acn: there * build.chips,
    total_rate: round2(rates.now),
  })),
  miner_version: build.miner,
  miner_id: '8028cc442b104814',
});

type BoardSlot = Readonly<{ there: boolean; boardC: number; chipC: number; rate: number }>;
const NOTHING: BoardSlot = { there: false, boardC: 0, chipC: 0, rate: 0 };

/** `temp2_` is the coolest chip there, `temp3_` the hottest (capture of an S17 Pro). */
function sensorKeys({ there, boardC, chipC }: BoardSlot, n: number): Reply {
  const [board, chip] = [whole(boardC), whole(chipC)];
  return {
    [`temp${n}`]: board,
    [`temp2_${n}`]: there ? chip - 15 : 0,
    [`temp3_${n}`]: chip,
    [`temp_pcb${n}`]: there ? [board - 20, board, board - 21, board - 2].join('-') : '-',
    [`temp_chip${n}`]: there ? [chip - 15, chip, chip - 15, chip - 1].join('-') : '-',
  };
}

const chainKeys = (device: Device, build: OldBuild, { boards }: Rates): Reply =>
  boardKeys(device, build, ({ there }, n) => ({
    [`chain_acn${n}`]: there ? build.chips : 0,
    [`chain_acs${n}`]: there ? 'o'.repeat(build.chips).replaceAll(/o{1,8}/g, ' $&') : '',
    [`chain_hw${n}`]: 0,
    [`chain_rate${n}`]: there ? (boards[n - build.firstBoard] ?? 0).toFixed(2) : '',
  }));

function boardKeys({ look }: Device, { firstBoard }: OldBuild, keys: (board: BoardSlot, n: number) => Reply): Reply {
  const slots = Array.from({ length: SLOTS }, (_, index) => {
    const board = look.boards[index + 1 - firstBoard];
    return keys(board?.there ? { ...board, rate: board.rateThs } : NOTHING, index + 1);
  });
  return Object.assign({}, ...slots);
}

const fanKeys = ({ look }: Device, { fans }: OldBuild): Reply =>
  Object.fromEntries(
    Array.from({ length: FANS }, (_, at) => [`fan${at + 1}`, fans.includes(at + 1) ? look.fanRpm : 0]),
  );

const hottestBoard = ({ look }: Device): number => whole(Math.max(...look.boards.map(({ boardC }) => boardC)));
