import { ghs } from '../cgminer.ts';
import { type Device, macOf, plainModel, serialOf, whole } from '../device.ts';

/** What the REST API answers to a GET (protocol sheet, 7.2); paths behind `/api/v1/`. */
type Json = unknown;

export const FIRMWARE = '2025-11-21-0-eb658dcd-25.11-plus';
/** Of those that have no REST yet. */
export const OLD_FIRMWARE = '2024-10-17-0-75912fc7-24.09-plus';
/** Answered to everybody: the probe that tells this API from the older ones. */
export const VERSION = { major: 1, minor: 1, patch: 0 };

/** What only the device knows: its process was stopped by order, not paused. */
export type Told = Readonly<{ device: Device; stopped: boolean }>;

export const READS: Readonly<Record<string, (told: Told) => Json>> = {
  'miner/details': details,
  'miner/stats': stats,
  'miner/hw/hashboards': hashboards,
  'miner/errors': errors,
  'cooling/state': cooling,
  pools,
  'performance/tuner-state': tunerState,
  'performance/mode': ({ device }) => ({ tunermode: { target: { powertarget: { power_target: target(device) } } } }),
  'configuration/miner': ({ device }) => ({
    pool_groups: [],
    tuner: { enabled: true, hashrate_target: null, power_target: target(device), tuner_mode: 1 },
  }),
  'configuration/constraints': ({ device }) => ({ tuner_constraints: { power_target: powerRange(device) } }),
  network: ({ device }) => ({
    default_gateway: '',
    dns_servers: [],
    hostname: 'Antminer',
    mac_address: macOf(device.look).toLowerCase(),
    name: 'eth0',
    networks: [{ address: device.address, netmask: '255.0.0.0' }],
    protocol: 1,
  }),
  'actions/locate': ({ device }) => device.blink,
};

const gigahash = (ths: number) => ({ gigahash_per_second: ghs(ths) });

const MODEL_SIGN = /\s*\(?(braiins( os)?|bos)\+?(\s\d\d\.\d\d)?\)?/i;
export const modelOf = ({ look }: Device): string => {
  const model = look.traits.model.replace(MODEL_SIGN, '').trim();
  return plainModel({ ...look, traits: { ...look.traits, model } });
};

/** Both ways in which the mining process is not there. */
export const processGone = ({ device: { look }, stopped }: Told): boolean =>
  (look.asleep && stopped) || look.line.api === 'refused';

/** 1 not started, 2 normal, 3 paused, 4 suspended, 5 restricted. */
export function statusOf(told: Told): number {
  const { look } = told.device;
  if (processGone(told)) return 1;
  if (look.asleep) return 3;
  if (look.trouble === 'over-temp') return 5;
  // Without a pool some call themselves suspended, and others normal.
  return look.phase === 'faulted' || (look.phase === 'idle' && look.traits.quirk % 2 === 1) ? 4 : 2;
}

function details(told: Told): Json {
  const { device } = told;
  const { look } = device;
  return {
    bos_mode: 5,
    bos_version: { bos_plus: true, current: FIRMWARE, major: '2022-09-13-0-11012d53-22.08-plus' },
    bosminer_uptime_s: processGone(told) ? 0 : look.elapsedS,
    control_board_soc_family: 1,
    hostname: 'Antminer',
    kernel_version: '4.9.38',
    mac_address: macOf(look).toLowerCase(),
    miner_identity: { brand: 1, miner_model: modelOf(device), model: 18, name: modelOf(device) },
    platform: 6,
    psu_info: { model_name: 'APW121215f', serial_number: null, version: 118 },
    serial_number: serialOf(look, 'SIMB'),
    status: statusOf(told),
    sticker_hashrate: gigahash(look.traits.nominalThs),
    system_uptime: look.uptimeS,
    system_uptime_s: look.uptimeS,
    uid: serialOf(look, 'uid'),
  };
}

const SHORT = ['last_5s', 'last_15s', 'last_30s', 'last_1m'];
const LONG = ['last_5m', 'last_15m', 'last_30m', 'last_1h', 'last_24h', 'since_restart'];

const windows = (nowThs: number, avgThs: number): Json =>
  Object.fromEntries([...SHORT.map((key) => [key, gigahash(nowThs)]), ...LONG.map((key) => [key, gigahash(avgThs)])]);

const solver = (rates: { nowThs: number; avgThs: number; nominalThs: number }): Json => ({
  best_share: 0,
  error_hashrate: { megahash_per_second: 0 },
  found_blocks: 0,
  nominal_hashrate: gigahash(rates.nominalThs),
  real_hashrate: windows(rates.nowThs, rates.avgThs),
});

function stats({ device: { look } }: Told): Json {
  const { rateThs, avgThs, powerW, traits } = look;
  return {
    miner_stats: solver({ nowThs: rateThs, avgThs, nominalThs: rateThs > 0 ? traits.nominalThs : 0 }),
    pool_stats: poolStats(look.accepted),
    power_stats: {
      approximated_consumption: { watt: powerW },
      efficiency: { joule_per_terahash: rateThs > 0 ? powerW / rateThs : 0 },
    },
  };
}

const poolStats = (accepted: number): Json => ({
  accepted_shares: accepted,
  best_share: 0,
  generated_work: accepted * 1_024,
  last_difficulty: 131_072,
  last_share_time: null,
  rejected_shares: 0,
  stale_shares: 0,
});

/** Only the boards that it finds. */
function hashboards({ device: { look } }: Told): Json {
  const rows = look.boards.flatMap((board, at) => {
    if (!board.there) return [];
    const nominalThs = look.traits.nominalThs / look.boards.length;
    const row = {
      board_name: 'BHB56801',
      board_temp: { degree_c: whole(board.boardC) },
      chip_type: 'BM1366',
      chips_count: 110,
      current_frequency: { hertz: board.rateThs > 0 ? 486_704_545 : 0 },
      current_voltage: { volt: board.rateThs > 0 ? 12.94 : 0 },
      enabled: true,
      highest_chip_temp: { id: 1, location: 1, temperature: { degree_c: whole(board.chipC) } },
      highest_outlet_temp: { degree_c: whole(look.outletC) },
      id: String(at + 1),
      lowest_inlet_temp: { degree_c: whole(look.inletC) },
      model: 'BHB56801',
      serial_number: serialOf(look, `SIMH${at}`),
      stats: solver({ nowThs: board.rateThs, avgThs: look.avgThs / look.boards.length, nominalThs }),
    };
    return [row];
  });
  return { hashboards: rows };
}

type Code = Readonly<{ code: string; reason: string; hint: string }>;
type Part = Readonly<{ name: string; index: number }>;
type Trouble = Readonly<{ message: string; error_codes: readonly Code[]; components: readonly Part[] }>;

const bare = (message: string): Trouble => ({ message, error_codes: [], components: [] });

export function troubleOf({ look, pools: slots }: Device): Trouble | null {
  switch (look.trouble) {
    case 'over-temp':
      return bare('Cooling: dangerous temperature reached');
    case 'psu':
      return bare('PSU detection: failed to power up hashboards');
    case 'board': {
      const code = { code: 'H1', reason: 'Hashboard not detected', hint: 'Check the cables of the hashboard.' };
      return { message: 'Hashboard 3 is missing', error_codes: [code], components: [{ name: 'Hashboard', index: 3 }] };
    }
    case 'pool':
    case 'pool-login':
      return bare(`Failed to connect to ${slots[0]?.url ?? ''}`);
    default:
      return null;
  }
}

function errors({ device }: Told): Json {
  const trouble = troubleOf(device);
  const timestamp = new Date(device.wallS * 1_000).toISOString();
  return { errors: trouble === null ? [] : [{ ...trouble, timestamp }] };
}

function cooling({ device: { look } }: Told): Json {
  const hottest = Math.max(...look.boards.map(({ chipC }) => chipC));
  return {
    fans: [0, 1, 2, 3].map((position) => ({ position, rpm: look.fanRpm, target_speed_ratio: 0.8 })),
    highest_temperature: { id: null, location: 1, temperature: { degree_c: whole(hottest) } },
  };
}

function pools({ device: { look, pools: slots } }: Told): Json {
  const rows = slots.flatMap(({ url, user }, at) => {
    if (url === '') return [];
    const state = { enabled: true, alive: look.poolAlive, active: look.poolAlive && at === 0 };
    return [{ uid: `pool${at}`, url, user, ...state, stats: poolStats(at === 0 ? look.accepted : 0) }];
  });
  return [{ uid: '0', name: 'group', pools: rows, strategy: { quota: { value: 1 } } }];
}

/** 2 stable, 3 tuning. */
function tunerState({ device }: Told): Json {
  const tuning = device.look.phase === 'ramping';
  return {
    mode_state: { powertargetmodestate: { current_target: target(device), profile: null } },
    overall_tuner_state: tuning ? 3 : 2,
  };
}

export const powerRange = ({ look }: Device) => ({
  default: { watt: whole(look.traits.steadyW) },
  min: { watt: whole(look.traits.steadyW * 0.4) },
  max: { watt: whole(look.traits.steadyW * 1.3) },
});

export const target = (device: Device) => ({ watt: device.powerLimitW ?? powerRange(device).default.watt });
