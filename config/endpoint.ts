import { type Key, refuse, shown } from './fault.ts';
import type { Endpoint } from './site.ts';

const PORT_MAX = 65_535;
const WITH_PORT = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]@]+)):(\d{1,5})$/;
const HOST = /^(?:[0-9a-fA-F:]*:[0-9a-fA-F:.]*|[^\s:/[\]@]+)$/;

/** `host:port`, `[v6]:port`, or `host` alone where a port is understood. */
export function endpointOf(text: string, key: Key, port: number | null): Endpoint {
  const [, v6, name, digits] = WITH_PORT.exec(text) ?? [];
  const host = v6 ?? name;
  if (host !== undefined && isPort(Number(digits))) return { host, port: Number(digits) };
  if (host === undefined && port !== null && HOST.test(text)) return { host: text, port };
  const expected = port === null ? 'host:port' : 'an address or address:port';
  return refuse('CONFIG_VALUE', key, `is ${shown(text)}, expected ${expected}`);
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= PORT_MAX;

/** A listener may also take any free port, which it says when it has it: port 0. */
export function listenerOf(text: string, key: Key): Endpoint {
  const free = /^(.+):0$/.exec(text);
  return free ? { ...endpointOf(`${free[1]}:1`, key, null), port: 0 } : endpointOf(text, key, null);
}
