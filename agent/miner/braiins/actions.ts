import type { Act, Query } from '../driver.ts';
import { statusOf } from '../envelope.ts';
import { isArray, isObject, type Json, objectsOf, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Fault, type Link } from '../link.ts';
import { flagOf, positive, textOf } from '../normalise.ts';
import type { MinerAction, OrderOf } from '../order.ts';
import * as call from './calls.ts';
import * as mutation from './mutations.ts';
import { constraints, details, GRAPHQL_SIGN, GRPC_SIGN, poolGroups, REST_SIGN } from './queries.ts';
import { state } from './rest.ts';

/** A process that stops or starts its boards answers late. */
const WRITE_MS = 20_000;
const RPC_MS = 10_000;
const INVALID_COMMAND = 14;

const sent = (detail: string | null = null): ActAnswer => ({ result: 'sent', detail });
const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

/** How an order goes out through each API; left out = that API has none (fact sheet 7.4, 19.2). */
type Ways<K extends MinerAction> = Readonly<{ rest: Act<K>; grpc: Act<K>; graphql?: Act<K>; rpc?: Act<K> }>;
type Api = keyof Ways<MinerAction>;

const WITHOUT: Readonly<Record<Api, string>> = {
  rest: 'REST',
  grpc: 'gRPC',
  graphql: 'GraphQL only, without REST',
  rpc: 'port 4028 only, with neither REST nor GraphQL',
};

const through =
  <K extends MinerAction>(ways: Ways<K>): Act<K> =>
  async (link, order) => {
    for (let skip: readonly Api[] = []; ; ) {
      const api = await apiOf(link, skip);
      if (typeof api !== 'string') return api;
      const way = ways[api];
      if (way === undefined) {
        return { result: 'unsupported', detail: `this build has ${WITHOUT[api]}, and no ${order.action} through that` };
      }
      const answer = await way(link, order);
      // Early builds answer on that port and lack services (fact sheet 7.4): nothing was done, so another way is open.
      if (api !== 'grpc' || answer.result !== 'unsupported') return answer;
      skip = ['grpc'];
    }
  };

const SAYS_NO: ReadonlySet<Fault> = new Set(['denied', 'no_credentials', 'auth_failed']);
const NOT_THERE: ReadonlySet<Fault> = new Set(['absent', 'refused', 'garbage']);

const SIGNS: readonly (readonly [Api, readonly Query[]])[] = [
  ['rest', REST_SIGN],
  ['grpc', [GRPC_SIGN]],
  ['graphql', GRAPHQL_SIGN],
];

/** The newest API that it has; an answer where the line does not tell. */
async function apiOf(link: Link, skip: readonly Api[]): Promise<Api | ActAnswer> {
  for (const [api, queries] of SIGNS.filter(([one]) => !skip.includes(one))) {
    for (const query of queries) {
      const answer = await link.ask(query);
      if (answer.ok || SAYS_NO.has(answer.why)) return api;
      // A port of its own may be closed off, or have another behind it: that says nothing of the page.
      if (api !== 'grpc' && !NOT_THERE.has(answer.why)) return actAnswer({ ...answer, sent: false });
    }
  }
  return 'rpc';
}

/** PUT of the REST API: a flag, a document, or nothing at all (204) comes back. */
async function put(link: Link, path: string, body?: Json) {
  const order = { via: 'http', name: path, path: `/api/v1/${path}`, method: 'PUT', timeoutMs: WRITE_MS } as const;
  return link.order({ ...order, ...(body === undefined ? {} : { body }) });
}

const simple =
  (path: string): Act =>
  async (link) =>
    actAnswer(await put(link, path));

/** Answered by whether it was so already (fact sheet 7.2). */
const change =
  (path: string): Act =>
  async (link) => {
    const delivery = await put(link, path);
    return delivery.ok && delivery.reply === true ? sent('it was so already, says the device') : actAnswer(delivery);
  };

/** Writes of port 4028, which want no password (fact sheet 7.4). */
const say =
  (command: string): Act =>
  async (link) => {
    const delivery = await link.say(JSON.stringify({ command }), RPC_MS);
    if (!delivery.ok) return actAnswer(delivery);
    const status = statusOf(delivery.reply ?? {});
    if (status === null) return { result: 'no_reply', detail: 'an answer without a status' };
    if (!/^[EF]$/.test(status.letter)) return sent();
    const detail = `${status.message || 'no reason'} (code ${status.code ?? 'none'})`;
    return { result: status.code === INVALID_COMMAND ? 'unsupported' : 'refused', detail };
  };

export const restart = through<'restart'>({
  rest: simple('actions/restart'),
  grpc: call.restart,
  graphql: mutation.restart,
});
export const reboot = through<'reboot'>({
  rest: simple('actions/reboot'),
  grpc: call.reboot,
  graphql: mutation.reboot,
});
export const sleep = through<'sleep'>({
  rest: change('actions/pause'),
  grpc: call.pause,
  graphql: mutation.stop,
  rpc: say('pause'),
});

const resume = change('actions/resume');
const start = change('actions/start');

export const wake = through<'wake'>({
  // One whose process was stopped has nothing to resume.
  rest: async (link, order) => {
    const before = await link.ask(details);
    if (!before.ok && SAYS_NO.has(before.why)) return actAnswer({ ...before, sent: false });
    return before.ok && state(before.reply) === 'stopped' ? start(link, order) : resume(link, order);
  },
  grpc: call.wake,
  graphql: mutation.start,
  rpc: say('resume'),
});

export const locate = through<'locate'>({
  rest: async (link, { on }) => {
    const delivery = await put(link, 'actions/locate', on);
    if (!delivery.ok) return actAnswer(delivery);
    const now = flagOf(delivery.reply ?? undefined);
    return now === null || now === on ? sent() : refused(`its light is ${now ? 'on' : 'off'}, says the device`);
  },
  grpc: call.locate,
  graphql: mutation.locate,
});

type Range = Readonly<{ min: number | null; max: number | null }>;
const DEPTH_MAX = 4;

/** `power_target` with its `min` and `max`, wherever the constraints have it (fact sheet 7.2 does not say). */
function rangeIn(reply: Json | undefined, depth = 0): Range | null {
  if (!isObject(reply) || depth > DEPTH_MAX) return null;
  const [min, max] = ['min', 'max'].map((key) => {
    const bound = property(property(reply, 'power_target'), key);
    return positive(property(bound, 'watt') ?? bound);
  });
  if (min != null || max != null) return { min: min ?? null, max: max ?? null };
  const inner = Object.values(reply).map((value) => rangeIn(value, depth + 1));
  return inner.find((range) => range !== null) ?? null;
}

export const powerLimit = through<'powerLimit'>({
  rest: async (link, { powerW }) => {
    const answer = await link.ask(constraints);
    if (!answer.ok && SAYS_NO.has(answer.why)) return actAnswer({ ...answer, sent: false });
    const range = answer.ok ? rangeIn(answer.reply) : null;
    const [min, max] = [range?.min ?? null, range?.max ?? null];
    if (min !== null && powerW < min) return refused(`its lowest power target is ${min} W`);
    const watt = max === null ? powerW : Math.min(powerW, Math.floor(max));
    const delivery = await put(link, 'performance/power-target', { watt });
    if (!delivery.ok) return actAnswer(delivery);
    const set = positive(property(delivery.reply ?? {}, 'watt'));
    return sent(set === null || set === powerW ? null : `a power target of ${set} W`);
  },
  grpc: call.powerLimit,
  graphql: mutation.powerLimit,
});

export const pools = through<'pools'>({ rest: putPools, grpc: call.pools });

/** All groups are replaced by one; nothing is written unless those that are there could be read, in full. */
async function putPools(link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> {
  const groups = await groupsNow(link);
  if (!groups.ok) return groups.answer;
  const name = groups.list.map((group) => textOf(property(group, 'name'))).find((one) => one !== null) ?? 'default';
  const list = wanted.map(({ url, worker, password }) => ({ url, user: worker, password, enabled: true }));
  const group = { name, load_balance_strategy: { quota: { value: 1 } }, pools: list };
  return actAnswer(await put(link, 'pools/batch', [group]));
}

type Groups = Readonly<{ ok: true; list: ReturnType<typeof objectsOf> }> | Readonly<{ ok: false; answer: ActAnswer }>;

async function groupsNow(link: Link): Promise<Groups> {
  let why: ActAnswer = refused('its pools could not be read, so none are written');
  for (const query of poolGroups) {
    const answer = await link.ask(query);
    if (answer.ok && !answer.repaired && isArray(answer.reply)) return { ok: true, list: objectsOf(answer.reply) };
    if (!answer.ok && SAYS_NO.has(answer.why)) return { ok: false, answer: actAnswer({ ...answer, sent: false }) };
    if (!answer.ok) why = refused(`its pools could not be read (${answer.detail}), so none are written`);
  }
  return { ok: false, answer: why };
}
