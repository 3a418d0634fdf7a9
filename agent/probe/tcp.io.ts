import { dial } from './connect.io.ts';
import type { Probe } from './probe.ts';
import type { Resolve } from './resolve.io.ts';
import { endpointOf } from './targets.ts';

export type From = Readonly<{ sourceAddress: string | null; resolve: Resolve }>;

/** A handshake, and no word more. */
export function tcpProbe(from: From): Probe {
  return async ({ target, timeoutMs }, signal) => {
    const dialled = await dial({ ...endpointOf(target), ...from, timeoutMs }, signal);
    if ('finding' in dialled) return dialled.finding;
    // A reset ends it in one packet; a farewell takes four, twelve times a minute at each anchor.
    dialled.socket.on('error', () => {}).resetAndDestroy();
    return { is: 'up', tookMs: dialled.tookMs };
  };
}

/** A gateway that refuses the connection has answered. */
export function gatewayProbe(from: From): Probe {
  const tcp = tcpProbe(from);
  return async (spec, signal) => {
    const finding = await tcp(spec, signal);
    if (finding.is !== 'down' || (finding.why !== 'refused' && finding.why !== 'reset')) return finding;
    return { is: 'up', tookMs: finding.tookMs, detail: 'refused the connection' };
  };
}
