import type { Act, HttpMethod } from '../driver.ts';
import { isObject, type Json, type JsonObject, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link } from '../link.ts';
import { textOf } from '../normalise.ts';
import type { PoolSetting } from '../order.ts';
import { SLOTS } from './pools.ts';
import { info } from './queries.ts';

const WRITE_MS = 10_000;

type Write = Readonly<{ path: string; method?: HttpMethod; body?: Json }>;
const write = (link: Link, { path, method = 'POST', ...rest }: Write): Promise<Delivery> =>
  link.order({ via: 'http', name: path, path, method, open: true, timeoutMs: WRITE_MS, ...rest });

/**
 * 401 is not about a password, for there is none: it answers callers of its own network alone, or wants a one-time code
 * (fact sheet 16, 18.4). Its web server says 405 to a page that it has no such method for.
 */
export function judged(delivery: Delivery): ActAnswer {
  if (delivery.ok) return actAnswer(delivery);
  if (/HTTP 401/.test(delivery.detail)) {
    const detail = 'HTTP 401: it takes orders from its own network only, or wants a one-time code';
    return { result: 'auth_failed', detail };
  }
  if (isAbsent(delivery))
    return { result: 'unsupported', detail: `this firmware has no such page (${delivery.detail})` };
  return actAnswer(delivery);
}

const isAbsent = (delivery: Delivery): boolean =>
  !delivery.ok && (delivery.why === 'absent' || /HTTP 405/.test(delivery.detail));

const simple =
  (path: string): Act =>
  async (link) =>
    judged(await write(link, { path }));

/** The whole controller starts again: there is no less (fact sheet 16). */
export const reboot = simple('/api/system/restart');
export const sleep = simple('/api/system/pause');
export const wake = simple('/api/system/resume');

/** How long it shows itself before it stops of its own (fact sheet 16). */
const LIT_MS = 30_000;
type Lit = Readonly<{ is: 'lit'; atMs: number }>;
const isLit = (kept: unknown): kept is Lit => typeof kept === 'object' && kept !== null && (kept as Lit).is === 'lit';

const asIs = (detail: string): ActAnswer => ({ result: 'sent', detail });

/**
 * A toggle whose state cannot be read: asked twice it would go out again. So what we lit ourselves is remembered, and
 * nothing is sent that would turn it the wrong way. `paths`: the first that the firmware has.
 */
export const locate =
  (paths: readonly string[]): Act<'locate'> =>
  async (link, { on }) => {
    const lit = isLit(link.kept.session) && link.monoMs() - link.kept.session.atMs < LIT_MS;
    if (lit === on) return asIs(on ? 'it shows itself already' : 'it stops of its own after 30 s');
    const answer = judged(await firstOf(link, paths));
    if (answer.result === 'sent') link.kept.session = on ? ({ is: 'lit', atMs: link.monoMs() } satisfies Lit) : null;
    return answer;
  };

/** Asks the first page that the firmware has. */
export async function firstOf(link: Link, [path = '', ...others]: readonly string[]): Promise<Delivery> {
  const delivery = await write(link, { path });
  return isAbsent(delivery) && others.length > 0 ? firstOf(link, others) : delivery;
}

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

/** The settings are written, and used after a restart only (fact sheet 16). */
export const setPools: Act<'pools'> = async (link, { pools }) => {
  if (pools.length < 1 || pools.length > SLOTS.length) return refused('it takes one or two pools');
  const before = await link.ask(info);
  if (!before.ok) return judged({ ...before, sent: false });
  if (before.repaired || !isObject(before.reply)) return refused('its settings could not be read in full');
  const parts = SLOTS.map((slot, at) => slotOf(slot, pools[at], before.reply));
  const wrong = parts.find((part) => typeof part === 'string');
  if (wrong !== undefined) return refused(wrong);
  const written = judged(
    await write(link, { path: '/api/system', method: 'PATCH', body: Object.assign({}, ...parts) }),
  );
  if (written.result !== 'sent') return written;
  const restarted = await reboot(link, { action: 'reboot' });
  if (restarted.result === 'sent' || restarted.result === 'no_reply') return asIs('written, and restarted for it');
  return asIs(`written, and used from its next restart on: ${restarted.detail}`);
};

const SCHEMES: Readonly<Record<string, boolean>> = {
  '': false,
  tcp: false,
  'stratum+tcp': false,
  'stratum+ssl': true,
  'stratum+tls': true,
};

/** The keys of one pool, or why they cannot be written. A pool that is not wanted any more goes. */
function slotOf(slot: (typeof SLOTS)[number], pool: PoolSetting | undefined, now: Json): JsonObject | string {
  if (pool === undefined) return textOf(property(now, `${slot}URL`)) === null ? {} : { [`${slot}URL`]: '' };
  const [, scheme = '', host = '', port = ''] = /^(?:([a-z0-9+]+):\/\/)?([^/:\s]+):(\d+)\/?$/i.exec(pool.url) ?? [];
  const tls = SCHEMES[scheme.toLowerCase()];
  if (host === '' || tls === undefined) return `it takes no pool such as ${pool.url}`;
  const known = property(now, `${slot}TLS`);
  if (tls && typeof known !== 'boolean') return 'it is not known how this firmware is told to use TLS';
  return {
    [`${slot}URL`]: host,
    [`${slot}Port`]: Number(port),
    [`${slot}User`]: pool.worker,
    [`${slot}Password`]: pool.password,
    ...(typeof known === 'boolean' ? { [`${slot}TLS`]: tls } : {}),
  };
}
