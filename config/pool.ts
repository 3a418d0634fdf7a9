import { PROBE_WORKER } from './defaults.ts';
import { endpointOf } from './endpoint.ts';
import { type Key, refuse, shown } from './fault.ts';
import type { PoolEntry } from './schema-reachability.ts';
import type { Pool } from './site.ts';

const URL_SHAPE = /^stratum\+tcp:\/\/([^/?#]+)\/?$/;

export function poolOf({ url, worker, passwordEnv, kind }: PoolEntry, key: Key): Pool {
  const [, authority = ''] = URL_SHAPE.exec(url) ?? [];
  if (authority.includes('@')) {
    // The login itself must not come into a message that ends in a log.
    refuse(
      'CONFIG_VALUE',
      [...key, 'url'],
      'has a login in it, expected stratum+tcp://host:port with worker and passwordEnv',
    );
  }
  if (authority === '') {
    refuse('CONFIG_VALUE', [...key, 'url'], `is ${shown(url)}, expected stratum+tcp://host:port`);
  }
  return {
    url,
    ...endpointOf(authority, [...key, 'url'], null),
    worker: worker ?? PROBE_WORKER,
    passwordEnv: passwordEnv ?? null,
    kind: kind ?? 'foreign',
  };
}
