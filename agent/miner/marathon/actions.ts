import type { Act } from '../driver.ts';
import { isArray, isObject, type Json, type JsonObject, objectsOf, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { positive } from '../normalise.ts';
import type { OrderOf, PoolSetting } from '../order.ts';
import { configuration } from './queries.ts';
import { isConfiguration, modeOf } from './read.ts';

/** The configuration is a large document, and the board that takes it an Antminer's (fact sheet 18.1). */
const WRITE_MS = 35_000;

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

async function post(link: Link, name: string, body: Json): Promise<ActAnswer> {
  const order = { via: 'http', name, path: `/kaonsu/v1/${name}`, method: 'POST', timeoutMs: WRITE_MS } as const;
  return actAnswer(await link.order({ ...order, body }));
}

const maintenance =
  (type: string): Act =>
  (link) =>
    post(link, 'maintenance', { type });

/** The mining process alone. */
export const restart = maintenance('reload');
export const reboot = maintenance('reboot');
export const locate = (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> =>
  post(link, 'locate_miner', { blinking: on });

/** From the document as it is to the one to be; a text says why not. */
type Change = (document: JsonObject) => JsonObject | string;

/** Pools, fans and modes are one document: it is read, changed in one place, and written back whole (fact sheet 14). */
async function rewrite(link: Link, change: Change): Promise<ActAnswer> {
  const before = await link.ask(configuration);
  if (!before.ok) return actAnswer({ ...before, sent: false });
  // A mended document may have lost a part, and what is lost here is lost on the miner.
  if (before.repaired || !isObject(before.reply) || !isConfiguration(before.reply)) {
    return refused('its configuration could not be read in full, so it is not written');
  }
  const changed = change(before.reply);
  return typeof changed === 'string' ? refused(changed) : post(link, 'miner_config', changed);
}

const withMode = (document: JsonObject, more: JsonObject): JsonObject => ({
  ...document,
  mode: { ...objectAt(document, 'mode'), ...more },
});

const objectAt = (holder: Json | undefined, key: string): JsonObject => {
  const found = property(holder, key);
  return isObject(found) ? found : {};
};

const SLEEP = 'Sleep';

/** The mode that a miner had when we put it to sleep: its document has room for one only. */
type Kept = Readonly<{ mode: string }>;
const isKept = (kept: unknown): kept is Kept =>
  typeof kept === 'object' && kept !== null && typeof (kept as Kept).mode === 'string';

export const sleep: Act<'sleep'> = (link) =>
  rewrite(link, (document) => {
    const mode = modeOf(document);
    if (mode !== null && mode !== SLEEP) link.kept.session = { mode } satisfies Kept;
    return withMode(document, { 'work-mode-selector': SLEEP });
  });

/** Into the mode that it had, else into the one that keeps to its power target, if it has one. */
export const wake: Act<'wake'> = (link) =>
  rewrite(link, (document) => {
    const { session } = link.kept;
    const before = isKept(session) ? session.mode : hasTarget(document) ? 'Auto' : 'Stock';
    const now = modeOf(document);
    return withMode(document, { 'work-mode-selector': now !== null && now !== SLEEP ? now : before });
  });

const concorde = (document: JsonObject): JsonObject => objectAt(property(document, 'mode'), 'concorde');
const hasTarget = (document: JsonObject): boolean => positive(concorde(document)['power-target']) !== null;

/** The target counts in mode Auto, so the others give way to it; a miner that sleeps by order goes on sleeping. */
export const powerLimit = (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> =>
  rewrite(link, (document) => {
    const asleep = modeOf(document) === SLEEP;
    // Woken later, it must not go back to a mode that knows no limit.
    if (asleep) link.kept.session = { mode: 'Auto' } satisfies Kept;
    return withMode(document, {
      'work-mode-selector': asleep ? SLEEP : 'Auto',
      concorde: { ...concorde(document), 'power-target': powerW },
    });
  });

/** Other keys of a pool's entry stay with its place; places that are left over are dropped. */
export const pools = (link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> =>
  rewrite(link, (document) => {
    if (!isArray(document.pools)) return 'its configuration lists no pools, so none are written';
    const places = objectsOf(document.pools);
    const word = places.some((place) => 'password' in place) ? 'password' : 'pass';
    const entry = ({ url, worker, password }: PoolSetting, at: number): JsonObject => ({
      ...places[at],
      ...{ url, user: worker, [word]: password },
    });
    return { ...document, pools: wanted.map(entry) };
  });
