import type { Look } from '../../plant/look.ts';
import { asicMap, buildOf } from '../antminer/build.ts';
import { type Device, macOf, plainModel, round2, serialOf, whole } from '../device.ts';

/** Reads under `/kaonsu/v1` (protocol sheet, section 14; capture of release 3.14). Units are mixed: see each. */
export const READS: Readonly<Record<string, (device: Device) => unknown>> = {
  brief,
  overview,
  hashboards,
  fans,
  pools,
  network_config: networkConfig,
  locate_miner: ({ blink }) => ({ blinking: blink }),
};

export const FIRMWARE = 'MaraFW rel 3.14_584';

/** `Mining` and `Sleep` are known; the other words are guessed. Without work it goes on saying that it mines. */
const STATUS: Readonly<Record<Look['phase'], string>> = {
  off: '',
  booting: 'Starting',
  ramping: 'Starting',
  hashing: 'Mining',
  idle: 'Mining',
  hung: 'Mining',
  sleeping: 'Sleep',
  faulted: 'Error',
};

const TROUBLES: Readonly<Record<NonNullable<Look['trouble']>, string>> = {
  'over-temp': 'Temperature too high',
  psu: 'Power supply fault',
  board: 'Hashboard missing',
  'pool-login': 'Pool refused the worker',
  pool: 'No pool alive',
};

/** What it hashes now is TH/s; what it ought to is GH/s, whatever `hashrate_unit` says. */
function brief({ look }: Device): unknown {
  const { traits, trouble } = look;
  const status = STATUS[look.phase];
  const temperatures = look.boards.map(({ boardC }) => boardC);
  return {
    elapsed: look.elapsedS,
    hashrate_average: round2(look.avgThs),
    hashrate_ideal: look.asleep ? 0 : whole(traits.nominalThs * 1_000),
    hashrate_realtime: round2(look.rateThs),
    hashrate_sales: whole(traits.nominalThs * 1_000),
    hashrate_stock: whole(traits.nominalThs * 1_000),
    hashrate_unit: 'GH/s',
    indicator: trouble === null ? 'Fully functional' : 'Error',
    indicator_long: trouble === null ? '' : TROUBLES[trouble],
    power_consumption_estimated: look.powerW,
    power_source: 'EST',
    status,
    status_long: `${status}...`,
    temperature_average: temperatures.reduce((sum, one) => sum + one, 0) / temperatures.length,
    temperature_max: Math.max(...temperatures),
    temperature_min: Math.min(...temperatures),
    work_mode: look.asleep ? 'Sleep' : 'Auto',
  };
}

export const modelOf = ({ look }: Device): string => plainModel(look).replace(/\s*\(?(marathon|marafw)\)?/i, '');

function overview(device: Device): unknown {
  const { look } = device;
  return {
    control_board: 'CVCtrl',
    is_one_shot_firmware: false,
    mac: macOf(look),
    model: modelOf(device),
    model_extended: `${modelOf(device)} (${look.traits.nominalThs.toFixed(1)}TH)`,
    version_firmware: FIRMWARE,
  };
}

/** GH/s. */
function hashboards({ look }: Device): unknown {
  const { chips } = buildOf(look);
  const rows = look.boards.map(({ there, rateThs, boardC, chipC }, index) => ({
    asic_num: there ? chips : 0,
    asic_num_ideal: chips,
    asic_status: there ? asicMap(chips, rateThs > 0) : '',
    frequency_average: rateThs > 0 ? 525 : 50,
    hashrate_average: round2(rateThs * 1_000),
    hashrate_ideal: round2((look.traits.nominalThs * 1_000) / look.boards.length),
    index,
    power_consumption_estimated: rateThs > 0 ? whole(look.powerW / look.boards.length) : 0,
    present: there,
    serial_number: there ? serialOf(look, `SIMB${index}`) : '',
    temperature_chip: there ? [chipC - 2, chipC] : [],
    temperature_pcb: there ? [boardC - 2, boardC] : [],
  }));
  return {
    frequency_average: look.rateThs > 0 ? 525 : 50,
    hashboard_num: look.boards.filter(({ there }) => there).length,
    hashboard_num_ideal: look.boards.length,
    hashboards: rows,
  };
}

const MAX_RPM = 6_000;

function fans({ look }: Device): unknown {
  const rows = [0, 1, 2, 3].map((index) => ({ current_speed: look.fanRpm, index, max_speed: MAX_RPM }));
  return { error: false, error_description: '', fans: rows, percent: whole((look.fanRpm / MAX_RPM) * 100) };
}

function pools({ look, pools: slots }: Device): unknown {
  return slots.map(({ url, user }, index) => ({
    index,
    url,
    user,
    status: url !== '' && look.poolAlive ? 'Alive' : 'Dead',
    priority: index,
    accepted: index === 0 ? look.accepted : 0,
    rejected: 0,
    stale: 0,
  }));
}

function networkConfig({ look, address }: Device): unknown {
  return { dhcp: true, hostname: 'Antminer', ipaddress: address, macaddr: macOf(look), netmask: '255.0.0.0' };
}
