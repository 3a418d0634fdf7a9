import { counters, mhs, poolRows, type Read, type Reads, status } from '../cgminer.ts';
import { type Device, plainModel, round2 } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';

/** cgminer's reads under the name that the sheet's table 1.2 gives; nothing else of them is on record. */
export const BY = 'BDMiner 1.0.0';

const version: Read = (device) =>
  envelope(status(device, BY, { code: 22, msg: 'BDMiner versions' }), {
    VERSION: [{ BDMiner: '1.0.0', API: '3.7', Type: plainModel(device.look) }],
  });

const summary: Read = (device) => {
  const { look } = device;
  const rates = { 'MHS av': mhs(look.avgThs), 'MHS 5s': mhs(look.rateThs), 'MHS 1m': mhs(look.rateThs) };
  const row = { Elapsed: look.elapsedS, ...rates, ...counters(device) };
  return envelope(status(device, BY, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
};

const devs: Read = (device) => {
  const DEVS = device.look.boards.flatMap((board, ASC) => (board.there ? [devRow(device, ASC, board)] : []));
  return envelope(status(device, BY, { code: 9, msg: `${DEVS.length} ASC(s)` }), { DEVS });
};

const devRow = ({ look }: Device, ASC: number, board: Device['look']['boards'][number]): Reply => ({
  ASC,
  Name: 'SEAL',
  ID: ASC,
  Enabled: 'Y',
  Status: 'Alive',
  Temperature: round2(board.boardC),
  'MHS av': mhs(look.avgThs / look.boards.length),
  'MHS 5s': mhs(board.rateThs),
  Accepted: look.accepted,
  Rejected: 0,
});

const pools: Read = (device) => {
  const POOLS = poolRows(device);
  return envelope(status(device, BY, { code: 7, msg: `${POOLS.length} Pool(s)` }), { POOLS });
};

export const READS: Reads = { version, summary, devs, pools };
