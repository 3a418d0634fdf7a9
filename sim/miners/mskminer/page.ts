import { json, NOT_FOUND, type Page, plain } from '../antminer/page.ts';
import { setBlink, setPools } from '../antminer-old/forms.ts';
import { type Device, macOf, plainModel } from '../device.ts';
import type { Reply } from '../envelope.ts';
import type { WebRequest } from '../family.ts';
import { pools, stats, summary } from './rpc.ts';

/** The pages of the S9's time (protocol sheet, 3.5): forms in, JSON out, and no sleep. */
const HOME = '<html><head><title>Antminer</title></head><body></body></html>';

export function page(device: Device, { method, path, body }: WebRequest): Page {
  if (path === '/') return { ...plain, body: HOME };
  const name = path.replace(/^\/cgi-bin\//, '');
  // It goes down before it has answered.
  if (name === 'reboot.cgi') return { ...plain, status: null, action: 'reboot' };
  const form = new URLSearchParams(body);
  if (method === 'POST' && name === 'set_miner_conf.cgi') return setPools(form);
  if (method === 'POST' && name === 'blink.cgi') return setBlink(device, form.get('action'), HANGS);
  if (name === 'miner_stats.cgi') return { ...plain, body: stats(device) };
  const read = name !== path && Object.hasOwn(READS, name) ? READS[name] : undefined;
  return read ? json(read(device)) : NOT_FOUND;
}

/** The request that starts it hangs; here its line closes. */
const HANGS: Page = { ...plain, status: null };

const READS: Readonly<Record<string, (device: Device) => Reply>> = {
  'get_system_info.cgi': ({ look, address }) => ({
    minertype: plainModel(look),
    nettype: 'DHCP',
    netdevice: 'eth0',
    macaddr: macOf(look),
    hostname: 'antMiner',
    ipaddress: address,
    netmask: '255.0.0.0',
    system_mode: 'GNU/Linux',
    ant_hwv: '30.0.1.3',
    system_kernel_version: 'Linux 3.14.0-xilinx #57 SMP PREEMPT',
    system_filesystem_version: 'Mon Nov 25 09:56:24 PST 2019',
    bmminer_version: '2.0.0 rwglr',
  }),
  'miner_summary.cgi': summary,
  'miner_pools.cgi': pools,
  'get_miner_conf.cgi': ({ pools }) => ({
    pools: pools.map(({ url, user, pass }) => ({ url, user, pass })),
    'api-listen': true,
    'api-network': true,
    'api-groups': 'A:stats:pools:devs:summary:version',
    'api-allow': 'A:0/0,W:*',
    'bitmain-fan-ctrl': true,
    'bitmain-fan-pwm': '80',
    'bitmain-use-vil': true,
    'bitmain-freq': '500',
  }),
};
