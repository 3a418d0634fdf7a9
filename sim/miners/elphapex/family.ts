import { cgi } from '../antminer/cgi.ts';
import { json, NOT_FOUND, type Page, page as stock } from '../antminer/page.ts';
import type { Device } from '../device.ts';
import type { Family, WebRequest } from '../family.ts';
import { READS } from './reads.ts';

/** Pages after the stock firmware's pattern, with a realm and keys of their own; written as those are. No RPC. */
export const elphapex: Family = {
  family: 'elphapex',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [{ port: 'http', side: 'web', speaks: 'http', answer: cgi(bench, page, REALM) }],
};

const REALM = 'Daoge Configuration';
const KEPT = /^\/(cgi-bin\/(set_miner_conf|blink|reboot)\.cgi)?$/;

function page(device: Device, asked: WebRequest): Page {
  const name = asked.path.replace(/^\/cgi-bin\//, '');
  const read = name !== asked.path && Object.hasOwn(READS, name) ? READS[name] : undefined;
  if (read) return json(read(device));
  return KEPT.test(asked.path) ? stock(device, asked) : NOT_FOUND;
}
