import type { Act } from '../driver.ts';
import { isObject, type Json, pointer, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link, NO_PASSWORD } from '../link.ts';
import { flagOf, textOf } from '../normalise.ts';
import type { OrderOf } from '../order.ts';
import { coinOf, summary } from './queries.ts';
import { inWatts, tuneOf } from './read.ts';

const WRITE_MS = 15_000;

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

/** What is kept of a device whose password is another than ours: it is told so once. */
type Refusal = Readonly<{ is: 'refused'; detail: string }>;
const isRefusal = (kept: unknown): kept is Refusal =>
  typeof kept === 'object' && kept !== null && (kept as Refusal).is === 'refused';

/** The password goes with every order, in its body (fact sheet 10). */
async function post(link: Link, path: string, param: Json): Promise<ActAnswer> {
  const { credential, kept } = link;
  if (credential === null) return { result: 'auth_failed', detail: NO_PASSWORD };
  if (isRefusal(kept.session)) return { result: 'auth_failed', detail: kept.session.detail };
  const answer = judge(
    await link.order({
      ...{ via: 'http', name: path, path: `/${path}`, method: 'POST', port: 'rpc', open: true, timeoutMs: WRITE_MS },
      body: { param, password: credential.password },
    }),
  );
  if (answer.result === 'auth_failed') {
    kept.session = { is: 'refused', detail: answer.detail ?? 'it refuses our password' } satisfies Refusal;
  }
  return answer;
}

const PASSWORD = /password|unauthori[sz]ed|authenticat|credential/i;

/** HTTP 200 in either case: `result` tells, and only the text tells a wrong password from another no (18.4). */
function judge(delivery: Delivery): ActAnswer {
  if (!delivery.ok) {
    const answer = actAnswer(delivery);
    return /HTTP 40[13]/.test(delivery.detail) ? { ...answer, result: 'auth_failed' } : answer;
  }
  const result = flagOf(property(delivery.reply ?? {}, 'result'));
  if (result === true) return { result: 'sent', detail: null };
  if (result === null) return { result: 'no_reply', detail: 'an answer without a result' };
  const error = property(delivery.reply ?? {}, 'error');
  const detail = textOf(isObject(error) ? JSON.stringify(error) : error) ?? 'no reason given';
  return { result: PASSWORD.test(detail) ? 'auth_failed' : 'refused', detail };
}

const simple =
  (path: string, param: Json): Act =>
  (link) =>
    post(link, path, param);

/** Seconds to wait before it. */
const AT_ONCE = 0;
/** The mining program alone. */
export const restart = simple('softreboot', AT_ONCE);
export const reboot = simple('reboot', AT_ONCE);
export const sleep = simple('miner', 'Stop');
export const wake = simple('miner', 'Autostart');
export const locate = (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> => post(link, 'identify', on);

type Before = Readonly<{ ok: true; reply: Json }> | Readonly<{ ok: false; answer: ActAnswer }>;

async function readFirst(link: Link): Promise<Before> {
  const answer = await link.ask(summary);
  if (!answer.ok) return { ok: false, answer: actAnswer({ ...answer, sent: false }) };
  if (answer.repaired) return { ok: false, answer: refused('its summary could not be read in full') };
  return answer;
}

/** A limit in watts only where what it tunes by is counted in watts: the other ways of tuning take a rate. */
export const powerLimit = async (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> => {
  const before = await readFirst(link);
  if (!before.ok) return before.answer;
  const tune = tuneOf(before.reply);
  if (tune === null || !inWatts(tune)) {
    const by = tune === null ? 'it does not tune' : `its ${tune.name} is counted in ${tune.unit}`;
    return { result: 'unsupported', detail: `${by}, so there is no limit in watts` };
  }
  return post(link, 'perpetualtune/algo', { algo: tune.name, target: powerW });
};

const uniqueId = pointer('/Stratum/Worker Unique Id');

/** The pools stand in one document with the coin and the workers' names, which are kept as they are. */
export const pools = async (link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> => {
  const before = await readFirst(link);
  if (!before.ok) return before.answer;
  const [coin, unique] = [coinOf(before.reply), flagOf(uniqueId(before.reply))];
  if (coin === null || unique === null) return refused('it does not say its coin and how it names workers');
  const configs = wanted.map(({ url, worker, password }) => ({ pool: url, login: worker, password }));
  return post(link, 'coin', { coin, stratum_configs: configs, unique_id: unique });
};
