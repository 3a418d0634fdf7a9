import type { Device } from '../device.ts';
import { parseObject, type Reply, type Request } from '../envelope.ts';
import type { Bench, Family, Outcome } from '../family.ts';
import { control, refusal, READS as V2_READS } from '../whatsminer/reads.ts';
import { saltOf } from '../whatsminer/tokens.ts';
import { deviceInfo, FIRMWARE, SETTINGS, STATUS } from './reads.ts';
import { tokenOf } from './token.ts';
import { isWrite, wanted } from './writes.ts';

/**
 * Firmware of 2024-11 and later: frames on 4433, each write with a token of its own. On the real ones writes are also
 * closed while the password is the maker's; here the default login is the operator's own.
 */
export const whatsminerV3: Family = {
  family: 'whatsminer-v3',
  account: { user: 'super', password: 'super' },
  doors: (bench) => [
    { port: 'v3', side: 'api', speaks: 'v3', answer: answererOf(bench) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: (device, asked) => ({ reply: oldPort(device, asked) }) },
  ],
};

/** Accounts beside `super`, whose passwords are their names; they may read. */
const READERS = new Set(['user1', 'user2', 'user3']);

function answererOf(bench: Bench): (device: Device, text: string) => Outcome<Reply> {
  const salt = saltOf(bench.random);
  return (device, text) => {
    const request = parseObject(text);
    const cmd = String(request?.cmd ?? '');
    const say = (code: number, msg: unknown): Reply => ({ code, when: device.wallS, msg, desc: cmd });
    if (request === null) return { reply: say(-1, 'invalid json') };
    if (!isWrite(cmd)) return { reply: read(device, { cmd, param: request.param, salt }, say) };
    const { user, password } = bench.account(device);
    const account = String(request.account ?? '');
    const proof = { cmd, password: READERS.has(account) ? account : password, salt, ts: Number(request.ts) };
    const known = account === user || READERS.has(account);
    if (!known || !Number.isInteger(request.ts) || request.token !== tokenOf(proof)) {
      return { reply: say(-1, 'invalid token') };
    }
    if (account !== user || device.look.writesOff) return { reply: say(-2, 'no permission') };
    const order = wanted(device, proof, request.param);
    if (typeof order === 'number') return { reply: say(order, order === -3 ? 'param missing' : 'invalid param') };
    return { reply: say(0, 'ok'), ...order };
  };
}

type Question = Readonly<{ cmd: string; param: unknown; salt: string }>;

function read(device: Device, { cmd, param, salt }: Question, say: (code: number, msg: unknown) => Reply): Reply {
  if (cmd === 'get.device.info') {
    const all = deviceInfo(device, salt);
    if (param === undefined) return say(0, all);
    return Object.hasOwn(all, String(param))
      ? say(0, { [String(param)]: all[String(param)] })
      : say(-2, 'invalid param');
  }
  if (cmd === 'get.miner.status') {
    if (param === undefined) return say(0, {});
    const part = Object.hasOwn(STATUS, String(param)) ? STATUS[String(param)] : undefined;
    return part ? say(0, { [String(param)]: part(device) }) : say(-2, 'invalid param');
  }
  const setting = Object.hasOwn(SETTINGS, cmd) ? SETTINGS[cmd] : undefined;
  return setting ? say(0, setting(device)) : say(-2, 'invalid cmd');
}

/** What is left of V2 on 4028: enough to be recognised, and no figures. */
function oldPort(device: Device, asked: Request | null): Reply {
  const { command } = asked ?? { command: null };
  if (command === 'get_version') {
    return control(device, 131, { api_ver: '3.0.2', fw_ver: FIRMWARE, platform: 'H616', chip: '' });
  }
  const details = command === 'devdetails' ? V2_READS.devdetails : undefined;
  return details ? details(device) : refusal(device, 14, 'invalid cmd');
}
