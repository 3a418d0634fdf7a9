import { type Device, round2, whole } from '../device.ts';
import { envelope, type Reply, type Request } from '../envelope.ts';
import { asicMap, buildOf, MINER_VERSION, ratesIn } from './build.ts';
import * as web from './web.ts';

/** RPC on 4028 as stock firmware has it: reads only, one command at a time (protocol sheet, 3.2). */
const READS: Readonly<Record<string, (device: Device) => Reply>> = { version, summary, stats, pools, devs };

// `"new_api": true` at the top level: the web pages' JSON over RPC, on newer firmware.
const NEW_API: Readonly<Record<string, (device: Device) => Reply>> = {
  summary: web.summary,
  stats: web.stats,
  pools: web.pools,
};

const WRITES =
  /^(restart|quit|privileged|addpool|removepool|switchpool|enablepool|disablepool|poolpriority|poolquota|save|setconfig|ascset|ascenable|ascdisable|zero|hotplug|failover-only|debug)$/;

const BY = 'cgminer 1.0.0';

export function answer(device: Device, request: Request): Reply {
  const { command, json } = request;
  const refuse = (code: number, msg: string): Reply =>
    envelope({ letter: 'E', code, msg, by: BY, wallS: device.wallS });
  if (command === null) return refuse(14, "Missing JSON 'command'");
  if (WRITES.test(command)) return refuse(45, `Access denied to '${command}' command`);
  const read = json.new_api === true && buildOf(device.look).withSerial ? NEW_API[command] : READS[command];
  return read ? read(device) : refuse(14, 'Invalid command');
}

export const invalidJson = (device: Device): Reply =>
  envelope({ letter: 'E', code: 23, msg: 'Invalid JSON', by: BY, wallS: device.wallS });

const good = (device: Device, code: number, msg: string) =>
  ({ letter: 'S', code, msg, by: BY, wallS: device.wallS }) as const;

function version(device: Device): Reply {
  const { type, compiled } = buildOf(device.look);
  const row = { BMMiner: '1.0.0', API: '3.1', Miner: MINER_VERSION, CompileTime: compiled, Type: type };
  return envelope(good(device, 22, 'CGMiner versions'), { VERSION: [row] });
}

function summary(device: Device): Reply {
  const { look, wallS } = device;
  const { now, avg } = ratesIn(device);
  const row = {
    Elapsed: look.elapsedS,
    'GHS 5s': round2(now),
    'GHS av': round2(avg),
    'GHS 30m': round2(avg),
    'Found Blocks': 0,
    Getwork: look.accepted,
    Accepted: look.accepted,
    Rejected: 0,
    'Hardware Errors': 0,
    Utility: 4,
    Discarded: 0,
    Stale: 0,
    'Difficulty Accepted': look.accepted * 524_288,
    'Best Share': 0,
    'Last getwork': wallS,
    'Pool Rejected%': 0,
    'Pool Stale%': 0,
  };
  return envelope(good(device, 11, 'Summary'), { SUMMARY: [row] });
}

function stats(device: Device): Reply {
  const { look } = device;
  const build = buildOf(look);
  const first = { BMMiner: '1.0.0', Miner: MINER_VERSION, CompileTime: build.compiled, Type: build.type };
  const rpm = look.fanRpm;
  const { now, avg, nominal } = ratesIn(device);
  const body = {
    STATS: 0,
    ID: 'BTM_SOC0',
    Elapsed: look.elapsedS,
    Calls: 0,
    Wait: 0,
    Max: 0,
    Min: 99_999_999,
    'GHS 5s': round2(now),
    'GHS av': round2(avg),
    rate_30m: round2(avg),
    Mode: look.asleep ? 1 : 2,
    miner_count: look.boards.filter(({ there }) => there).length,
    frequency: 525,
    fan_num: 4,
    ...{ fan1: rpm, fan2: rpm, fan3: rpm, fan4: rpm },
    temp_num: look.boards.length,
    ...Object.assign({}, ...look.boards.map((_, index) => chainKeys(device, build.chips, index))),
    total_rateideal: whole(nominal),
    rate_unit: build.unit.word.replace('/s', ''),
    total_freqavg: 525,
    total_acn: look.boards.filter(({ there }) => there).length * build.chips,
    'total rate': round2(now),
    temp_max: 0,
    no_matching_work: 0,
    miner_version: MINER_VERSION,
  };
  return envelope(good(device, 70, 'CGMiner stats'), { STATS: [first, body] });
}

function chainKeys(device: Device, chips: number, index: number): Reply {
  const { look } = device;
  const [n, board] = [index + 1, look.boards[index]];
  const there = board?.there === true;
  const four = (a: number, b = a): string => (there ? [a, b, a, a].map(whole).join('-') : '0-0-0-0');
  return {
    [`chain_acn${n}`]: there ? chips : 0,
    [`chain_acs${n}`]: there ? asicMap(chips, board.rateThs > 0) : '',
    [`chain_hw${n}`]: 0,
    [`chain_rate${n}`]: there ? (ratesIn(device).boards[index] ?? 0).toFixed(2) : '',
    [`freq${n}`]: there ? 525 : 0,
    [`temp${n}`]: there ? whole(board.boardC) : 0,
    [`temp2_${n}`]: there ? whole(board.chipC) : 0,
    [`temp_pcb${n}`]: four(board?.boardC ?? 0),
    [`temp_chip${n}`]: four(board?.chipC ?? 0),
    [`temp_pic${n}`]: four(look.inletC, look.outletC),
  };
}

function pools(device: Device): Reply {
  const rows = poolRows(device);
  return envelope(good(device, 7, `${rows.length} Pool(s)`), { POOLS: rows });
}

/** All slots, the empty ones as dead pools. */
export function poolRows(device: Device): Reply[] {
  const { look } = device;
  return device.pools.map(({ url, user }, index) => {
    const alive = url !== '' && look.poolAlive;
    return {
      POOL: index,
      URL: url,
      Status: alive ? 'Alive' : 'Dead',
      Priority: index,
      Quota: 1,
      'Long Poll': 'N',
      Getworks: index === 0 ? look.accepted : 0,
      Accepted: index === 0 ? look.accepted : 0,
      Rejected: 0,
      Discarded: 0,
      Stale: 0,
      'Get Failures': 0,
      'Remote Failures': 0,
      User: user,
      'Last Share Time': index === 0 && look.rateThs > 0 ? '0:00:07' : '0',
      Diff: '524K',
      'Has Stratum': url !== '',
      'Stratum Active': alive && index === 0,
      'Stratum URL': alive && index === 0 ? url.replace(/^.*\/\/|:\d+$/g, '') : '',
      'Has GBT': false,
      'Pool Rejected%': 0,
      'Pool Stale%%': 0,
    };
  });
}

// On these builds the device list carries no rate (capture of an S19 Pro).
function devs(device: Device): Reply {
  const { look } = device;
  const row = {
    ASC: 0,
    Name: 'BTM_SOC',
    ID: 0,
    Enabled: 'Y',
    Status: 'Alive',
    Tenperature: 0,
    'MHS av': 0,
    'MHS 5s': 0,
    Accepted: look.accepted,
    Rejected: 0,
    'Hardware Errors': 0,
    'Device Elapsed': look.elapsedS,
  };
  return envelope(good(device, 9, '1 ASC(s)'), { DEVS: [row] });
}
