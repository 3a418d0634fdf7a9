import { type Device, macOf, plainModel, round2, serialOf, whole } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';

/** Reads of the V2 API (protocol sheet, 4.2). Rates are MH/s, `Factory GHS` GH/s. */
export const READS: Readonly<Record<string, (device: Device) => Reply>> = {
  summary,
  edevs: devs,
  devs,
  devdetails,
  pools,
  status,
  version: getVersion,
  get_version: getVersion,
  get_miner_info: minerInfo,
  get_psu: psu,
  get_error_code: errorCodes,
};

const BY = 'btminer';
export const FIRMWARE = '20230803.11.REL';

const good = (device: Device, code: number, msg: string) =>
  ({ letter: 'S', code, msg, by: BY, wallS: device.wallS }) as const;

/** A reply of the `get_*` kind: STATUS is a letter, not a list. */
export const control = (device: Device, code: number, msg: unknown): Reply => ({
  STATUS: 'S',
  When: device.wallS,
  Code: code,
  Msg: msg,
  Description: '',
});

export const refusal = (device: Device, code: number, msg: string): Reply => ({
  ...control(device, code, msg),
  STATUS: 'E',
});

const mhs = (ths: number): number => round2(ths * 1e6);

/** What it draws unlimited, and the most that a limit may be. */
export const ordinaryW = (steadyW: number): number => whole(steadyW * 1.05);

/** A few devices do not know their power. */
const powerOf = ({ look }: Device): number => (look.traits.quirk < 4 ? -1 : look.powerW);

function summary(device: Device): Reply {
  const { look } = device;
  const boards = look.boards.filter(({ there }) => there);
  const chips = boards.map(({ chipC }) => chipC);
  const codes = errorsOf(device);
  const row = {
    Elapsed: look.elapsedS,
    'MHS av': mhs(look.avgThs),
    'MHS 5s': mhs(look.rateThs),
    'MHS 1m': mhs(look.rateThs),
    'MHS 5m': mhs(look.avgThs),
    'MHS 15m': mhs(look.avgThs),
    'HS RT': mhs(look.rateThs),
    Accepted: look.accepted,
    Rejected: 0,
    Temperature: round2(Math.max(...boards.map(({ boardC }) => boardC))),
    freq_avg: look.rateThs > 0 ? 600 : 0,
    'Fan Speed In': look.fanRpm,
    'Fan Speed Out': Math.max(0, look.fanRpm - 120),
    Power: powerOf(device),
    'Power Rate': look.rateThs > 0 ? round2(look.powerW / look.rateThs) : 0,
    'Pool Rejected%': 0,
    'Pool Stale%': 0,
    Uptime: look.uptimeS,
    'Target Freq': 600,
    'Hash Stable': look.phase === 'hashing',
    'Hash Stable Cost Seconds': Math.floor(look.traits.bootMs / 1_000),
    'Hash Deviation%': 0.01,
    'Env Temp': round2(look.inletC),
    'Chip Temp Min': round2(Math.min(...chips) - 8),
    'Chip Temp Max': round2(Math.max(...chips)),
    'Chip Temp Avg': round2(Math.max(...chips) - 4),
    'Power Fanspeed': look.fanRpm + 600,
    'Power Mode': 'Normal',
    'Power Limit': device.powerLimitW ?? ordinaryW(look.traits.steadyW),
    'Factory GHS': look.asleep ? 0 : whole(look.traits.nominalThs * 1_000),
    MAC: macOf(look),
    'Firmware Version': `'${FIRMWARE}'`,
    'Error Code Count': codes.length,
    ...Object.fromEntries(codes.map((code, index) => [`Error Code ${index}`, code])),
    'Factory Error Code Count': 0,
    'Btminer Fast Boot': 'disable',
    'Upfreq Complete': look.phase === 'ramping' ? 0 : 1,
  };
  return envelope(good(device, 11, 'Summary'), { SUMMARY: [row] });
}

function devs(device: Device): Reply {
  const { look } = device;
  const rows = look.boards.flatMap((board, index) => (board.there ? [{ ...devRow(device, board), at: index }] : []));
  const DEVS = rows.map(({ at, ...row }) => ({ ASC: at, Name: 'SM', ID: at, Slot: at, ...row, ...sn(device, at) }));
  return envelope(good(device, 9, `${look.boards.length} ASC(s)`), { DEVS });
}

const sn = ({ look }: Device, at: number): Reply => ({ 'PCB SN': serialOf(look, `SIMB${at}`) });

function devRow({ look }: Device, board: Device['look']['boards'][number]): Reply {
  return {
    Enabled: 'Y',
    Status: 'Alive',
    Temperature: round2(board.boardC),
    'Chip Frequency': board.rateThs > 0 ? 600 : 0,
    'Fan Speed In': look.fanRpm,
    'Fan Speed Out': Math.max(0, look.fanRpm - 120),
    'MHS av': mhs(look.avgThs / look.boards.length),
    'MHS 5s': mhs(board.rateThs),
    'MHS 1m': mhs(board.rateThs),
    'HS RT': mhs(board.rateThs),
    'Factory GHS': whole((look.traits.nominalThs * 1_000) / look.boards.length),
    'Upfreq Complete': look.phase === 'ramping' ? 0 : 1,
    'Effective Chips': 135,
    'Chip Temp Min': round2(board.chipC - 8),
    'Chip Temp Max': round2(board.chipC),
    'Chip Temp Avg': round2(board.chipC - 4),
  };
}

function devdetails(device: Device): Reply {
  // Without the maker's name, and with an underscore before the chip code, as `M50S_VH50`.
  const Model = `${plainModel(device.look).replace(/^whatsminer\s+/i, '')}_VH50`;
  const rows = device.look.boards.map((_, index) => ({
    DEVDETAILS: index,
    Name: 'SM',
    ID: index,
    Driver: 'bitmicro',
    Kernel: '',
    Model,
  }));
  return envelope(good(device, 69, 'Device Details'), { DEVDETAILS: rows });
}

function pools(device: Device): Reply {
  const { look } = device;
  const rows = device.pools.map(({ url, user }, index) => {
    const alive = url !== '' && look.poolAlive;
    return {
      POOL: index + 1,
      URL: url,
      Status: alive ? 'Alive' : 'Dead',
      Priority: index,
      Quota: 1,
      Getworks: index === 0 ? look.accepted : 0,
      Accepted: index === 0 ? look.accepted : 0,
      Rejected: 0,
      Stale: 0,
      User: user,
      'Last Share Time': index === 0 && look.rateThs > 0 ? device.wallS - 7 : 0,
      'Stratum Active': alive && index === 0,
      'Stratum URL': alive && index === 0 ? url.replace(/^.*\/\/|:\d+$/g, '') : '',
      'Stratum Difficulty': 65_536,
      'Pool Rejected%': 0,
      'Pool Stale%': 0,
    };
  });
  return envelope(good(device, 7, `${rows.length} Pool(s)`), { POOLS: rows });
}

function status(device: Device): Reply {
  const { look } = device;
  const off = String(look.asleep);
  const flag = look.traits.quirk % 4 === 0 ? { btmineroff: off } : { mineroff: off };
  return control(device, 131, {
    ...flag,
    mineroff_reason: look.asleep ? 'manual' : '',
    mineroff_time: '',
    FirmwareVersion: FIRMWARE,
    power_mode: 'normal',
    hash_percent: '0',
    power_limit_set: device.powerLimitW === null ? '' : String(device.powerLimitW),
  });
}

function getVersion(device: Device): Reply {
  const chip = 'K88V2-2309281 BINV02-195101F';
  return control(device, 131, { api_ver: '2.0.5', fw_ver: FIRMWARE, platform: 'H616', chip });
}

function minerInfo(device: Device): Reply {
  return control(device, 131, {
    ip: device.address,
    proto: 'dhcp',
    netmask: '255.0.0.0',
    gateway: '',
    dns: '',
    hostname: 'WhatsMiner',
    mac: macOf(device.look),
    ledstat: device.blink ? '1000:500:0:red' : 'auto',
    minersn: serialOf(device.look, 'SIMW'),
    powersn: serialOf(device.look, 'SIMP'),
  });
}

function psu(device: Device): Reply {
  return control(device, 131, {
    name: 'P222B',
    hw_version: '',
    sw_version: '230208.220429',
    model: 'P222B',
    iin: String(whole((device.look.powerW / 230) * 1_000)),
    vin: '23000',
    fan_speed: String(device.look.fanRpm + 600),
    version: '',
    serial_no: serialOf(device.look, 'SIMP'),
    vendor: '1',
  });
}

/** Section 4.4: 600 ambient too hot, 206 of the PSU's range, 530+n board n not found, 2020+n pool n not connected. */
export function errorsOf({ look, pools: slots }: Device): number[] {
  switch (look.trouble) {
    case 'over-temp':
      return [600];
    case 'psu':
      return [206];
    case 'board':
      return look.boards.flatMap(({ there }, index) => (there ? [] : [530 + index]));
    case 'pool':
    case 'pool-login':
      return slots.flatMap(({ url }, index) => (url === '' ? [] : [2_020 + index]));
    default:
      return [];
  }
}

function errorCodes(device: Device): Reply {
  const stamp = new Date(device.wallS * 1_000).toISOString().slice(0, 19).replace('T', ' ');
  return control(device, 131, { error_code: errorsOf(device).map((code) => ({ [String(code)]: stamp })) });
}
