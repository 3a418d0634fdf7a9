import type { Device } from '../device.ts';
import type { Bench, Outcome, WebReply, WebRequest } from '../family.ts';
import { REALM } from './digest.ts';
import { newGate, SERVER } from './gate.ts';
import type { Page } from './page.ts';

/** CGI pages behind a digest: what the stock firmware has, and all that were made after it. */
export function cgi(
  bench: Bench,
  page: (device: Device, asked: WebRequest) => Page,
  realm: string = REALM,
): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const gate = newGate(bench, realm);
  return (device, asked) => {
    const refusal = gate(device, asked);
    if (refusal) return { reply: refusal };
    const { status, body, action, delayMs: own, ...change } = page(device, asked);
    if (status === null) return { reply: null, action, change };
    const delayMs = own ?? (change.pools === null ? 0 : bench.confWriteMs);
    const reply = { status, headers: { ...SERVER, 'Content-Type': 'application/json' }, body, delayMs };
    return { reply, action, change };
  };
}
