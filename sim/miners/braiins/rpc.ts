import { answerRead, counters, mhs, poolRows, type Reads, refusal, status } from '../cgminer.ts';
import { type Device, whole } from '../device.ts';
import { envelope, type Reply, type Request } from '../envelope.ts';
import type { Outcome } from '../family.ts';
import { modelOf, target } from './reads.ts';

/** The RPC that is on all builds: reads, and two writes without a login (protocol sheet, 7.4). */
const BY = 'BOSer boser-buildroot 0.1.0-eb658dcd';

export function answerRpc(device: Device, asked: Request | null): Outcome<Reply> {
  const refuse = (code: number, msg: string): Outcome<Reply> => ({ reply: refusal(device, BY, { code, msg }) });
  if (asked === null) return refuse(23, 'Invalid JSON');
  if (asked.command === 'pause' || asked.command === 'resume') return setPaused(device, asked.command);
  const reply = answerRead(device, asked, READS);
  return reply === null ? refuse(14, 'Invalid command') : { reply };
}

function setPaused(device: Device, command: 'pause' | 'resume'): Outcome<Reply> {
  const { asleep } = device.look;
  const msg = command === 'pause' ? 'Paused' : 'Resumed';
  const reply = envelope(status(device, BY, { code: 0, msg }), { [command.toUpperCase()]: true });
  if (command === 'pause') return { reply, action: asleep ? null : 'sleep' };
  return { reply, action: asleep ? 'wake' : null };
}

const READS: Reads = {
  version: (device) =>
    envelope(status(device, BY, { code: 22, msg: 'BOSer versions' }), {
      VERSION: [{ API: '3.7', BOSer: BY.replace('BOSer ', '') }],
    }),
  summary: (device) => {
    const row = { Elapsed: device.look.elapsedS, ...rates(device.look), ...counters(device) };
    return envelope(status(device, BY, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
  },
  devs: (device) => {
    const rows = boards(device).map(({ board, ID }) => ({
      ASC: ID - 1,
      Name: '',
      ID,
      Enabled: 'Y',
      Status: 'Alive',
      ...rates({ rateThs: board.rateThs, avgThs: device.look.avgThs / device.look.boards.length }),
      'Nominal MHS': mhs(device.look.traits.nominalThs / device.look.boards.length),
      'Device Elapsed': device.look.elapsedS,
    }));
    return envelope(status(device, BY, { code: 9, msg: `${rows.length} ASC(s)` }), { DEVS: rows });
  },
  devdetails: (device) => {
    const rows = boards(device).map(({ ID }) => ({
      DEVDETAILS: ID - 1,
      ID,
      Model: modelOf(device),
      Chips: 110,
      Cores: 0,
      Frequency: 486,
      Voltage: 12.9,
    }));
    return envelope(status(device, BY, { code: 69, msg: 'Device Details' }), { DEVDETAILS: rows });
  },
  temps: (device) => {
    const rows = boards(device).map(({ board, ID }) => ({
      TEMP: ID - 1,
      ID,
      Board: whole(board.boardC),
      Chip: whole(board.chipC),
    }));
    return envelope(status(device, BY, { code: 201, msg: `${rows.length} Temp(s)` }), { TEMPS: rows });
  },
  fans: (device) => {
    const rows = [0, 1, 2, 3].map((ID) => ({ FAN: ID, ID, RPM: device.look.fanRpm, Speed: 80 }));
    return envelope(status(device, BY, { code: 202, msg: '4 Fan(s)' }), { FANS: rows });
  },
  tunerstatus: (device) => {
    const row = {
      PowerLimit: target(device).watt,
      ApproximateMinerPowerConsumption: device.look.powerW,
      ApproximateChainPowerConsumption: Math.max(0, device.look.powerW - 60),
      TunerChainStatus: boards(device).map(({ ID }) => ({ HashchainIndex: ID, Status: 'Stable' })),
    };
    return envelope(status(device, BY, { code: 204, msg: 'Tuner Status' }), { TUNERSTATUS: [row] });
  },
  tempctrl: (device) =>
    envelope(status(device, BY, { code: 200, msg: 'Temperature control' }), {
      TEMPCTRL: [{ Mode: 'Automatic', Target: 60, Hot: 80, Dangerous: 90 }],
    }),
  pools: (device) => {
    const rows = poolRows(device);
    return envelope(status(device, BY, { code: 7, msg: `${rows.length} Pool(s)` }), { POOLS: rows });
  },
};

const rates = ({ rateThs, avgThs }: Readonly<{ rateThs: number; avgThs: number }>): Reply => ({
  'MHS 5s': mhs(rateThs),
  'MHS 1m': mhs(rateThs),
  'MHS 5m': mhs(avgThs),
  'MHS 15m': mhs(avgThs),
  'MHS 24h': mhs(avgThs),
  'MHS av': mhs(avgThs),
});

/** Those that it finds; their numbers begin at 1. */
const boards = ({ look }: Device) => look.boards.flatMap((board, at) => (board.there ? [{ board, ID: at + 1 }] : []));
