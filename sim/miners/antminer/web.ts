import { type Device, macOf, round2, serialOf, whole } from '../device.ts';
import { asicMap, type Build, buildOf, MINER_VERSION, ratesIn } from './build.ts';

/** What the CGI pages of the 2020+ firmware answer (protocol sheet, 3.2). Rates are GH/s. */
type Json = Readonly<Record<string, unknown>>;

export const READ_PAGES: Readonly<Record<string, (device: Device) => Json>> = {
  'get_system_info.cgi': systemInfo,
  'miner_type.cgi': minerType,
  'summary.cgi': summary,
  'stats.cgi': stats,
  'pools.cgi': pools,
  'get_miner_conf.cgi': minerConf,
  'get_blink_status.cgi': ({ blink }) => ({ blink }),
  'get_network_info.cgi': networkInfo,
};

function systemInfo({ look, address }: Device): Json {
  const build = buildOf(look);
  return {
    minertype: build.type,
    nettype: 'DHCP',
    netdevice: 'eth0',
    macaddr: macOf(look),
    hostname: 'Antminer',
    ipaddress: address,
    netmask: '255.0.0.0',
    gateway: '',
    dnsservers: '',
    system_mode: 'GNU/Linux',
    system_kernel_version: 'Linux 4.9.113 #1 SMP PREEMPT',
    system_filesystem_version: build.version,
    firmware_type: 'Release',
    ...(build.withSerial ? { serinum: serialOf(look, 'SIMA') } : {}),
  };
}

function minerType({ look }: Device): Json {
  const build = buildOf(look);
  const subtype = build.withSerial ? 'AMLCtrl_BHB68XXX' : 'zynq7007_BHB42XXX';
  return { miner_type: build.type, subtype, fw_version: build.version };
}

function networkInfo({ look, address }: Device): Json {
  return { nettype: 'DHCP', netdevice: 'eth0', macaddr: macOf(look), ipaddress: address, netmask: '255.0.0.0' };
}

function head({ wallS }: Device, msg: string, build: Build): Json {
  return {
    STATUS: { STATUS: 'S', when: wallS, Msg: msg, api_version: build.apiVersion },
    INFO: { miner_version: MINER_VERSION, CompileTime: build.compiled, type: build.type },
  };
}

function rates(device: Device): Json {
  const { look } = device;
  const { now, avg, nominal } = ratesIn(device);
  return {
    elapsed: look.elapsedS,
    rate_5s: round2(now),
    rate_30m: round2(avg),
    rate_avg: round2(avg),
    rate_ideal: whole(nominal),
    rate_unit: buildOf(look).unit.word,
  };
}

/** Some builds give empty lists in sleep mode, others zeros. */
const hidesAsleep = ({ look }: Device): boolean => look.asleep && look.traits.quirk % 2 === 0;

export function summary(device: Device): Json {
  const body = { ...rates(device), hw_all: 0, bestshare: 0, status: statusRows(device) };
  return { ...head(device, 'summary', buildOf(device.look)), SUMMARY: hidesAsleep(device) ? [] : [body] };
}

export const TROUBLES = {
  'over-temp': { type: 'temp', code: 'P:1', msg: 'over max temp' },
  psu: { type: 'rate', code: 'V:1', msg: 'PSU init fail' },
  board: { type: 'rate', code: 'J0:8', msg: 'too few boards' },
  'pool-login': { type: 'network', code: '', msg: 'pool 0: unauthorized worker' },
  pool: { type: 'network', code: '', msg: 'pool 0: connect failed' },
} as const;

function statusRows({ look }: Device): Json[] {
  const trouble = look.trouble === null ? null : TROUBLES[look.trouble];
  return ['rate', 'network', 'fans', 'temp'].map((type) =>
    trouble?.type === type ? { ...trouble, status: 'e' } : { type, status: 's', code: 0, msg: '' },
  );
}

export function stats(device: Device): Json {
  const { look } = device;
  const build = buildOf(look);
  const body = {
    ...rates(device),
    chain_num: look.boards.length,
    fan_num: 4,
    fan: [look.fanRpm, look.fanRpm, look.fanRpm - 60, look.fanRpm - 60].map((rpm) => Math.max(0, rpm)),
    hwp_total: 0,
    'miner-mode': look.asleep ? 1 : 0,
    'freq-level': 100,
    ...(build.withWatts ? { watt: look.powerW } : {}),
    chain: look.boards.map((_, index) => chain(device, build, index)),
  };
  return { ...head(device, 'stats', build), STATS: hidesAsleep(device) ? [] : [body] };
}

function chain(device: Device, build: Build, index: number): Json {
  const { look } = device;
  const rates = ratesIn(device);
  const board = look.boards[index];
  if (board === undefined || !board.there)
    return { index, freq_avg: 0, rate_ideal: 0, rate_real: 0, asic_num: 0, asic: '' };
  const [cool, warm, chip] = [look.inletC, board.boardC, board.chipC].map(whole);
  return {
    index,
    freq_avg: 525,
    rate_ideal: round2(rates.nominal / look.boards.length),
    rate_real: round2(rates.boards[index] ?? 0),
    asic_num: build.chips,
    asic: asicMap(build.chips, board.rateThs > 0),
    // Inlet at [2] and outlet at [1], as the sheet has it from one integration.
    temp_pic: [warm, whole(look.outletC), cool, warm],
    temp_pcb: [warm, warm, warm, warm],
    temp_chip: [chip, chip, chip, chip],
    hw: 0,
    eeprom_loaded: true,
    sn: serialOf(look, `SIMB${index}`),
    hwp: 0,
    tpl: [],
  };
}

export function pools(device: Device): Json {
  const { look } = device;
  const rows = device.pools.map(({ url, user }, index) => ({
    index,
    url,
    user,
    status: url !== '' && look.poolAlive ? 'Alive' : 'Dead',
    priority: index,
    getworks: index === 0 ? look.accepted : 0,
    accepted: index === 0 ? look.accepted : 0,
    rejected: 0,
    discarded: 0,
    stale: 0,
    diff: '524K',
    diff1: 0,
    diffa: 0,
    diffr: 0,
    diffs: 0,
    lsdiff: 0,
    lstime: index === 0 && look.rateThs > 0 ? '0:00:07' : '0',
  }));
  return { ...head(device, 'pools', buildOf(look)), POOLS: rows };
}

function minerConf({ look, pools: slots }: Device): Json {
  return {
    pools: slots.map(({ url, user, pass }) => ({ url, user, pass })),
    'api-listen': true,
    'api-network': true,
    'api-groups': 'A:stats:pools:devs:summary:version',
    'api-allow': 'A:0/0,W:*',
    'bitmain-fan-ctrl': false,
    'bitmain-fan-pwm': '100',
    'bitmain-use-vil': true,
    'bitmain-freq': '525',
    'bitmain-voltage': '1360',
    'bitmain-ccdelay': '0',
    'bitmain-pwth': '0',
    'bitmain-work-mode': look.asleep ? '1' : '0',
    'bitmain-freq-level': '100',
  };
}
