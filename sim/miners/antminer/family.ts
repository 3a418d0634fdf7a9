import { oldBuildOf } from '../antminer-old/build.ts';
import { newPages } from '../antminer-old/page.ts';
import * as oldRpc from '../antminer-old/rpc.ts';
import type { Device } from '../device.ts';
import type { Request } from '../envelope.ts';
import type { Family, Outcome, RpcSaid, WebRequest } from '../family.ts';
import { buildOf } from './build.ts';
import { cgi } from './cgi.ts';
import { type Page, page } from './page.ts';
import * as rpc from './rpc.ts';
import { warnings } from './warnings.ts';

/** Stock firmware, old and of 2020 and later, as the model's name has it: digest web pages, and a read-only RPC. */
export const antminerStock: Family = {
  family: 'antminer-stock',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: cgi(bench, pagesOf()) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: answerRpc },
    { port: 'alt', side: 'web', speaks: 'http', answer: warnings, optional: (look) => buildOf(look).withWarnings },
  ],
};

function pagesOf(): (device: Device, asked: WebRequest) => Page {
  const oldPage = newPages();
  return (device, asked) => {
    const old = oldBuildOf(device.look);
    return old ? oldPage(device, asked, old) : page(device, asked);
  };
}

function answerRpc(device: Device, asked: Request | null): Outcome<RpcSaid> {
  const old = oldBuildOf(device.look);
  if (old) return oldRpc.answer(device, asked, old);
  return { reply: asked === null ? rpc.invalidJson(device) : rpc.answer(device, asked) };
}
