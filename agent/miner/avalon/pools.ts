import type { Act } from '../driver.ts';
import { objectsOf, pointer, property } from '../json.ts';
import { type ActAnswer, type Credential, type Link, NO_PASSWORD } from '../link.ts';
import { textOf } from '../normalise.ts';
import type { PoolSetting } from '../order.ts';
import { readNow, reboot, unsent } from './actions.ts';
import { pools as poolQueries } from './queries.ts';
import { ascset, say } from './write.ts';

const WRONG = 'password refused';
const [poolsNow] = poolQueries;
const list = pointer('/POOLS');

/**
 * One `setpool` a place, then the reboot that they take effect with. Places that the order leaves over are filled with
 * its own pools again, so that nothing of before is left to mine for.
 */
export const setPools: Act<'pools'> = async (link, { pools }) => {
  const { credential } = link;
  if (credential === null) return { result: 'auth_failed', detail: NO_PASSWORD };
  if (link.kept.session === WRONG) return { result: 'auth_failed', detail: 'it has refused our password before' };
  const plan = await planned(link, pools, credential);
  if (!plan.ok) return plan.answer;
  for (const [at, values] of plan.writes.entries()) {
    const answer = await setPool(link, values);
    if (answer.result === 'auth_failed') link.kept.session = WRONG;
    if (answer.result !== 'sent') return { ...answer, detail: `pool ${at}: ${answer.detail ?? 'no reason given'}` };
  }
  const answer = await reboot(link, { action: 'reboot' });
  if (answer.result === 'sent') return answer;
  return { ...answer, detail: `the pools are written, but not the reboot that they wait for: ${answer.detail}` };
};

/** Listed with the options, but not whether it is one: where it is none, it is a command of its own. */
async function setPool(link: Link, values: string): Promise<ActAnswer> {
  const answer = await ascset(link, `setpool,${values}`);
  return answer.result === 'unsupported' ? say(link, 'setpool', { parameter: values }) : answer;
}

type Plan = Readonly<{ ok: true; writes: readonly string[] }> | Readonly<{ ok: false; answer: ActAnswer }>;
const refuse = (why: string): Plan => ({ ok: false, answer: unsent(why) });

/** What is written, from what stands there now; nothing, where that could not be read. */
async function planned(link: Link, pools: readonly PoolSetting[], { user, password }: Credential): Promise<Plan> {
  const settings = pools.map(({ url, worker, password: word }) => [url, worker, word]);
  if (pools.length === 0) return refuse('it cannot be without a pool');
  // Commas part the values, and there is no other way to write one.
  if ([user, password, ...settings.flat()].some((value) => value.includes(','))) return refuse('a value has a comma');
  const now = await readNow(link);
  if (!now.ok) return now;
  const written = poolsNow === undefined ? null : await link.ask(poolsNow);
  if (written === null || !written.ok) return refuse('its pools could not be read');
  const places = objectsOf(list(written.reply)).length;
  if (isA10(now.reply)) {
    if (pools.length > 1) return refuse('this generation takes one pool only');
    return { ok: true, writes: settings.map((setting) => [user, password, ...setting].join(',')) };
  }
  const count = Math.max(places, pools.length);
  const writes = Array.from({ length: count }, (_, at) =>
    [user, password, at, ...(settings[at % settings.length] ?? [])].join(','),
  );
  return { ok: true, writes };
}

const product = pointer('/VERSION/0');
/** Its `setpool` has no place: the manual of the A10 knows one pool. */
const isA10 = (reply: Parameters<typeof product>[0]): boolean =>
  ['PROD', 'MODEL'].some((key) => /\b10(\d\d|xx)/i.test(textOf(property(product(reply), key)) ?? ''));
