import { counters, mhs, poolRows, type Reads, status } from '../cgminer.ts';
import { type Device, macOf, plainModel, round2, serialOf, whole } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';

/** Reads of FluxOS (protocol sheet, section 13; captures of an AT1500): cgminer's over RPC, the rest over REST. */
const MINER = 'GCMiner-2024-06.11-d37c5dd4';
export const SYSTEM = 'FluxOS-2024-06.11-d37c5dd4';
const CHIPS_PER_BOARD = 132;

export const RPC_READS: Reads = { version, summary, devs, devdetails, pools, asccount };
export const RPC_BY = MINER;

export const modelOf = ({ look }: Device): string => plainModel(look).replace(/^((auradine|teraflux)\s+)+/i, '');

function version(device: Device): Reply {
  return envelope(status(device, MINER, { code: 22, msg: 'GCMiner versions' }), {
    VERSION: [{ API: '1.0', GCMiner: '0.5' }],
  });
}

function summary(device: Device): Reply {
  const { look } = device;
  const row = {
    Elapsed: look.elapsedS,
    'MHS av': mhs(look.avgThs),
    'MHS 5s': mhs(look.rateThs),
    'MHS 1m': mhs(look.rateThs),
    'MHS 5m': mhs(look.avgThs),
    'MHS 15m': mhs(look.avgThs),
    ...counters(device),
  };
  return envelope(status(device, MINER, { code: 11, msg: 'Summary' }), { SUMMARY: [row] });
}

/** Boards count from 1. */
function devs(device: Device): Reply {
  const DEVS = device.look.boards.map(({ there, rateThs, boardC }, index) => ({
    DEV: index + 1,
    Enabled: there,
    ID: index + 1,
    'MHS 5s': mhs(rateThs),
    Name: 'ASICBoard',
    Status: there ? 'Alive' : 'Dead',
    Temperature: there ? round2(boardC) : 0,
  }));
  return envelope(status(device, MINER, { code: 9, msg: `${DEVS.length} Dev(s)` }), { DEVS });
}

function devdetails(device: Device): Reply {
  const DEVDETAILS = device.look.boards.map((_, index) => ({
    DEVDETAILS: index,
    Driver: 'gcminer',
    ID: index + 1,
    Model: modelOf(device),
    Name: 'ASICBoard',
  }));
  return envelope(status(device, MINER, { code: 69, msg: 'Device Details' }), { DEVDETAILS });
}

function pools(device: Device): Reply {
  const POOLS = poolRows(device);
  return envelope(status(device, MINER, { code: 7, msg: `${POOLS.length} Pool(s)` }), { POOLS });
}

function asccount(device: Device): Reply {
  const BoardCount = device.look.boards.filter(({ there }) => there).length;
  const row = { AsicCount: BoardCount * CHIPS_PER_BOARD, BoardCount };
  return envelope(status(device, SYSTEM, { code: 104, msg: 'ASC count' }), { ASCCount: [row] });
}

const rest =
  (key: string, code: number, rows: (device: Device) => unknown[]) =>
  (device: Device): Reply =>
    envelope(status(device, SYSTEM, { code, msg: key }), { [key]: rows(device) });

/** By path; `mode` is where the writes are. */
export const REST_READS: Reads = {
  '/ipreport': rest('IPReport', 620, ipreport),
  '/fan': rest('Fan', 510, fans),
  '/led': rest('LED', 530, ({ blink }) => [
    { Code: blink ? 3 : 2, LED1: 1, LED2: 1, Msg: blink ? 'Locate miner' : 'Normal' },
  ]),
  '/psu': rest('PSU', 570, psu),
  '/temperature': rest('Temperature', 590, temperatures),
  '/frequency': rest('Frequency', 640, ({ look }) =>
    look.boards.map(({ rateThs }, index) => ({
      ChipFrequency: [{ Frequency: rateThs > 0 ? 281.25 : 0, ID: 0 }],
      ID: index + 1,
      Name: `Hash Board ${index + 1}`,
    })),
  ),
  '/voltage': rest('Voltage', 630, ({ look }) =>
    look.boards.map(({ rateThs }, index) => ({
      ChipVoltage: [{ ID: 0, Voltage: rateThs > 0 ? 0.24 : 0 }],
      ID: index + 1,
      Name: `Hash Board ${index + 1}`,
    })),
  ),
  '/asccount': asccount,
  '/network': rest('Network', 610, ({ look, address }) => [
    { hostname: 'teraflux', ip: address, mac: macOf(look).toLowerCase(), protocol: 'DHCP' },
  ]),
};

function ipreport(device: Device): unknown[] {
  const { look, address } = device;
  const row = {
    CBSerialNo: serialOf(look, 'SIMA'),
    HBSerialNo: look.boards.map((_, index) => serialOf(look, `SIMB${index}`)),
    SerialNo: serialOf(look, 'SIMA'),
    command: 'ipreport',
    hostname: 'teraflux',
    ip: address,
    mac: macOf(look).toLowerCase(),
    model: modelOf(device),
    version: '2024-06.11',
  };
  return [row];
}

const MAX_RPM = 7_700;

function fans({ look }: Device): unknown[] {
  return [1, 2, 3, 4].map((ID) => ({ ID, Max: MAX_RPM, Speed: look.fanRpm, Target: look.fanRpm }));
}

/** Figures carry their unit. */
function psu({ look }: Device): unknown[] {
  const [rpm, inW, limitW] = [look.fanRpm, look.powerW, look.traits.steadyW * 1.1];
  const row = {
    FanSpeed1: `${rpm.toFixed(2)} RPM`,
    FanSpeed2: `${rpm.toFixed(2)} RPM`,
    Iin: `${(inW / 245).toFixed(2)}A`,
    PoutMax: `${whole(limitW).toFixed(2)}W`,
    PowerIn: `${inW.toFixed(2)}W`,
    PowerOut: `${(look.rateThs > 0 ? inW * 0.95 : 0).toFixed(2)}W`,
    Vin: '245.00V',
    Vout: '11.53V',
  };
  return [row];
}

function temperatures({ look }: Device): unknown[] {
  const board = { BoardTemp: [{ ID: 0, Temperature: round2(look.inletC) }], ChipTemp: null };
  const hash = look.boards.map(({ there, boardC, chipC }, index) => ({
    BoardTemp: there ? [look.inletC, boardC].map((c, ID) => ({ ID, Temperature: round2(c) })) : [],
    ChipTemp: there ? [chipC - 1, chipC].map((c, ID) => ({ ID, Temperature: round2(c) })) : null,
    ID: index + 1,
    Name: `Hash Board ${index + 1}`,
  }));
  return [{ ...board, ID: 0, Name: 'Control Board' }, ...hash];
}
