import type { Endpoint } from '../../config/site.ts';
import { RelightError } from '../../shared/errors.ts';

/** Throws CONFIG_NOT_LOOPBACK: until the link has TLS, only someone who trusts the network may leave the machine. */
export function checkListen(key: string, { host, port }: Endpoint, insecureLan: boolean): void {
  if (insecureLan || isLoopback(host)) return;
  throw new RelightError(
    'CONFIG_NOT_LOOPBACK',
    `${key}: ${host}:${port} can be reached from the network, and nothing is encrypted there yet: --insecure-lan permits it`,
    { key, host, port },
  );
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
