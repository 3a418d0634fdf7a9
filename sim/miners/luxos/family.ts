import { refusal, status } from '../cgminer.ts';
import type { Device } from '../device.ts';
import { envelope, type Reply, type Request } from '../envelope.ts';
import { type Bench, type Family, htmlReply, type Outcome } from '../family.ts';
import { BY, READS } from './reads.ts';
import { newSession, type Session } from './session.ts';
import { POOL_WRITES, TAKEN, take, WRITES } from './writes.ts';

const HOME = '<html><head><title>Luxor Firmware</title></head><body></body></html>';

/** LuxOS: open reads, and writes for whoever holds the one session (protocol sheet, section 8). */
export const luxos: Family = {
  family: 'luxos',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: answererOf(bench) },
    {
      port: 'http',
      side: 'web',
      speaks: 'http',
      answer: (_, { path }) => ({ reply: path === '/' ? htmlReply(HOME) : htmlReply('', 404) }),
    },
  ],
};

// The sheet says that a stale id is an error, and not which.
const NO_SESSION = 301;
const BUSY = 402;

function answererOf(bench: Bench): (device: Device, asked: Request | null) => Outcome<Reply> {
  const session = newSession(bench.random);
  return (device, asked) => {
    const refuse = (code: number, msg: string): Outcome<Reply> => ({ reply: refusal(device, BY, { code, msg }) });
    if (asked === null) return refuse(23, 'Invalid JSON');
    const { command, parameter } = asked;
    const held = aboutSession(device, asked, { session, nowMs: bench.monoMs() });
    if (held !== null) return held;
    const name = command ?? '';
    if (Object.hasOwn(READS, name)) return { reply: READS[name]?.(device) ?? null };
    if (Object.hasOwn(POOL_WRITES, name)) return POOL_WRITES[name]?.(device, parameter.split(',')) ?? { reply: null };
    const write = Object.hasOwn(WRITES, name) ? WRITES[name] : TAKEN.test(name) ? take : undefined;
    if (write === undefined) return refuse(14, 'Invalid command');
    const [sid = '', ...values] = parameter.split(',');
    if (!session.holds(sid, bench.monoMs())) return refuse(NO_SESSION, 'Invalid session id');
    const outcome = write(device, values);
    if (outcome.action === 'reboot' && !device.look.heedless) session.close();
    return outcome;
  };
}

type Held = Readonly<{ session: Session; nowMs: number }>;

/** null: the command is none of these three. */
function aboutSession(device: Device, asked: Request, { session, nowMs }: Held): Outcome<Reply> | null {
  const say = (code: number, msg: string, sid: string): Outcome<Reply> => ({
    reply: envelope(status(device, BY, { code, msg }), { SESSION: [{ SessionID: sid }] }),
  });
  const refuse = (code: number, msg: string): Outcome<Reply> => ({ reply: refusal(device, BY, { code, msg }) });
  switch (asked.command) {
    case 'logon': {
      const sid = session.open(nowMs);
      return sid === null ? refuse(BUSY, 'Another session is active') : say(316, 'Session created', sid);
    }
    case 'session':
      return say(319, 'Session information', session.active(nowMs) ?? '');
    case 'logoff': {
      if (!session.holds(asked.parameter, nowMs)) return refuse(NO_SESSION, 'Invalid session id');
      session.close();
      return { reply: envelope(status(device, BY, { code: 317, msg: 'Session ended' })) };
    }
    default:
      return null;
  }
}
