import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createResolve } from '../../../agent/probe/resolve.io.ts';
import { millis } from '../../../shared/units.ts';
import { closedPort, dnsServer, HOST } from './servers.ts';

const CHILD = join(import.meta.dirname, 'descriptors.child.ts');
const FEW = 60;

test('an agent without a file descriptor left knows nothing of its resolvers', () => {
  const script = `ulimit -n ${FEW}; exec "$0" "$1"`;
  const said = execFileSync('sh', ['-c', script, process.execPath, CHILD], { encoding: 'utf8' });
  const { dns, resolved } = JSON.parse(said) as Record<'dns' | 'resolved', unknown>;
  expect(dns).toMatchObject({ is: 'unknown', why: 'ownFault', detail: 'EMFILE' });
  expect(resolved).toMatchObject({ finding: { is: 'unknown', why: 'ownFault', detail: 'EMFILE' } });
});

test('a dead resolver leaves the other its turn, and a question that is lost is asked again', async () => {
  let asked = 0;
  const lossy = await dnsServer(() => (asked++ === 0 ? null : HOST));
  const silent = await dnsServer(() => null);
  const signal = new AbortController().signal;
  try {
    const resolve = createResolve([silent.at, lossy.at], null);
    expect(await resolve('pool.example', millis(20_000), signal)).toEqual({ address: HOST });
    expect(asked).toBe(2);
    const refused = createResolve([await closedPort()], null);
    expect(await refused('pool.example', millis(300), signal)).toMatchObject({
      finding: { is: 'down', why: 'unresolved' },
    });
  } finally {
    await Promise.all([lossy.close(), silent.close()]);
  }
}, 30_000);
