import { BlockList, isIP, isIPv6 } from 'node:net';
import { Option } from 'commander';
import type { Endpoint } from '../config/site.ts';
import { RelightError } from '../shared/errors.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const isLoopback = (host: string): boolean =>
  isIP(host) === 0 ? host === 'localhost' : loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');

export const insecureLanOption = (): Option =>
  new Option(
    '--insecure-lan',
    'permit addresses beyond this machine; the link is authenticated but NOT encrypted: ' +
      'anyone on the LAN can read it and alter what goes over it, and use the page',
  );

/** Until the link is encrypted, it leaves the machine only where someone has said so. */
export function checkListeners(listeners: Readonly<Record<string, Endpoint>>, insecureLan = false): void {
  for (const [key, { host, port }] of Object.entries(listeners)) {
    if (insecureLan || isLoopback(host)) continue;
    const cure = 'expected an address of this machine (127.0.0.1), or --insecure-lan, whose help says what that means';
    throw new RelightError('CONFIG_NOT_LOOPBACK', `${key} is ${host}:${port}, ${cure}`, { key, host });
  }
}
