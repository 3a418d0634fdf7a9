import { json, NOT_FOUND, type Page, plain } from '../antminer/page.ts';
import { type Device, macOf } from '../device.ts';
import type { Reply } from '../envelope.ts';
import type { WebRequest } from '../family.ts';
import type { OldBuild } from './build.ts';
import { setBlink, setPools } from './forms.ts';
import { printed, readsOf } from './rpc.ts';

/**
 * The pages of old firmware (protocol sheet, 3.5): the replies of the RPC, one form for all settings, and neither a
 * model's page, nor one that tells the LED, nor sleep. `get_miner_status.cgi` is left out: nothing says what is in it.
 */
export function newPages(): (device: Device, asked: WebRequest, build: OldBuild) => Page {
  let settings: Settings = { fan: { ctrl: false, pwm: '100' }, freq: '650', nobeeper: false, notempoverctrl: true };
  return (device, { method, path, body }, build) => {
    if (path === '/' || path === '/index.html') return HOME;
    const name = path.replace(/^\/cgi-bin\//, '');
    if (name === path) return NOT_FOUND;
    // It goes down before it has answered.
    if (name === 'reboot.cgi') return { ...plain, status: null, action: 'reboot' };
    if (method === 'POST') {
      const form = new URLSearchParams(body);
      if (name === 'blink.cgi') return setBlink(device, form.get('action'), startsBlinking(build));
      if (name !== 'set_miner_conf.cgi') return NOT_FOUND;
      const written = setPools(form);
      if (written.pools !== null && !device.look.heedless) settings = settingsIn(form);
      return written;
    }
    if (name === 'get_system_info.cgi') return json(systemInfo(device, build));
    if (name === 'get_miner_conf.cgi') return json(minerConf(device, settings));
    return Object.hasOwn(OF_THE_PROCESS, name)
      ? processPage(device, build, OF_THE_PROCESS[name] ?? 'stats')
      : NOT_FOUND;
  };
}

const HOME: Page = { ...plain, body: '<html><head><title>Antminer</title></head><body></body></html>' };

/** These it has from the mining process, as that says it. */
const OF_THE_PROCESS: Readonly<Record<string, 'stats' | 'summary' | 'pools'>> = {
  'miner_stats.cgi': 'stats',
  'miner_summary.cgi': 'summary',
  'miner_pools.cgi': 'pools',
};

function processPage(device: Device, build: OldBuild, read: 'stats' | 'summary' | 'pools'): Page {
  if (device.look.line.api === 'refused') return { ...plain, body: 'Socket connect failed: Connection refused' };
  return { ...plain, body: printed(readsOf(build)[read](device), build) };
}

/** Longer than anybody waits. */
const HANGS_MS = 120_000;

const startsBlinking = ({ wave }: OldBuild): Page => ({
  ...json({ isBlinking: true }),
  ...(wave === 2018 ? { delayMs: HANGS_MS } : {}),
});

type Settings = Readonly<{
  fan: Readonly<{ ctrl: boolean; pwm: string }>;
  freq: string;
  nobeeper: boolean;
  notempoverctrl: boolean;
}>;

/** A form stands for the whole document: what it does not have is empty from then on. */
const settingsIn = (form: URLSearchParams): Settings => ({
  fan: {
    ctrl: form.get('_ant_fan_customize_switch') === 'true',
    pwm: form.get('_ant_fan_customize_value') ?? '',
  },
  freq: form.get('_ant_freq') ?? '',
  nobeeper: form.get('_ant_nobeeper') === 'true',
  notempoverctrl: form.get('_ant_notempoverctrl') === 'true',
});

const minerConf = ({ pools }: Device, { fan, freq, nobeeper, notempoverctrl }: Settings): Reply => ({
  pools: pools.map(({ url, user, pass }) => ({ url, user, pass })),
  'api-listen': true,
  'api-network': true,
  'api-groups': 'A:stats:pools:devs:summary:version',
  'api-allow': 'A:0/0,W:*',
  'bitmain-fan-ctrl': fan.ctrl,
  'bitmain-fan-pwm': fan.pwm,
  'bitmain-use-vil': true,
  'bitmain-freq': freq,
  'bitmain-nobeeper': nobeeper,
  'bitmain-notempoverctrl': notempoverctrl,
});

const systemInfo = ({ look, address }: Device, { type, compiled, miner }: OldBuild): Reply => ({
  minertype: type,
  nettype: 'DHCP',
  netdevice: 'eth0',
  macaddr: macOf(look),
  hostname: 'antMiner',
  ipaddress: address,
  netmask: '255.0.0.0',
  gateway: '',
  dnsservers: '',
  system_mode: 'GNU/Linux',
  ant_hwv: miner,
  system_kernel_version: 'Linux 3.14.0-xilinx #57 SMP PREEMPT',
  system_filesystem_version: compiled,
});
