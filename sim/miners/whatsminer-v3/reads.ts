import { type Device, macOf, plainModel, round2, serialOf, whole } from '../device.ts';
import type { Reply } from '../envelope.ts';
import { errorsOf } from '../whatsminer/reads.ts';

/** Reads of the V3 API (protocol sheet, section 5). Rates are TH/s; those below 0 are not known yet. */
export const FIRMWARE = '20251209.16.Rel2';

const REASONS: Readonly<Record<number, string>> = { 206: 'Power input range', 600: 'Environment temperature is high' };

export function deviceInfo(device: Device, salt: string): Readonly<Record<string, unknown>> {
  const { look } = device;
  const hashBoard = 'K40';
  return {
    network: {
      ip: device.address,
      proto: 'dhcp',
      netmask: '255.0.0.0',
      dns: '',
      mac: macOf(look),
      gateway: '',
      hostname: 'WhatsMiner',
    },
    miner: {
      working: String(!look.asleep),
      type: `${plainModel(look).replace(/^whatsminer\s+|\s+v3\b.*$/gi, '')}_V${hashBoard}`,
      'hash-board': hashBoard,
      'board-num': String(look.boards.length),
      ...Object.fromEntries(look.boards.map((_, at) => [`pcbsn${at}`, serialOf(look, `SIMB${at}`)])),
      'miner-sn': serialOf(look, 'SIMW'),
      'power-limit-set': device.powerLimitW === null ? '' : String(device.powerLimitW),
      'hash-percent': '0',
      'fast-boot': 'disable',
      'pool-strategy': 'FAILOVER',
    },
    system: {
      api: '3.0.2',
      platform: 'H616',
      fwversion: FIRMWARE,
      'control-board-version': 'CB6V10',
      apiswitch: look.writesOff ? '0' : '1',
      ledstatus: device.blink ? '1000:500:0:red' : 'auto',
    },
    power: power(device),
    salt,
    'error-code': errorRows(device),
  };
}

function power({ look }: Device): Reply {
  return {
    type: 'P221B',
    mode: '1',
    hwversion: 'RT0159',
    swversion: '230224.220429',
    model: 'P221B',
    iin: round2(look.powerW / 230),
    vin: 230,
    pin: look.powerW,
    fanspeed: look.fanRpm + 600,
    temp0: round2(look.inletC + 12),
    sn: serialOf(look, 'SIMP'),
    vendor: '1',
  };
}

function errorRows(device: Device): Reply[] {
  const stamp = new Date(device.wallS * 1_000).toISOString().slice(0, 19).replace('T', ' ');
  return errorsOf(device).map((code) => ({ [String(code)]: stamp, reason: REASONS[code] ?? 'See the error list.' }));
}

/** `get.miner.status` by its parameter; without one it says nothing. */
export const STATUS: Readonly<Record<string, (device: Device) => unknown>> = { summary, edevs, pools };

// While a miner is not tuned its factory rate is a small negative number.
const UNTUNED_THS = -0.001;
const powerLimitOf = ({ look, powerLimitW }: Device): number => powerLimitW ?? whole(look.traits.steadyW * 1.05);

function summary(device: Device): Reply {
  const { look } = device;
  const boards = look.boards.filter(({ there }) => there);
  const chips = boards.map(({ chipC }) => chipC);
  const tuned = look.phase !== 'ramping';
  return {
    elapsed: look.elapsedS,
    'bootup-time': Math.floor(look.traits.bootMs / 1_000),
    'freq-avg': look.rateThs > 0 ? 625 : 0,
    'target-freq': 625,
    'factory-hash': tuned ? look.traits.nominalThs : UNTUNED_THS * look.boards.length,
    'hash-average': round2(look.avgThs),
    'hash-1min': round2(look.rateThs),
    'hash-15min': round2(look.avgThs),
    'hash-realtime': round2(look.rateThs),
    'power-rate': look.rateThs > 0 ? round2(look.powerW / look.rateThs) : 0,
    'power-5min': look.powerW,
    'power-realtime': look.powerW,
    'power-limit': powerLimitOf(device),
    'environment-temperature': round2(look.inletC),
    'board-temperature': boards.map(({ boardC }) => round2(boardC)),
    'chip-temp-min': round2(Math.min(...chips) - 8),
    'chip-temp-avg': round2(Math.max(...chips) - 4),
    'chip-temp-max': round2(Math.max(...chips)),
    'fan-speed-in': look.fanRpm,
    'fan-speed-out': Math.max(0, look.fanRpm - 120),
    'up-freq-finish': tuned ? 1 : 0,
  };
}

function edevs({ look }: Device): Reply[] {
  const tuned = look.phase !== 'ramping';
  return look.boards.flatMap((board, id) => {
    if (!board.there) return [];
    const row = {
      id,
      status: 'alive',
      'hash-average': round2(look.avgThs / look.boards.length),
      'hash-realtime': round2(board.rateThs),
      'factory-hash': tuned ? round2(look.traits.nominalThs / look.boards.length) : UNTUNED_THS,
      freq: board.rateThs > 0 ? 625 : 0,
      'effective-chips': 75,
      'chip-temp-min': round2(board.chipC - 8),
      'chip-temp-avg': round2(board.chipC - 4),
      'chip-temp-max': round2(board.chipC),
    };
    return [row];
  });
}

function pools({ look, pools: slots }: Device): Reply[] {
  return slots.flatMap(({ url, user }, index) => {
    if (url === '') return [];
    const row = {
      id: index + 1,
      account: user,
      url,
      status: look.poolAlive ? 'alive' : 'dead',
      'stratum-active': look.poolAlive && index === 0,
      'pool-priority': index,
      accepted: index === 0 ? look.accepted : 0,
      rejected: 0,
    };
    return [row];
  });
}

export const SETTINGS: Readonly<Record<string, (device: Device) => Reply>> = {
  'get.miner.setting': (device) => ({
    'power-limit': powerLimitOf(device),
    'power-mode': 'normal',
    'power-percent': 100,
    'upfreq-speed': 0,
    'fast-boot': 'disable',
    'target-freq': 0,
  }),
  'get.system.setting': ({ look }) => ({ apiswitch: look.writesOff ? '0' : '1', hostname: 'WhatsMiner' }),
  'get.fan.setting': () => ({ 'fan-poweroff-cool': 0, 'fan-zero-speed': 0, 'fan-temp-offset': 0 }),
};
