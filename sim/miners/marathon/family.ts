import { newGate } from '../antminer/gate.ts';
import * as stock from '../antminer/rpc.ts';
import type { Device } from '../device.ts';
import { envelope, parseObject, type Reply, type Request } from '../envelope.ts';
import {
  type Bench,
  type Family,
  htmlReply,
  jsonReply,
  type Outcome,
  type WebReply,
  type WebRequest,
} from '../family.ts';
import { type Config, newConfig } from './config.ts';
import { FIRMWARE, modelOf, READS } from './reads.ts';

/** Marathon's firmware for Antminers: it kept the stock page's digest, and has its own API behind it. */
export const marathon: Family = {
  family: 'marathon',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: webOf(bench) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: (device, asked) => ({ reply: rpc(device, asked) }) },
  ],
};

const BASE = '/kaonsu/v1/';
const HOME = htmlReply('<html><head><title>MaraFW</title></head><body></body></html>');
const NOT_FOUND = jsonReply({ error: 'not found' }, 404);
const BAD = jsonReply({ error: 'invalid parameter' }, 400);
const DONE = jsonReply({ message: 'ok' });

function webOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const gate = newGate(bench);
  const config = newConfig();
  return (device, asked) => {
    const refusal = gate(device, asked);
    if (refusal) return { reply: refusal };
    if (asked.path === '/') return { reply: HOME };
    if (!asked.path.startsWith(BASE)) return { reply: NOT_FOUND };
    const name = asked.path.slice(BASE.length);
    return asked.method === 'POST' ? write(device, config, { name, body: asked.body }) : read(device, config, name);
  };
}

function read(device: Device, config: Config, name: string): Outcome<WebReply> {
  if (name === 'miner_config') return { reply: jsonReply(config.read(device)) };
  const page = Object.hasOwn(READS, name) ? READS[name] : undefined;
  return { reply: page ? jsonReply(page(device)) : NOT_FOUND };
}

type Written = Readonly<{ name: string; body: string }>;

function write(device: Device, config: Config, { name, body }: Written): Outcome<WebReply> {
  switch (name) {
    case 'maintenance':
      return maintenance(parseObject(body)?.type);
    case 'locate_miner': {
      const blinking = parseObject(body)?.blinking;
      return typeof blinking === 'boolean' ? { reply: DONE, change: { blink: blinking } } : { reply: BAD };
    }
    case 'miner_config': {
      const written = config.write(device, body);
      return written ? { reply: DONE, ...written } : { reply: BAD };
    }
    default:
      return { reply: NOT_FOUND };
  }
}

function maintenance(type: unknown): Outcome<WebReply> {
  if (type === 'reload') return { reply: DONE, action: 'restart' };
  return type === 'reboot' ? { reply: DONE, action: 'reboot' } : { reply: BAD };
}

/** The stock RPC with its own banner. */
function rpc(device: Device, asked: Request | null): Reply {
  if (asked === null) return stock.invalidJson(device);
  if (asked.command !== 'version') return stock.answer(device, asked);
  const by = 'kaonsu 1.1.0';
  const row = { API: '3.1', KaonSu: FIRMWARE, Miner: 'MARAFW', Model: modelOf(device), Type: modelOf(device) };
  return envelope({ letter: 'S', code: 22, msg: 'CGMiner versions', by, wallS: device.wallS }, { VERSION: [row] });
}
