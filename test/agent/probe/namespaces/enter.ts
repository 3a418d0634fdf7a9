import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Answer, Judged, Order } from './lab.ts';

// Network and mount namespaces of its own, under a user namespace where that is permitted; root needs none. Nothing of it
// outlives the process.
const WAYS = [
  ['-Urnm', '--kill-child=KILL'],
  ['-nm', '--kill-child=KILL'],
] as const;
type Way = (typeof WAYS)[number];

/** What this machine says to it; null: it permits it. */
function refusal(way: Way): string | null {
  const first = 'mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && ip netns add x && ip link add y type veth';
  try {
    execFileSync('unshare', [...way, 'sh', '-c', first], { stdio: ['ignore', 'ignore', 'pipe'] });
    return null;
  } catch (error) {
    return String((error as Error).message).replace(/\s+/g, ' ');
  }
}

const PERMITTED_WAY = WAYS.find((way) => refusal(way) === null);
const REFUSED = PERMITTED_WAY === undefined ? refusal(WAYS[0]) : null;
/** Said loudly where it is false. */
export const PERMITTED = PERMITTED_WAY !== undefined;
if (!PERMITTED && process.env.RELIGHT_NEED_NAMESPACES)
  throw new Error(`no network namespaces, and here they may not be missing: ${REFUSED}`);
if (!PERMITTED) console.warn(`SKIPPED: no network namespaces, links and routes are not broken for real: ${REFUSED}`);

export type Lab = Readonly<{
  /** One round in networks made anew and then broken. Rejects with what the lab said. */
  round(order: Partial<Order> & Pick<Order, 'reachability'>): Promise<readonly Judged[]>;
  stop(): Promise<void>;
}>;

export async function enter(): Promise<Lab> {
  const file = new URL('./lab.ts', import.meta.url).pathname;
  const child = spawn('unshare', [...(PERMITTED_WAY ?? WAYS[0]), process.execPath, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the lab has ended');
    return value;
  };
  await heard();
  return {
    async round(order) {
      const whole: Order = { ip: [], sh: [], path: process.env.PATH ?? '', ...order };
      child.stdin.write(`${JSON.stringify(whole)}\n`);
      const answer = JSON.parse(await heard()) as Answer;
      if ('error' in answer) throw new Error(answer.error);
      return answer.verdicts;
    },
    async stop() {
      child.kill('SIGKILL'); // its child goes with it, and with that the namespaces
      await ended;
    },
  };
}
