import { cgi } from '../antminer/cgi.ts';
import { page } from '../antminer/page.ts';
import * as stock from '../antminer/rpc.ts';
import { type Device, plainModel, whole } from '../device.ts';
import type { Reply, Request } from '../envelope.ts';
import type { Family } from '../family.ts';

/** Hiveon on an Antminer: the stock pages, with the stock realm, and an RPC that names it and knows its watts. */
export const hiveon: Family = {
  family: 'hiveon',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: cgi(bench, page) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: (device, asked) => ({ reply: rpc(device, asked) }) },
  ],
};

function rpc(device: Device, asked: Request | null): Reply {
  if (asked === null) return stock.invalidJson(device);
  const reply = stock.answer(device, asked);
  if (Array.isArray(reply.VERSION)) return { ...reply, VERSION: reply.VERSION.map((row) => named(device, row)) };
  if (asked.command !== 'stats' || !Array.isArray(reply.STATS)) return reply;
  const [head, body] = reply.STATS as Reply[];
  return { ...reply, STATS: [named(device, head), { ...body, ...watts(device) }] };
}

/** Its own name is in the type, and that of the miner it was made from in the version (capture of an S19x88). */
const named = ({ look }: Device, row: Reply | undefined): Reply => ({
  ...row,
  BMMiner: '4.11.1 rwglr',
  Type: `${plainModel(look).replace(/\s*\(?hiveon\)?/i, '')} Hiveon`,
});

function watts({ look }: Device): Reply {
  const hashing = look.boards.filter(({ rateThs }) => rateThs > 0).length;
  const rows = look.boards.map(({ rateThs }, index) => [
    `chain_power${index + 1}`,
    rateThs > 0 ? whole(look.powerW / hashing) : 0,
  ]);
  return { ...Object.fromEntries(rows), total_power: look.powerW };
}
