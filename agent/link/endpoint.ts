import { RelightError } from '../../shared/errors.ts';

/**
 * Until TLS comes with the next stage of the link, it may only leave the machine where someone has said in so many
 * words that the network is trusted. Errors: CONFIG_VALUE for no ws:// address, CONFIG_NOT_LOOPBACK.
 */
export function checkControllerUrl(url: string, insecureLan: boolean): void {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.protocol !== 'ws:') {
    throw new RelightError('CONFIG_VALUE', `controller: ${url} is no address of the form ws://host:port/agent`, {
      url,
    });
  }
  if (!insecureLan && !isLoopback(parsed.hostname)) {
    throw new RelightError(
      'CONFIG_NOT_LOOPBACK',
      `controller: ${url} is not on this machine, and the link is not encrypted yet: --insecure-lan permits it`,
      { url },
    );
  }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
