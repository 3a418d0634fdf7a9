import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { Device } from './device.ts';
import type { Target } from './reading.ts';
import { callHttp, type HttpCall, type HttpReply } from './transport/http.io.ts';
import { callRpc, type RpcReply } from './transport/rpc.io.ts';

const DEFAULT_PORTS = { http: 80, rpc: 4028 } as const;

export type LineOptions = Readonly<{
  target: Target;
  device: Device;
  /** Real monotonic ms. */
  deadlineMs: number;
  spacingMs: number;
  signal?: AbortSignal | undefined;
}>;

/** The bare connections to one device. */
export type Line = Readonly<{
  /** Real time until the deadline; 0 when given up. */
  leftMs(): number;
  http(call: Omit<HttpCall, 'host' | 'port' | 'signal'>): Promise<HttpReply>;
  rpc(text: string, timeoutMs: Millis): Promise<RpcReply>;
}>;

/**
 * INVARIANTS: with the device's lock held, one connection is open at a time; connections are `spacingMs` apart, counted
 * from the close of the last, whoever made it.
 */
export function createLine({ target, device, deadlineMs, spacingMs, signal }: LineOptions): Line {
  const abort = signal === undefined ? {} : { signal };
  const to = (name: keyof typeof DEFAULT_PORTS) => ({
    host: target.address,
    port: target.ports[name] ?? DEFAULT_PORTS[name],
  });
  const spaced = async <T>(call: () => Promise<T>): Promise<T> => {
    const waitMs = device.closedMs === null ? 0 : device.closedMs + spacingMs - realClock.monoMs();
    if (waitMs > 0) await sleep(realClock, millis(waitMs), signal);
    try {
      return await call();
    } finally {
      device.closedMs = realClock.monoMs();
    }
  };
  return {
    leftMs: () => (signal?.aborted ? 0 : deadlineMs - realClock.monoMs()),
    http: (call) => spaced(() => callHttp({ ...call, ...to('http'), ...abort })),
    rpc: (text, timeoutMs) => spaced(() => callRpc({ ...to('rpc'), text, timeoutMs, ...abort })),
  };
}
