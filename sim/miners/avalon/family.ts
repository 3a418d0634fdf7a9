import { answerRead, refusal } from '../cgminer.ts';
import type { Device } from '../device.ts';
import { asText, envelope, type Reply, type Request } from '../envelope.ts';
import type { Bench, Family, Outcome, RpcSaid } from '../family.ts';
import { ascset, type Pending } from './ascset.ts';
import { buildOf } from './build.ts';
import { BY, HOME_READS, READS } from './reads.ts';

/** cgminer's own API, with reads and writes open to the network (protocol sheet, section 6). */
export const avalon: Family = {
  family: 'avalon',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [{ port: 'rpc', side: 'api', speaks: 'rpc', answer: answererOf(bench) }],
};

function answererOf(bench: Bench): (device: Device, asked: Request | null) => Outcome<RpcSaid> {
  const pending: Pending = { pools: null };
  return (device, asked) => {
    const outcome = answer(device, asked, { account: bench.account(device), pending });
    if (outcome.reply === null || asked?.text !== true) return outcome;
    // The home models answer with JSON whatever they are asked with.
    const home = buildOf(device.look).kind === 'home';
    return { ...outcome, reply: home ? JSON.stringify(outcome.reply) : asText(outcome.reply, false) };
  };
}

function answer(device: Device, asked: Request | null, own: Parameters<typeof ascset>[2]): Outcome<Reply> {
  const refuse = (code: number, msg: string): Outcome<Reply> => ({ reply: refusal(device, BY, { code, msg }) });
  if (asked === null) return refuse(23, 'Invalid JSON');
  const { command } = asked;
  if (command === null) return refuse(14, 'Invalid command');
  const closed = device.look.writesOff;
  if (command === 'privileged' && !closed) {
    return { reply: envelope({ letter: 'S', code: 46, msg: 'Privileged access OK', by: BY, wallS: device.wallS }) };
  }
  if (/^(privileged|ascset|restart|quit|addpool|removepool|switchpool)$/.test(command) && closed) {
    return refuse(45, `Access denied to '${command}' command`);
  }
  if (command === 'restart') return { reply: { STATUS: 'RESTART', id: 1 }, action: 'restart' };
  if (command === 'ascset') return ascset(device, asked.parameter, own);
  const reads = buildOf(device.look).kind === 'home' ? HOME_READS : READS;
  const reply = answerRead(device, asked, reads);
  return reply === null ? refuse(14, 'Invalid command') : { reply };
}
