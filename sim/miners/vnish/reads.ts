import { ghs } from '../cgminer.ts';
import { type Device, macOf, whole } from '../device.ts';
import { buildOf, modelOf, type Own, presetOf, presetsOf } from './own.ts';

/** What the pages behind `/api/v1` answer (protocol sheet, section 9). */
export type Told = Readonly<{ device: Device; own: Own; unlocked: boolean }>;

export const OPEN_READS: Readonly<Record<string, (told: Told) => unknown>> = {
  '/info': info,
  '/model': ({ device: { look } }) => ({
    chain: { chips_per_chain: CHIPS, num_chains: look.boards.length },
    overclock: { max_voltage: 15_200, min_voltage: 11_900, max_freq: 700, min_freq: 50 },
  }),
  '/status': (told) => ({
    ...stateOf(told.device),
    find_miner: told.device.blink,
    restart_required: told.own.saved !== null,
    reboot_required: false,
    unlocked: told.unlocked,
  }),
  '/summary': summary,
  '/perf-summary': ({ device }) => ({
    current_preset: presetRow(presetOf(device), 'tuned'),
    preset_switcher: { enabled: false, top_preset: null, min_preset: null },
  }),
  '/boards': ({ device }) => chains(device),
  '/chains': ({ device }) => chains(device),
  '/chains/factory-info': ({ device: { look } }) => ({
    hr_stock: ghs(look.traits.nominalThs),
    has_pics: false,
    psu_model: 'APW171215c',
    psu_serial: null,
    chains: look.boards.map((_, at) => ({ id: at + 1, board_model: 'BHB68603', chip_bin: 1, freq: 525, volt: 13_000 })),
  }),
  '/metrics': ({ device: { look } }) => ({
    metrics: [{ time: 0, data: { hashrate: ghs(look.rateThs), power_consumption: look.powerW } }],
  }),
};

/** For who has unlocked it. */
export const LOCKED_READS: Readonly<Record<string, (told: Told) => unknown>> = {
  '/auth-check': () => ({ success: true }),
  '/settings': settings,
  '/autotune/presets': ({ device }) => presetsOf(device).map((preset) => presetRow(preset, 'untuned')),
};

const CHIPS = 65;

type State = Readonly<{ miner_state: string; miner_state_time: number; description?: string; failure_code?: number }>;

const FAILURES: Readonly<Record<string, readonly [number, string]>> = {
  'over-temp': [2_001, 'Chip temperature is above the limit'],
  psu: [1_101, 'Failed to power on the PSU'],
};

/** Its own words. Without a pool it goes on saying that it mines. */
export function stateOf({ look }: Device): State {
  const state = (miner_state: string): State => ({ miner_state, miner_state_time: look.elapsedS });
  const failure = FAILURES[look.trouble ?? ''];
  if (failure) return { ...state('failure'), failure_code: failure[0], description: failure[1] };
  if (look.asleep) return state('stopped');
  if (look.line.api === 'refused' && look.phase === 'hung') {
    return { ...state('failure'), failure_code: 1_001, description: 'Mining process is not running' };
  }
  switch (look.phase) {
    case 'booting':
      return state('restarting');
    case 'ramping':
      return state(look.rateThs === 0 ? 'initializing' : look.traits.quirk % 3 === 0 ? 'auto-tuning' : 'starting');
    default:
      return state('mining');
  }
}

function info({ device }: Told): unknown {
  const { look } = device;
  const { version } = buildOf(device);
  const minutes = Math.floor(look.uptimeS / 60);
  return {
    miner: modelOf(device),
    model: modelOf(device)
      .replace(/^antminer\s+/i, '')
      .replaceAll(' ', '')
      .toLowerCase(),
    fw_name: 'Vnish',
    fw_version: version,
    build_name: 'vnish',
    build_time: '2025-12-22 19:12:30',
    platform: 'aml',
    install_type: 'nand',
    algorithm: 'sha256d',
    hr_measure: 'GH/s',
    system: {
      os: 'GNU/Linux',
      miner_name: 'Antminer',
      uptime: `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`,
      network_status: {
        mac: macOf(look),
        dhcp: true,
        ip: device.address,
        netmask: '255.0.0.0',
        gateway: '',
        dns: [],
        hostname: 'Antminer',
      },
    },
    serial: 'N/A',
  };
}

const span = (values: readonly number[]) => ({
  min: whole(Math.min(...values)),
  max: whole(Math.max(...values)),
});

function summary({ device }: Told): unknown {
  const { look } = device;
  const there = look.boards.filter((board) => board.there);
  const power = look.powerW;
  const miner = {
    miner_status: stateOf(device),
    miner_type: `${modelOf(device)} (Vnish ${buildOf(device).version})`,
    hr_stock: ghs(look.traits.nominalThs),
    // These two are TH/s, unlike all others.
    average_hashrate: look.avgThs,
    instant_hashrate: look.rateThs,
    hr_realtime: ghs(look.rateThs),
    hr_nominal: ghs(look.traits.nominalThs),
    hr_average: ghs(look.avgThs),
    pcb_temp: span(there.map(({ boardC }) => boardC)),
    chip_temp: span(there.map(({ chipC }) => chipC)),
    power_consumption: power,
    power_usage: power,
    power_efficiency: look.rateThs > 0 ? power / look.rateThs : 0,
    hw_errors_percent: 0,
    hw_errors: 0,
    devfee_percent: 2.8,
    pools: pools(device),
    cooling: {
      fan_num: 4,
      fans: [0, 1, 2, 3].map((id) => ({ id, rpm: look.fanRpm, status: 'ok', max_rpm: 6_500 })),
      settings: { mode: { name: 'auto' } },
      fan_duty: 70,
    },
    chains: chains(device),
    found_blocks: 0,
    best_share: 0,
  };
  return { miner };
}

/** Without the scheme, and the developers' own pool among them. */
function pools({ look, pools: slots }: Device): unknown[] {
  const status = (at: number): string => (!look.poolAlive ? 'offline' : at === 0 ? 'active' : 'working');
  const shares = (at: number) => ({ accepted: at === 0 ? look.accepted : 0, rejected: 0, stale: 0 });
  const more = { asic_boost: true, diff: '262K', ls_time: '0:00:05', ping: 8 };
  const users = slots.flatMap(({ url, user }, id) =>
    url === '' ? [] : [{ id, url: bare(url), pool_type: 'UserPool', user, status: status(id), ...shares(id), ...more }],
  );
  const fee = { url: 'DevFee', pool_type: 'DevFee', user: 'DevFee', status: look.poolAlive ? 'active' : 'offline' };
  return [...users, { id: users.length, ...fee, ...shares(1), ...more }];
}

const bare = (url: string): string => url.replace(/^.*\/\//, '');

function chains({ look }: Device): unknown[] {
  return look.boards.map((board, at) => {
    const warm = { min: whole(board.boardC - 8), max: whole(board.boardC) };
    const runs = board.rateThs > 0;
    const idle = look.asleep ? 'stopped' : 'initializing';
    return {
      id: at + 1,
      frequency: runs ? 495 : 0,
      voltage: runs ? 13_000 : 0,
      power_consumption: runs ? whole(look.powerW / look.boards.length) : 0,
      hashrate_ideal: ghs(look.traits.nominalThs / look.boards.length),
      hashrate_rt: ghs(board.rateThs),
      hr_error: 0,
      pcb_temp: board.there ? warm : { min: 0, max: 0 },
      chip_temp: board.there ? { min: whole(board.chipC - 9), max: whole(board.chipC) } : { min: 0, max: 0 },
      chip_statuses: { red: board.there ? 0 : CHIPS, orange: 0, grey: board.there ? CHIPS : 0 },
      status: { state: board.there ? (runs ? 'mining' : idle) : 'failure' },
    };
  });
}

const presetRow = ({ name, watts, rateThs }: ReturnType<typeof presetOf>, status: string) => ({
  name,
  pretty: `${watts} watt ~ ${rateThs} TH`,
  status,
  modded_psu_required: false,
});

/** The saved document: what waits for a restart is in it already. */
function settings({ device, own }: Told): unknown {
  const pools = own.saved?.pools ?? device.pools;
  const preset = presetOf(device, own.saved?.powerLimitW ?? device.powerLimitW);
  return {
    miner: {
      cooling: { mode: { name: 'auto', param: 65 }, fan_min_count: 4, fan_min_duty: 10, fan_max_duty: 100 },
      misc: { asic_boost: false, remain_stopped_on_reboot: true, quick_start: false },
      overclock: { modded_psu: false, preset: preset.name, globals: { volt: 13_000, freq: 495 } },
      pools: pools.flatMap(({ url, user, pass }) => (url === '' ? [] : [{ url, user, pass }])),
    },
    ui: { theme: 'auto' },
  };
}
