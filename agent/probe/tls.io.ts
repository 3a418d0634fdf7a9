import type { Anchor } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { dial } from './connect.io.ts';
import type { Ntp } from './ntp.io.ts';
import type { Probe } from './probe.ts';
import { secure } from './secure.io.ts';
import { endpointOf, endpointText } from './targets.ts';
import type { From } from './tcp.io.ts';

/**
 * An anchor's certificate. What takes every connection on the way, a portal or a box that reads along, cannot show it;
 * one whose certificate this host was made to trust can, so it labels and restores nothing.
 */
export function tlsProbe(anchors: readonly Anchor[], { from, ntp }: Readonly<{ from: From; ntp: Ntp }>): Probe {
  const asked = new Map(anchors.map((anchor) => [endpointText(anchor), anchor]));
  return async ({ target, timeoutMs }, signal) => {
    const { tls: certificate, name, host } = asked.get(target) ?? {};
    if (certificate === undefined || host === undefined) return { is: 'unknown', why: 'notConfigured', detail: target };
    const startedMs = realClock.monoMs();
    const took = (): Millis => millis(realClock.monoMs() - startedMs);
    const dialled = await dial({ ...endpointOf(target), ...from, timeoutMs }, signal);
    if ('finding' in dialled) return dialled.finding;
    const leftMs = millis(Math.max(1, timeoutMs - took()));
    const expected = { certificate, name: name ?? host, serversMin: 1 };
    const secured = await secure({ socket: dialled.socket, expected, ntp, timeoutMs: leftMs }, signal);
    if ('finding' in secured) return secured.finding;
    secured.socket.destroy();
    const { fault, detail } = secured;
    if (fault !== null) return { is: 'down', why: 'notVerified', tookMs: took(), detail: fault };
    return { is: 'up', tookMs: took(), ...(detail === undefined ? {} : { detail }) };
  };
}
