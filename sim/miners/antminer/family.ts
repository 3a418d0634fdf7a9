import type { Family } from '../family.ts';
import { buildOf } from './build.ts';
import { cgi } from './cgi.ts';
import { page } from './page.ts';
import * as rpc from './rpc.ts';
import { warnings } from './warnings.ts';

/** Stock firmware of 2020 and later: digest web pages, and a read-only RPC. */
export const antminerStock: Family = {
  family: 'antminer-stock',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: cgi(bench, page) },
    {
      port: 'rpc',
      side: 'api',
      speaks: 'rpc',
      answer: (device, asked) => ({ reply: asked === null ? rpc.invalidJson(device) : rpc.answer(device, asked) }),
    },
    { port: 'alt', side: 'web', speaks: 'http', answer: warnings, optional: (look) => buildOf(look).withWarnings },
  ],
};
