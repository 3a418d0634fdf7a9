import { certificateOf } from './certificate.ts';
import { PROBE_WORKER } from './defaults.ts';
import { endpointOf } from './endpoint.ts';
import { Fault, type Key, refuse, shown } from './fault.ts';
import type { PoolEntry } from './schema-reachability.ts';
import type { Endpoint, Pool } from './site.ts';

const URL_SHAPE = /^([a-z\d+]+):\/\/([^/?#]+)\/?$/;
const PLAIN = 'stratum+tcp';
/** For TLS, firmwares take one spelling or the other. */
const SCHEMES: readonly string[] = [PLAIN, 'stratum+ssl', 'stratum+tls'];

export function poolOf({ url, worker, passwordEnv, kind, tls, pin }: PoolEntry, key: Key): Pool {
  const endpoint = endpointIn(url, { schemes: SCHEMES, key: [...key, 'url'], apart: 'worker and passwordEnv' });
  const plain = url.startsWith(`${PLAIN}:`);
  return {
    url,
    ...endpoint,
    tls: certificateOf({ tls: tls ?? (plain ? 'none' : 'verify'), pin, plain: plain ? url : null }, key),
    worker: worker ?? PROBE_WORKER,
    passwordEnv: passwordEnv ?? null,
    kind: kind ?? 'foreign',
  };
}

/** What is wrong with the address of a pool that a miner is to be told, as in `is "…", expected …`; null: nothing. */
export function poolFault(url: string): string | null {
  try {
    endpointIn(url, { schemes: SCHEMES, key: [], apart: 'the worker' });
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

type Expected = Readonly<{ schemes: readonly string[]; key: Key; apart: string }>;

function endpointIn(url: string, { schemes, key, apart }: Expected): Endpoint {
  const [, scheme = '', authority = ''] = URL_SHAPE.exec(url) ?? [];
  if (!schemes.includes(scheme)) {
    const expected = schemes.map((one) => `${one}://host:port`).join(' or ');
    refuse('CONFIG_VALUE', key, `is ${hidden(url)}, expected ${expected}`);
  }
  // The login itself must not come into a message that ends in a log.
  if (authority.includes('@')) {
    refuse('CONFIG_VALUE', key, `has a login in it, expected ${scheme}://host:port with ${apart}`);
  }
  return endpointOf(authority, key, null);
}

/** Without what may be a login. */
const hidden = (url: string): string => shown(url.replace(/^([a-z\d+]+:\/\/)?.*@/is, '$1…@'));
