import { minerId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import { newPlant } from '../../../sim/index.ts';
import { type Device, threePools } from '../../../sim/miners/device.ts';
import { familyOf } from '../../../sim/miners/families.ts';
import type { Bench, Door, WebReply, WebRequest } from '../../../sim/miners/family.ts';
import { look } from '../../../sim/plant/look.ts';
import { aSite, S19 } from '../site.ts';

/** One miner without sockets and without a clock: for what depends on hours of real time. */
export type Alone = Readonly<{ device: Device; doors: readonly Door[]; time: { monoMs: number } }>;

export function alone(name: string, model = S19): Alone {
  const address = '10.0.0.1';
  const site = aSite({ feed: 'site', capW: 100_000, miners: [{ address, model, family: name }] });
  const seen = look(newPlant({ site, seed: 1 }), minerId(address));
  if (seen === null) throw new Error('no such miner');
  const pools = threePools([{ url: 'stratum+tcp://pool:3333', user: 'farm.1', pass: 'x' }]);
  const device = { look: seen, address, pools, blink: false, powerLimitW: null, wallS: 1_795_645_626 };
  const time = { monoMs: 0 };
  const family = familyOf(name);
  const bench: Bench = {
    random: seededRandom(1),
    monoMs: () => time.monoMs,
    account: () => family.account,
    confWriteMs: 0,
    model,
  };
  return { device, doors: family.doors(bench), time };
}

type Asked = Readonly<{ path: string; method?: string; json?: unknown; headers?: Readonly<Record<string, string>> }>;

/** One HTTP request to its first door that speaks it. */
export function askWeb({ device, doors }: Alone, { path, method = 'GET', json, headers = {} }: Asked): WebReply | null {
  const body = json === undefined ? '' : JSON.stringify(json);
  const request: WebRequest = { method, uri: path, path, query: new URLSearchParams(), headers, body };
  for (const door of doors) if (door.speaks === 'http') return door.answer(device, request, '127.0.0.1').reply;
  throw new Error('it has no web door');
}

/** One JSON command to its RPC. */
export function askRpc({ device, doors }: Alone, command: string, parameter = ''): Record<string, unknown> {
  const request = { text: false, command, parameter, json: { command, parameter } };
  for (const door of doors) {
    if (door.speaks === 'rpc') return door.answer(device, request, '127.0.0.1').reply as Record<string, unknown>;
  }
  throw new Error('it has no RPC');
}
