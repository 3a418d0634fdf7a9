import type { Act } from '../driver.ts';
import { isArray, isObject, type Json, type JsonObject, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { flagOf, textOf } from '../normalise.ts';
import type { PoolSetting } from '../order.ts';
import { pools, setting } from './queries.ts';
import { planOf, poolList, SLEEP_LEVEL, selected } from './read.ts';

const WRITE_MS = 15_000;
const NORMAL_LEVEL = 0;

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

async function put(link: Link, path: string, body: Json): Promise<ActAnswer> {
  const delivery = await link.order({ via: 'http', name: path, path, method: 'PUT', body, timeoutMs: WRITE_MS });
  if (!delivery.ok) return actAnswer(delivery);
  if (flagOf(property(delivery.reply ?? {}, 'success')) !== false) return { result: 'sent', detail: null };
  return refused(textOf(property(delivery.reply ?? {}, 'msg')) ?? 'the page says no');
}

type Before = Readonly<{ ok: true; reply: Json }> | Readonly<{ ok: false; answer: ActAnswer }>;

/** What is written back whole must have been read whole. */
async function readWhole(link: Link, query: typeof setting): Promise<Before> {
  const answer = await link.ask(query);
  if (!answer.ok) return { ok: false, answer: actAnswer({ ...answer, sent: false }) };
  const whole = !answer.repaired && (isObject(answer.reply) || isArray(answer.reply));
  if (!whole) return { ok: false, answer: refused(`its ${query.name} could not be read in full`) };
  return answer;
}

/** The plan that it slept from: whoever had it run on less gets that back, and no more. */
type Slept = Readonly<{ is: 'slept'; plan: number }>;
const isSlept = (kept: unknown): kept is Slept =>
  typeof kept === 'object' && kept !== null && (kept as Slept).is === 'slept';

/** One of its power plans is sleep, on models that have one; the setting is one object, written back whole (sheet 11). */
export const sleep: Act = async (link) => {
  const before = await readWhole(link, setting);
  if (!before.ok) return before.answer;
  const [plan, now] = [planOf(before.reply, SLEEP_LEVEL), selected(before.reply)];
  if (plan === null || now === null) return { result: 'unsupported', detail: 'it has no power plan for sleep' };
  const answer = await select(link, before.reply, plan);
  const slept = answer.result === 'sent' || answer.result === 'no_reply';
  if (slept && plan !== now) link.kept.session = { is: 'slept', plan: now } satisfies Slept;
  return answer;
};

export const wake: Act = async (link) => {
  const before = await readWhole(link, setting);
  if (!before.ok) return before.answer;
  const { reply } = before;
  const [asleepAt, now] = [planOf(reply, SLEEP_LEVEL), selected(reply)];
  if (asleepAt === null || now === null) return { result: 'unsupported', detail: 'it has no power plan for sleep' };
  if (now !== asleepAt) return { result: 'sent', detail: 'its power plan is not that of sleep' };
  const plan = isSlept(link.kept.session) ? link.kept.session.plan : planOf(reply, NORMAL_LEVEL);
  return plan === null ? refused('it has no normal power plan') : select(link, reply, plan);
};

const select = (link: Link, reply: Json, plan: number): Promise<ActAnswer> =>
  put(link, '/mcb/setting', {
    ...(reply as JsonObject),
    select: typeof property(reply, 'select') === 'string' ? String(plan) : plan,
  });

/** From the last to the first, so that no number moves before its turn; then the new ones, in order (fact sheet 11). */
export const setPools: Act<'pools'> = async (link, { pools: wanted }) => {
  if (wanted.length === 0) return refused('it needs a pool');
  const before = await readWhole(link, pools);
  if (!before.ok) return before.answer;
  const old = poolList(before.reply);
  for (const pool of old.toReversed()) {
    const gone = await put(link, '/mcb/delpool', keysOf(pool));
    if (gone.result !== 'sent') return { ...gone, detail: `a pool did not go: ${gone.detail ?? 'no reason'}` };
  }
  for (const [at, pool] of wanted.entries()) {
    const added = await put(link, '/mcb/newpool', newPool(pool));
    if (added.result === 'sent') continue;
    const back = at === 0 && added.result === 'refused' ? await putBack(link, old) : '';
    return {
      ...added,
      detail: `pool ${at + 1} of ${wanted.length} was not taken${back}: ${added.detail ?? 'no reason'}`,
    };
  }
  return { result: 'sent', detail: null };
};

const keysOf = ({ url, user, pass, dragid }: JsonObject): JsonObject => ({
  url: url ?? '',
  user: user ?? '',
  pass: pass ?? '',
  ...(dragid === undefined ? {} : { dragid }),
});

const newPool = ({ url, worker, password }: PoolSetting): JsonObject => ({ url, user: worker, pass: password });

/** A miner must not be left without any pool because it dislikes a new one. */
async function putBack(link: Link, old: readonly JsonObject[]): Promise<string> {
  const answers: ActAnswer[] = [];
  for (const { url, user, pass } of old)
    answers.push(await put(link, '/mcb/newpool', keysOf({ url: url ?? '', user: user ?? '', pass: pass ?? '' })));
  return answers.every(({ result }) => result === 'sent')
    ? ', and the old ones are back'
    : ', and not all old ones are back';
}
