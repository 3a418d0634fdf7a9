import { connect, type Socket } from 'node:net';
import { realClock } from '../../shared/clock.io.ts';
import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { findingOfError } from './errno.ts';
import type { Resolve } from './resolve.io.ts';

export type Dial = Readonly<{
  host: string;
  port: number;
  /** Binds to the uplink: a probe that leaves by another way out is always online. */
  sourceAddress: string | null;
  resolve: Resolve;
  timeoutMs: Millis;
}>;
export type Dialled = Readonly<{ socket: Socket; tookMs: Millis }> | Readonly<{ finding: Finding }>;

/** Connects within `timeoutMs`, resolving included. Never rejects. The caller owns the socket. */
export async function dial({ resolve, timeoutMs, ...to }: Dial, signal: AbortSignal): Promise<Dialled> {
  const startedMs = realClock.monoMs();
  const resolved = await resolve(to.host, timeoutMs, signal);
  if ('finding' in resolved) return resolved;
  const took = (): Millis => millis(realClock.monoMs() - startedMs);
  const leftMs = millis(Math.max(1, timeoutMs - took()));
  return open({ ...to, host: resolved.address, leftMs, took }, signal);
}

type Opening = Readonly<{
  host: string;
  port: number;
  sourceAddress: string | null;
  leftMs: Millis;
  took(): Millis;
}>;

function open({ host, port, sourceAddress, leftMs, took }: Opening, signal: AbortSignal): Promise<Dialled> {
  return new Promise((finish) => {
    if (signal.aborted) return finish({ finding: { is: 'unknown', why: 'aborted' } });
    const socket = connect({ host, port, ...(sourceAddress === null ? {} : { localAddress: sourceAddress }) });
    const settle = (result: Dialled): void => {
      stopTimer();
      signal.removeEventListener('abort', aborted);
      socket.removeListener('connect', connected).removeListener('error', failed);
      if ('finding' in result) {
        socket.on('error', () => {}); // the rest of what it has to say no longer matters
        socket.destroy();
      }
      finish(result);
    };
    const connected = (): void => settle({ socket, tookMs: took() });
    const failed = (error: Error): void => settle({ finding: findingOfError(error, took()) });
    const aborted = (): void => settle({ finding: { is: 'unknown', why: 'aborted' } });
    const stopTimer = realClock.after(leftMs, () =>
      settle({ finding: { is: 'down', why: 'timeout', tookMs: took(), detail: 'no handshake' } }),
    );
    socket.once('connect', connected).once('error', failed);
    signal.addEventListener('abort', aborted, { once: true });
  });
}
