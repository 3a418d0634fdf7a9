import { openSync } from 'node:fs';
import { dnsProbe } from '../../../agent/probe/dns.io.ts';
import { createResolve } from '../../../agent/probe/resolve.io.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';

/** Uses up every descriptor that it may have, and then asks a resolver; started with few of them by a test. */
const RESOLVER = { host: '127.0.0.1', port: 9 };
const asking = {
  layer: 'dns',
  uplink: uplinkId('isp'),
  kind: null,
  delayMs: millis(0),
  timeoutMs: millis(500),
} as const;
const signal = new AbortController().signal;

function useUp(): void {
  try {
    for (;;) openSync('/dev/null', 'r');
  } catch {
    return;
  }
}

useUp();
const probe = dnsProbe({ zone: null, sourceAddress: null });
const dns = await probe({ ...asking, target: '127.0.0.1:9' }, signal);
const resolved = await createResolve([RESOLVER], null)('pool.example', millis(500), signal);
process.stdout.write(JSON.stringify({ dns, resolved }));
