import type { PortName, Ports } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { Device } from './device.ts';
import type { Target } from './reading.ts';
import type { Broken, HttpReply } from './transport/exchange.ts';
import type { GrpcCall, GrpcReply } from './transport/grpc.io.ts';
import type { HttpCall } from './transport/http.io.ts';
import { callRpc, type RpcReply } from './transport/rpc.io.ts';
import { callFrame, type FrameReply } from './transport/v3.io.ts';
import { callPage, DOUBTED } from './way.io.ts';

/** Fact sheet, section 0. */
export const DEFAULT_PORTS: Readonly<Record<PortName, number>> = {
  http: 80,
  rpc: 4_028,
  v3: 4_433,
  grpc: 50_051,
  alt: 8_080,
};

export type LineOptions = Readonly<{
  target: Target;
  /** Where the family's ports are not the usual ones. */
  ports: Ports | undefined;
  /** Firmware of the family may answer over TLS alone. */
  tls: boolean;
  device: Device;
  /** Real monotonic ms. */
  deadlineMs: number;
  spacingMs: number;
  signal?: AbortSignal | undefined;
}>;

/** `order`: it changes something, so it goes out on one connection or not at all. */
export type WebCall = Omit<HttpCall, 'host' | 'port' | 'signal'> & Readonly<{ order?: boolean }>;

/** The bare connections to one device. */
export type Line = Readonly<{
  /** Real time until the deadline; 0 when given up. */
  leftMs(): number;
  http(call: WebCall, port?: PortName): Promise<HttpReply>;
  rpc(text: string, timeoutMs: Millis): Promise<RpcReply>;
  frame(text: string, timeoutMs: Millis): Promise<FrameReply>;
  grpc(call: Omit<GrpcCall, 'host' | 'port' | 'signal'>): Promise<GrpcReply>;
}>;

/**
 * INVARIANTS: with the device's lock held, one connection is open at a time; connections are `spacingMs` apart, counted
 * from the close of the last, whoever made it; while it is doubted who answers, none is made.
 */
export function createLine({ target, ports, tls, device, deadlineMs, spacingMs, signal }: LineOptions): Line {
  const abort = signal === undefined ? {} : { signal };
  const to = (name: PortName) => ({
    host: target.address,
    port: target.ports[name] ?? ports?.[name] ?? DEFAULT_PORTS[name],
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
  const known = <T>(call: () => Promise<T>): Promise<T | Broken> =>
    device.doubted ? Promise.resolve(DOUBTED) : call();
  return {
    leftMs: () => (signal?.aborted ? 0 : deadlineMs - realClock.monoMs()),
    http: (call, port = 'http') =>
      known(() =>
        callPage({
          device,
          target,
          tls,
          lookFirst: tls && port === 'http',
          order: call.order,
          name: port,
          each: spaced,
          call: { ...call, ...to(port), ...abort },
        }),
      ),
    rpc: (text, timeoutMs) => known(() => spaced(() => callRpc({ ...to('rpc'), text, timeoutMs, ...abort }))),
    frame: (text, timeoutMs) => known(() => spaced(() => callFrame({ ...to('v3'), text, timeoutMs, ...abort }))),
    grpc: (call) =>
      known(async () => {
        // Loaded where a miner is asked so: its packages take as long as a fifth of the agent's start.
        const { callGrpc } = await import('./transport/grpc.io.ts');
        return spaced(() => callGrpc({ ...call, ...to('grpc'), ...abort }));
      }),
  };
}
