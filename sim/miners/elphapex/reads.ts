import type { Look } from '../../plant/look.ts';
import { ratesOf } from '../altcoin.ts';
import { asicMap } from '../antminer/build.ts';
import { type Device, macOf, plainModel, round2, serialOf, whole } from '../device.ts';
import type { Reply } from '../envelope.ts';

/** CGI pages of an Elphapex (capture of a DG Home 1): Scrypt in MH/s, chips in thousandths of a degree. */
const BOARD_MHS = 3_003.75;
const CHIPS = 120;
const SLOTS = 4;

export const READS: Readonly<Record<string, (device: Device) => Reply>> = {
  'get_system_info.cgi': systemInfo,
  'get_network_info.cgi': ({ look, address }) => ({
    conf_hostname: modelOf(look),
    conf_nettype: 'DHCP',
    ipaddress: address,
    macaddr: macOf(look).toLowerCase(),
    netdevice: 'eth0',
    netmask: '255.0.0.0',
    nettype: 'DHCP',
  }),
  'summary.cgi': (device) => ({ ...head(device, 'summary'), SUMMARY: [{ ...rates(device), ...statusRows(device) }] }),
  'stats.cgi': stats,
  'pools.cgi': pools,
  'get_blink_status.cgi': ({ blink }) => ({ blink }),
  'get_miner_conf.cgi': minerConf,
  'get_power.cgi': ({ look }) => ({
    power_output: String(look.powerW),
    power_sn: serialOf(look, 'SIMP'),
    power_temp: String(whole((look.inletC + 8) * 10)),
  }),
};

const VERSION = 'V1.0.5';
const modelOf = (look: Look): string =>
  plainModel(look)
    .replace(/^elphapex\s+/i, '')
    .replaceAll(' ', '-');

function systemInfo({ look, address }: Device): Reply {
  return {
    Algorithm: 'Scrypt',
    dnsservers: '',
    firmware_type: 'Release',
    gateway: '',
    hostname: modelOf(look),
    ipaddress: address,
    macaddr: macOf(look).toLowerCase(),
    minertype: modelOf(look),
    netdevice: 'eth0',
    netmask: '255.0.0.0',
    nettype: 'DHCP',
    system_filesystem_version: `${modelOf(look)}_${VERSION}`,
    system_kernel_version: '4.4.194 #1 SMP Wed Feb 26 11:19:53 CST 2025',
    system_mode: 'GNU/Linux',
  };
}

/** `when` counts milliseconds since the device came up. */
function head({ look, wallS }: Device, Msg: string): Reply {
  const name = modelOf(look);
  return {
    INFO: {
      CompileTime: '',
      dev_sn: serialOf(look, 'SIME'),
      hw_version: `${name}_HW_V1.0`,
      miner_version: `${name}_${VERSION}`,
      type: name,
    },
    STATUS: { Msg, STATUS: 'S', api_version: '1.0.0', timestamp: wallS, when: look.uptimeS * 1_000 },
  };
}

const ratesIn = ({ look }: Device) => ratesOf(look, BOARD_MHS * look.boards.length);

function rates(device: Device): Reply {
  const { now, avg, nominal } = ratesIn(device);
  return {
    elapsed: device.look.elapsedS,
    rate_5s: round2(now),
    rate_15m: round2(avg),
    rate_30m: round2(avg),
    rate_avg: round2(avg),
    rate_ideal: nominal,
    rate_unit: 'MH/s',
    hw_all: 0,
    bestshare: 0,
  };
}

const TROUBLES = {
  'over-temp': { type: 'temp', code: 'P:1', msg: 'over max temp' },
  psu: { type: 'rate', code: 'V:1', msg: 'power init failed' },
  board: { type: 'rate', code: 'J0:8', msg: 'board missing' },
  'pool-login': { type: 'network', code: 'N:1', msg: 'pool refused the worker' },
  pool: { type: 'network', code: 'N:1', msg: 'pool unreachable' },
} as const;

function statusRows({ look }: Device): Reply {
  const trouble = look.trouble === null ? null : TROUBLES[look.trouble];
  const rows = ['rate', 'network', 'fans', 'temp'].map((type) =>
    trouble?.type === type ? { ...trouble, status: 'e' } : { type, status: 's', code: 0, msg: '' },
  );
  return { status: rows };
}

function stats(device: Device): Reply {
  const { look } = device;
  const { boards } = ratesIn(device);
  const body = {
    ...rates(device),
    hwp_total: 0,
    chain_num: SLOTS,
    fan_num: 4,
    fan: Array(4).fill(String(look.fanRpm)),
    chain: Array.from({ length: SLOTS }, (_, index) => chain(device, index, boards[index] ?? 0)),
  };
  return { ...head(device, 'stats'), STATS: [body] };
}

/** A slot without a board has its chips drawn as well. */
function chain({ look }: Device, index: number, rate: number): Reply {
  const board = look.boards[index];
  const there = board?.there === true;
  const pcb = [look.inletC, look.inletC, board?.boardC ?? look.inletC, board?.boardC ?? look.inletC].map(whole);
  return {
    index,
    asic: asicMap(CHIPS, true),
    asic_num: there ? CHIPS : 0,
    ...(there ? { eeprom_loaded: true } : {}),
    failrate: 0,
    freq_avg: there && rate > 0 ? 1_850 : 0,
    hashrate: round2(rate),
    hw: 0,
    rate_15m: round2(rate),
    rate_ideal: there ? BOARD_MHS : 0,
    rate_real: round2(rate),
    sn: there ? serialOf(look, `SIMB${index}`) : '',
    temp_chip: Array(4).fill(there ? String(whole(board.chipC * 1_000)) : ''),
    temp_pcb: pcb,
    temp_pic: pcb,
  };
}

function pools(device: Device): Reply {
  const { look } = device;
  const POOLS = device.pools.map(({ url, user }, index) => ({
    index,
    url,
    user,
    status: url !== '' && look.poolAlive ? 'Alive' : 'Unreachable',
    priority: index,
    getworks: index === 0 ? look.accepted : 0,
    accepted: index === 0 ? look.accepted : 0,
    rejected: 0,
    stale: 0,
    diff: '',
    lstime: '',
  }));
  return { ...head(device, 'pools'), 'Device Rejected%': 0, 'Device Total Rejected': 0, POOLS };
}

function minerConf({ look, pools: slots }: Device): Reply {
  return {
    algo: 'ltc',
    'fc-fan-ctrl': false,
    'fc-fan-pwm': '20',
    'fc-freq': '1850',
    'fc-freq-level': '100',
    'fc-voltage': '1470',
    'fc-work-mode': look.asleep ? 1 : 0,
    pools: slots.map(({ url, user, pass }) => ({ pass, url, user })),
  };
}
