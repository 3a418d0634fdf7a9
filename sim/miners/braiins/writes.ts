import { type Device, type PoolSlot, threePools } from '../device.ts';
import { jsonReply, type Outcome, type WebReply, type WebRequest } from '../family.ts';
import { powerRange, READS } from './reads.ts';

/** The memory of one device: whether its process was stopped rather than paused. */
export type Own = { stopped: boolean };

type Write = (device: Device, body: unknown, own: Own) => Outcome<WebReply>;

const bad = (message: string): Outcome<WebReply> => ({ reply: jsonReply({ message }, 400) });
const yes = (was: boolean): { reply: WebReply } => ({ reply: jsonReply(was) });

/** PUTs (protocol sheet, 7.2). The bool of pause and stop says whether it was so already. */
const WRITES: Readonly<Record<string, Write>> = {
  'actions/restart': () => ({ ...yes(true), action: 'restart' }),
  'actions/reboot': () => ({ reply: { status: 204, body: '' }, action: 'reboot' }),
  'actions/pause': ({ look }, _, own) => sleep(look.asleep, own, false),
  'actions/stop': ({ look }, _, own) => sleep(look.asleep, own, true),
  'actions/resume': ({ look }) => ({ ...yes(!look.asleep), action: look.asleep ? 'wake' : null }),
  'actions/start': ({ look }) => ({ ...yes(!look.asleep), action: look.asleep ? 'wake' : null }),
  'actions/locate': (_, body) =>
    typeof body === 'boolean' ? { ...yes(body), change: { blink: body } } : bad('expected a boolean'),
  'performance/power-target': setPower,
  'performance/power-target/default': (device) => ({
    reply: jsonReply(powerRange(device).default),
    change: { powerLimitW: null },
  }),
  'pools/batch': setPools,
};

export function write(device: Device, asked: WebRequest & { name: string }, own: Own): Outcome<WebReply> | null {
  const found = asked.method === 'PUT' && Object.hasOwn(WRITES, asked.name) ? WRITES[asked.name] : undefined;
  return found ? found(device, parse(asked.body), own) : null;
}

function parse(body: string): unknown {
  try {
    return body === '' ? null : JSON.parse(body);
  } catch {
    return null;
  }
}

function sleep(was: boolean, own: Own, stops: boolean): Outcome<WebReply> {
  own.stopped = stops;
  return { ...yes(was), action: was ? null : 'sleep' };
}

function setPower(device: Device, body: unknown): Outcome<WebReply> {
  const watt = (body as Readonly<{ watt?: unknown }> | null)?.watt;
  const { min, max } = powerRange(device);
  if (typeof watt !== 'number' || !Number.isInteger(watt)) return bad('watt is missing');
  if (watt < min.watt || watt > max.watt) return bad(`power target must be in ${min.watt}..${max.watt} W`);
  return { reply: jsonReply({ watt }), change: { powerLimitW: watt } };
}

/** The whole of the groups: those not named are gone. */
function setPools(device: Device, body: unknown): Outcome<WebReply> {
  const groups = Array.isArray(body) ? (body as readonly Readonly<{ pools?: unknown }>[]) : [];
  const pools = groups.flatMap(({ pools: rows }) => (Array.isArray(rows) ? rows.map(slot) : []));
  if ((pools[0]?.url ?? '') === '') return bad('no pools');
  const change = { pools: threePools(pools) };
  return { reply: jsonReply(READS.pools?.({ device: { ...device, ...change }, stopped: false })), change };
}

function slot(value: unknown): PoolSlot {
  const { url, user, password } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { url: String(url ?? ''), user: String(user ?? ''), pass: String(password ?? '') };
}
