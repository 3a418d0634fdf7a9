import { counters, ghs, poolRows, type Read, status } from '../cgminer.ts';
import { type Device, plainModel, round2, whole } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';

/** RPC of an S9 with MSKMiner (capture): counts are texts here and there, and boards are numbered from 6. */
const BY = 'bmminer 1.0.0';
const FIRST_BOARD = 6;
const CHIPS = 63;
const SLOTS = 16;

const headOf = ({ look }: Device): Reply => ({
  BMMiner: '2.0.0 rwglr',
  Miner: '30.0.1.3',
  CompileTime: 'Mon Nov 25 09:56:24 PST 2019',
  // The blank at its end is the device's.
  Type: `${plainModel(look).replace(/\s*\(?mskminer\)?/i, '')} `,
});

export const version: Read = (device) =>
  envelope(status(device, BY, { code: 22, msg: 'BMMiner versions' }), { VERSION: [{ ...headOf(device), API: '3.1' }] });

export const summary: Read = (device) => {
  const { look } = device;
  const row = { Elapsed: look.elapsedS, 'GHS 5s': ghs(look.rateThs).toFixed(3), 'GHS av': ghs(look.avgThs) };
  return envelope(status(device, BY, { code: 11, msg: 'Summary' }), { SUMMARY: [{ ...row, ...counters(device) }] });
};

/** Behind the operator's comes one that is the firmware's own. */
export const pools: Read = (device) => {
  const own = { POOL: 3, URL: '*', Status: 'Alive', Priority: 998, User: '*', 'Stratum Active': false };
  const rows = [...poolRows(device), own];
  return envelope(status(device, BY, { code: 7, msg: `${rows.length} Pool(s)` }), { POOLS: rows });
};

/** As text, for its two rows have no comma between them. */
export function stats(device: Device): string {
  const reply = envelope(status(device, BY, { code: 70, msg: 'BMMiner stats' }), {
    STATS: [headOf(device), body(device)],
  });
  return unseparated(reply);
}

/** Rows of a list run together (`}{`), as these firmwares print them. */
export const unseparated = (reply: Reply): string => JSON.stringify(reply).replaceAll('},{', '}{');

function body(device: Device): Reply {
  const { look } = device;
  const there = look.boards.filter(({ there }) => there).length;
  return {
    STATS: 0,
    ID: 'BC50',
    Elapsed: look.elapsedS,
    Calls: 0,
    'GHS 5s': ghs(look.rateThs).toFixed(3),
    'GHS av': ghs(look.avgThs),
    miner_count: there,
    frequency: '500',
    fan_num: 2,
    ...numbered(8, (slot) => ({ [`fan${slot}`]: slot === 5 || slot === 6 ? look.fanRpm : 0 })),
    temp_num: there,
    ...numbered(SLOTS, (slot) => slotKeys(device, slot)),
    total_rateideal: ghs(look.traits.nominalThs),
    total_freqavg: 500,
    total_acn: there * CHIPS,
    total_rate: ghs(look.rateThs),
    temp_max: whole(Math.max(...look.boards.map(({ chipC }) => chipC))),
    miner_version: '30.0.1.3',
    chain_power: `${look.powerW.toFixed(2)} (AB)`,
  };
}

const numbered = (count: number, keys: (slot: number) => Reply): Reply =>
  Object.assign({}, ...Array.from({ length: count }, (_, index) => keys(index + 1)));

function slotKeys({ look }: Device, slot: number): Reply {
  const board = look.boards[slot - FIRST_BOARD];
  const there = board?.there === true;
  return {
    [`temp${slot}`]: there ? whole(board.boardC) : 0,
    [`temp2_${slot}`]: there ? whole(board.chipC) : 0,
    [`temp3_${slot}`]: 0,
    [`freq_avg${slot}`]: there ? 500 : 0,
    [`chain_rateideal${slot}`]: there ? ghs(look.traits.nominalThs / look.boards.length) : 0,
    [`chain_acn${slot}`]: there ? CHIPS : 0,
    [`chain_acs${slot}`]: there ? ' oooooooo'.repeat(8).slice(0, -1) : '',
    [`chain_hw${slot}`]: 0,
    [`chain_rate${slot}`]: there ? ghs(board.rateThs).toFixed(2) : '',
    [`chain_power${slot}`]: there && board.rateThs > 0 ? round2(look.powerW / look.boards.length) : 0,
  };
}
