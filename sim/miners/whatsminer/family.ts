import type { Device } from '../device.ts';
import type { Reply, Request } from '../envelope.ts';
import type { Bench, Family, Outcome } from '../family.ts';
import { keysOf } from './cipher.ts';
import * as rpc from './rpc.ts';
import { newTokens, saltOf } from './tokens.ts';

/** The V2 API: open reads and encrypted writes on one port. */
export const whatsminerV2: Family = {
  family: 'whatsminer-v2',
  account: { user: 'admin', password: 'admin' },
  doors: (bench) => [{ port: 'rpc', side: 'api', speaks: 'rpc', answer: answererOf(bench) }],
};

export function answererOf(bench: Bench): (device: Device, asked: Request | null, client: string) => Outcome<Reply> {
  const salt = saltOf(bench.random);
  let known: ReturnType<typeof keysOf> | null = null;
  let present: Device | null = null;
  // Hashing a password takes milliseconds, so it is done once, when the first write needs it.
  const keys = () => {
    known ??= keysOf(present === null ? '' : bench.account(present).password, salt);
    return known;
  };
  const tokens = newTokens(keys, bench.random);
  return (device, asked, client) => {
    present = device;
    if (asked === null) return { reply: rpc.invalidJson(device) };
    const session = { keys, tokens, client, salt, monoMs: bench.monoMs() };
    return rpc.answer(device, session, asked);
  };
}
