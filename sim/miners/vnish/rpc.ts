import { answerRead, counters, ghs, poolRows, type Reads, refusal, status } from '../cgminer.ts';
import { type Device, whole } from '../device.ts';
import { envelope, type Reply, type Request } from '../envelope.ts';
import { buildOf, modelOf } from './own.ts';
import { stateOf } from './reads.ts';

/** The RPC beside the pages: reads, whose `stats` name the firmware; `version` is none of them (capture of 1.2.7). */
const BY = 'cgminer 4.11.1';

export function answerRpc(device: Device, asked: Request | null): Reply {
  const reply = asked === null ? null : answerRead(device, asked, READS);
  return reply ?? refusal(device, BY, { code: 0, msg: 'Invalid command' });
}

const READS: Reads = {
  summary: (device) => {
    const { look } = device;
    const rates = { 'GHS 5s': ghs(look.rateThs), 'GHS av': ghs(look.avgThs), 'GHS 30m': ghs(look.avgThs) };
    const row = { Elapsed: look.elapsedS, ...rates, ...counters(device) };
    return envelope(status(device, BY, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
  },
  stats: (device) => envelope(status(device, BY, { code: 70, msg: 'CGMiner stats' }), { STATS: stats(device) }),
  pools: (device) => envelope(status(device, BY, { code: 7, msg: 'Pools' }), { POOLS: poolRows(device) }),
  devdetails: (device) =>
    envelope(status(device, BY, { code: 69, msg: 'Device Details' }), {
      DEVDETAILS: [{ DEVDETAILS: 0, Name: 'BTM_SOC', ID: 0, Driver: 'bitmain_drv', Kernel: '', Model: '' }],
    }),
};

function stats(device: Device): Reply[] {
  const { look } = device;
  const { version } = buildOf(device);
  const head = { Type: `${modelOf(device)} (Vnish ${version})`, Miner: '0.0.0', Cgminer: version };
  const chains = look.boards.map((board, at) => ({
    [`temp${at + 1}`]: whole(board.boardC),
    [`temp2_${at + 1}`]: whole(board.chipC),
    [`chain_rate${at + 1}`]: ghs(board.rateThs),
    [`chain_acn${at + 1}`]: board.there ? 65 : 0,
  }));
  const rates = { 'GHS 5s': String(ghs(look.rateThs)), 'GHS av': ghs(look.avgThs), total_rate: ghs(look.rateThs) };
  const fans = Object.fromEntries([1, 2, 3, 4].map((n) => [`fan${n}`, look.fanRpm]));
  const body = { Elapsed: look.elapsedS, ...rates, fan_num: 4, ...fans, state: stateOf(device).miner_state };
  return [head, { ...body, ...Object.assign({}, ...chains) }];
}
