import { cgi } from '../antminer/cgi.ts';
import type { Device } from '../device.ts';
import type { Request } from '../envelope.ts';
import type { Family, Outcome, RpcSaid } from '../family.ts';
import { readsOnly } from '../read-only.ts';
import { page } from './page.ts';
import { pools, stats, summary, version } from './rpc.ts';

/** MSKMiner on an Antminer of the S9's time. */
export const mskminer: Family = {
  family: 'mskminer',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: cgi(bench, page) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: rpc },
  ],
};

const others = readsOnly('bmminer 1.0.0', { version, summary, pools });
const rpc = (device: Device, asked: Request | null): Outcome<RpcSaid> =>
  asked?.command === 'stats' && !asked.text ? { reply: stats(device) } : others(device, asked);
