import type { Look } from '../../plant/look.ts';
import { ghs } from '../cgminer.ts';
import { type Device, macOf, round2, serialOf, whole } from '../device.ts';

/** Reads under `/api/v1` (capture of release 1.8.0); none of them wants a login. */
export const READS: Readonly<Record<string, (device: Device) => unknown>> = {
  system,
  network: ({ look, address }) => ({
    'network-info': {
      dhcp: true,
      gateway: '',
      hostname: 'proto-miner',
      ip_address: address,
      mac: macOf(look),
      netmask: '255.0.0.0',
    },
  }),
  hardware,
  mining,
  pools,
  cooling: ({ look }) => ({
    'cooling-status': {
      fan_mode: 'Auto',
      fans: [1, 2, 3, 4].map((slot) => ({ rpm: look.fanRpm, slot, speed_percentage: 60 })),
      speed_percentage: 60,
      target_temperature_c: 50,
    },
  }),
  errors,
  telemetry,
};

const VERSION = '1.8.0';
const CHIPS = 120;
const software = (name: string) => ({ name, version: VERSION });
const boardSn = (look: Look, index: number): string => serialOf(look, `SIMB${index}`);

function system({ look }: Device): unknown {
  return {
    'system-info': {
      board: 'C3',
      cb_sn: serialOf(look, 'SIMA'),
      hashboard_firmware: software('hashboard-fw'),
      manufacturer: 'Proto',
      mining_driver_sw: software('mcdd'),
      model: 'Rig',
      os: { hostname: 'proto-miner', name: 'ProtoOS', variant: 'release', version: VERSION },
      pool_interface_sw: software('stratum-client'),
      product_name: 'Proto Rig',
      soc: 'STM32MP157F',
      sw_update_status: { current_version: VERSION, status: 'current' },
      uptime_seconds: look.uptimeS,
      web_dashboard: software('miner-web'),
      web_server: software('miner-api-server'),
    },
  };
}

function hardware({ look }: Device): unknown {
  const boards = look.boards.flatMap(({ there }, port) =>
    there
      ? [
          {
            board: 'B4',
            chip_id: 'BM1370',
            hb_sn: boardSn(look, port),
            mining_asic: 'BZM',
            mining_asic_count: CHIPS,
            port,
            slot: port + 1,
          },
        ]
      : [],
  );
  return {
    'hardware-info': {
      'cb-info': { board_id: 'CB-001', machine_name: 'Rig', serial_number: serialOf(look, 'SIMA') },
      'fans-info': [1, 2, 3, 4].map((slot) => ({ max_rpm: 6_000, min_rpm: 1_000, name: `Fan ${slot}`, slot })),
      'hashboards-info': boards,
      'psus-info': [{ manufacturer: 'Proto', model: 'PSU-3600W', psu_sn: serialOf(look, 'SIMP'), slot: 1 }],
    },
  };
}

/** Of these words `Mining` alone is on record. */
const STATUS: Readonly<Record<Look['phase'], string>> = {
  off: '',
  booting: 'PoweringOn',
  ramping: 'PoweringOn',
  hashing: 'Mining',
  idle: 'NoPools',
  hung: 'NoPools',
  sleeping: 'Stopped',
  faulted: 'Error',
};

function mining(device: Device): unknown {
  const { look, powerLimitW } = device;
  const there = look.boards.filter((board) => board.there);
  const jth = look.rateThs > 0 ? look.powerW / look.rateThs : 0;
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  return {
    'mining-status': {
      average_asic_temp_c: mean(there.map(({ chipC }) => chipC)),
      average_hashrate_ghs: ghs(look.avgThs),
      average_hb_efficiency_jth: jth,
      average_hb_temp_c: mean(there.map(({ boardC }) => boardC)),
      hashboards_installed: there.length,
      hashboards_mining: there.filter(({ rateThs }) => rateThs > 0).length,
      hashrate_ghs: ghs(look.rateThs),
      hw_errors: 0,
      ideal_hashrate_ghs: ghs(look.traits.nominalThs),
      mining_uptime_s: look.elapsedS,
      power_efficiency_jth: jth,
      power_target_watts: powerLimitW ?? whole(look.traits.steadyW),
      power_usage_watts: look.powerW,
      reboot_uptime_s: look.uptimeS,
      status: STATUS[look.phase],
    },
  };
}

function pools({ look, pools: slots }: Device): unknown {
  const rows = slots.flatMap(({ url, user }, id) => {
    if (url === '') return [];
    const status = look.poolAlive ? 'Active' : 'Dead';
    const row = {
      accepted: id === 0 ? look.accepted : 0,
      connection_status: status,
      difficulty: '1048576',
      enabled: true,
      id,
      name: `Pool ${id}`,
      priority: id,
      rejected: 0,
      status,
      url,
      user,
    };
    return [row];
  });
  return { pools: rows };
}

const MESSAGES: Readonly<Record<NonNullable<Look['trouble']>, readonly [source: string, message: string]>> = {
  'over-temp': ['hashboard', 'Temperature above its limit'],
  psu: ['psu', 'Power supply fault'],
  board: ['hashboard', 'Hashboard not found'],
  'pool-login': ['pool', 'Worker refused'],
  pool: ['pool', 'No pool connected'],
};

function errors({ look, wallS }: Device): unknown {
  if (look.trouble === null) return [];
  const [source, message] = MESSAGES[look.trouble];
  return [{ timestamp: wallS, source, error_code: look.trouble, message }];
}

const value = (unit: string, figure: number) => ({ unit, value: figure });

function telemetry({ look, wallS }: Device): unknown {
  const hashing = look.boards.filter(({ rateThs }) => rateThs > 0).length;
  const hashboards = look.boards.flatMap((board, index) => {
    if (!board.there) return [];
    const powerW = board.rateThs > 0 ? look.powerW / hashing : 0;
    const row = {
      index,
      serial_number: boardSn(look, index),
      hashrate: value('TH/s', round2(board.rateThs)),
      power: value('W', round2(powerW)),
      efficiency: value('J/TH', board.rateThs > 0 ? round2(powerW / board.rateThs) : 0),
      temperature: { average: board.boardC, inlet: look.inletC, outlet: look.outletC, unit: '°C' },
      voltage: value('V', 14.5),
      current: value('A', round2(powerW / 14.5)),
    };
    return [row];
  });
  const psu = {
    index: 0,
    serial_number: serialOf(look, 'SIMP'),
    power: { input: look.powerW, output: round2(look.powerW * 0.94), unit: 'W' },
    voltage: { input: 230, output: 14.5, unit: 'V' },
  };
  const miner = {
    hashrate: value('TH/s', round2(look.rateThs)),
    power: value('W', look.powerW),
    efficiency: value('J/TH', look.rateThs > 0 ? round2(look.powerW / look.rateThs) : 0),
    temperature: value('°C', round2(Math.max(...look.boards.map(({ boardC }) => boardC)))),
  };
  return { hashboards, miner, psus: [psu], timestamp: new Date(wallS * 1_000).toISOString() };
}
