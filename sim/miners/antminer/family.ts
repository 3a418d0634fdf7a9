import type { Device } from '../device.ts';
import type { Bench, Family, Outcome, WebReply, WebRequest } from '../family.ts';
import { newGate, SERVER } from './gate.ts';
import { page } from './page.ts';
import * as rpc from './rpc.ts';

/** Stock firmware of 2020 and later: digest web pages, and a read-only RPC. */
export const antminerStock: Family = {
  family: 'antminer-stock',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: webOf(bench) },
    {
      port: 'rpc',
      side: 'api',
      speaks: 'rpc',
      answer: (device, asked) => ({ reply: asked === null ? rpc.invalidJson(device) : rpc.answer(device, asked) }),
    },
  ],
};

function webOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const gate = newGate(bench);
  return (device, asked) => {
    const refusal = gate(device, asked);
    if (refusal) return { reply: refusal };
    const { status, body, action, ...change } = page(device, asked);
    if (status === null) return { reply: null, action, change };
    const delayMs = change.pools === null ? 0 : bench.confWriteMs;
    const reply = { status, headers: { ...SERVER, 'Content-Type': 'application/json' }, body, delayMs };
    return { reply, action, change };
  };
}
