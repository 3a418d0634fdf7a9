import { ratesOf } from '../altcoin.ts';
import { counters, poolRows, type Read, status } from '../cgminer.ts';
import { type Device, plainModel, whole } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';

/** ccminer as Hammer and VolcMiner have it (captures of D10 and D1): Scrypt in MH/s, as texts. */
export type Make = Readonly<{ nominalMhs: number; chips: number }>;

const BY = 'ccminer 2.3.3';

const headOf = ({ look }: Device): Reply => ({
  CGMiner: '2.3.3',
  Miner: '2.0.2.2',
  CompileTime: '2023-05-28 17-20-35 CST',
  Type: plainModel(look),
});

export const version: Read = (device) =>
  envelope(status(device, BY, { code: 22, msg: 'CGMiner versions' }), { VERSION: [{ ...headOf(device), API: '3.1' }] });

export const summaryOf =
  ({ nominalMhs }: Make): Read =>
  (device) => {
    const { now, avg } = ratesOf(device.look, nominalMhs);
    const row = {
      Elapsed: device.look.elapsedS,
      'MHS 5s': now.toFixed(4),
      'MHS av': avg.toFixed(4),
      ...counters(device),
      Accepted: device.look.accepted.toFixed(4),
      Rejected: '0.0000',
    };
    return envelope(status(device, BY, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
  };

export const pools: Read = (device) => {
  const POOLS = poolRows(device);
  return envelope(status(device, BY, { code: 7, msg: `${POOLS.length} Pool(s)` }), { POOLS });
};

/** As text, for the four sensors of a board have one key between them. */
export function stats(device: Device, make: Make): Reply {
  return envelope(status(device, BY, { code: 70, msg: 'CGMiner stats' }), {
    STATS: [headOf(device), body(device, make)],
  });
}

/** Keys are told apart by a sign that is no longer there when they go out. */
const AGAIN = '#';
export const repeated = (text: string): string => text.replaceAll(new RegExp(`${AGAIN}\\d+"`, 'g'), '"');

function body(device: Device, make: Make): Reply {
  const { look } = device;
  const { now, avg, boards } = ratesOf(look, make.nominalMhs);
  const rpm = look.fanRpm;
  return {
    STATS: 0,
    ID: 'A30',
    Elapsed: look.elapsedS,
    Calls: 0,
    'MHS 5s': now.toFixed(4),
    'MHS av': avg.toFixed(4),
    miner_count: look.boards.filter(({ there }) => there).length,
    frequency: '810',
    fan_num: 4,
    ...{ fan1: rpm, fan2: rpm, fan3: rpm, fan4: rpm },
    temp_num: 12,
    temp_max: whole(Math.max(...look.boards.map(({ chipC }) => chipC))),
    ...Object.assign({}, ...[0, 1, 2, 3].map((index) => slotKeys(device, index, { make, rate: boards[index] ?? 0 }))),
  };
}

function slotKeys({ look }: Device, index: number, { make, rate }: { make: Make; rate: number }): Reply {
  const [n, board] = [index + 1, look.boards[index]];
  const there = board?.there === true;
  const [cool, warm] = there ? [whole(look.inletC), whole(board.chipC)] : [0, 0];
  const sensors = [cool, warm, cool, warm].map((c, at) => [`temp${n}${AGAIN}${at}`, c]);
  return {
    ...Object.fromEntries(sensors),
    [`chain_acn${n}`]: there ? make.chips : 0,
    [`chain_acs${n}`]: there ? 'o'.repeat(make.chips).replaceAll(/o{8}/g, ' $&') : '',
    [`chain_hw${n}`]: 0,
    [`chain_rate${n}`]: there ? rate.toFixed(4) : '',
  };
}
