import { answerRead, type Reads, refusal } from './cgminer.ts';
import type { Device } from './device.ts';
import type { Reply, Request } from './envelope.ts';
import type { Outcome } from './family.ts';

const WRITES =
  /^(restart|quit|privileged|addpool|removepool|switchpool|enablepool|disablepool|poolpriority|poolquota|save|setconfig|ascset|ascenable|ascdisable|zero|hotplug|failover-only|debug)$/;

/** An RPC port whose `api-allow` grants nothing but reads: what would change something gets code 45. */
export function readsOnly(by: string, reads: Reads): (device: Device, asked: Request | null) => Outcome<Reply> {
  return (device, asked) => {
    const refuse = (code: number, msg: string): Outcome<Reply> => ({ reply: refusal(device, by, { code, msg }) });
    if (asked === null) return refuse(23, 'Invalid JSON');
    if (WRITES.test(asked.command ?? '')) return refuse(45, `Access denied to '${asked.command}' command`);
    const reply = answerRead(device, asked, reads);
    return reply === null ? refuse(14, 'Invalid command') : { reply };
  };
}
