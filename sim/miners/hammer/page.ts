import { json, type Page, setConf, page as stock } from '../antminer/page.ts';
import { type Device, macOf, plainModel } from '../device.ts';
import { parseObject } from '../envelope.ts';
import type { WebRequest } from '../family.ts';

/** A few of the stock pages (capture of a Hammer D10); figures are over RPC alone, and there is no sleep. */
const KEPT = /^\/(cgi-bin\/(get_blink_status|get_miner_conf|blink|reboot)\.cgi)?$/;

export function page(device: Device, asked: WebRequest): Page {
  const { path, method } = asked;
  if (path === '/cgi-bin/get_system_info.cgi') return json(systemInfo(device));
  if (path === '/cgi-bin/get_conf.cgi') return stock(device, { ...asked, uri: '/cgi-bin/get_miner_conf.cgi' });
  if (path === '/cgi-bin/set_miner_conf.cgi' && method === 'POST') {
    const { 'miner-mode': _, ...conf } = parseObject(asked.body) ?? {};
    return setConf(device, { ...asked, body: JSON.stringify(conf) });
  }
  return stock(device, KEPT.test(path) ? asked : { ...asked, uri: '/nowhere' });
}

const systemInfo = ({ look, address }: Device): unknown => ({
  minertype: plainModel(look),
  nettype: 'DHCP',
  netdevice: 'eth0',
  macaddr: macOf(look).toLowerCase(),
  hostname: plainModel(look).split(' ')[0] ?? '',
  ipaddress: address,
  netmask: '255.0.0.0',
  uptime: String(Math.floor(look.uptimeS / 60)),
  system_mode: 'GNU/Linux',
  bb_hwv: '2.0.2.2',
  system_kernel_version: 'Linux 3.8.13 #22 SMP Tue Dec 2 15:26:11 CST 2014',
  system_filesystem_version: '2022-11-11 13-46-30 CST',
  cgminer_version: '2.3.3',
});
