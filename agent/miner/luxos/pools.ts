import { isArray, type JsonObject, objectsOf, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { countOf } from '../normalise.ts';
import type { OrderOf } from '../order.ts';
import { pools as query } from './queries.ts';
import { say } from './session.ts';

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

/** Signs that part an order's fields, and the one that guards them (fact sheet 2): no address needs them. */
const UNSAFE = /[,|\\\p{Cc}]/u;

type Pool = Readonly<{ id: number; name: string }>;
type Listed = Readonly<{ ok: true; pools: readonly Pool[] }>;
type Unlisted = Readonly<{ ok: false; answer: ActAnswer }>;

async function listed(link: Link): Promise<Listed | Unlisted> {
  const answer = await link.ask(query);
  if (!answer.ok) return { ok: false, answer: actAnswer({ ...answer, sent: false }) };
  const given = property(answer.reply, 'POOLS');
  const found = objectsOf(given)
    .map(poolOf)
    .filter((pool) => pool !== null);
  if (answer.repaired || !isArray(given) || found.length !== given.length) {
    return { ok: false, answer: refused('its pools could not be read in full, so none are written') };
  }
  return { ok: true, pools: found };
}

function poolOf(entry: JsonObject): Pool | null {
  const id = countOf(property(entry, 'POOL'));
  const name = JSON.stringify([property(entry, 'URL') ?? null, property(entry, 'User') ?? null]);
  return id === null ? null : { id, name };
}

/**
 * Pools can only be added and removed one by one, and need no session. The new ones come first, so that there is no
 * moment without any; then work is moved to the first of them; then the old ones go, from the last to the first, since
 * those behind a removed one move up.
 */
export async function replacePools(link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> {
  if (wanted.length === 0) return refused('it must have one pool at least');
  if (wanted.some((pool) => Object.values(pool).some((text) => UNSAFE.test(text)))) {
    return refused('a comma, a bar or a backslash in a pool cannot be written here');
  }
  const before = await listed(link);
  if (!before.ok) return before.answer;
  for (const { url, worker, password } of wanted) {
    const { answer } = await say(link, 'addpool', [url, worker, password]);
    if (answer.result !== 'sent') return takenBack(link, before, answer);
  }
  const after = await listed(link);
  if (!after.ok)
    return { ...after.answer, detail: `the new pools are added, the old ones still there: ${after.answer.detail}` };
  if (!keepsPlaces(before, after))
    return refused('its pools have changed places: the new ones are added, no old one is removed');
  const added = newOf(before, after);
  if (added.length !== wanted.length) return takenBack(link, before, refused('not all of the pools were added'));
  const moved = await say(link, 'switchpool', [String(added[0])]);
  if (moved.answer.result !== 'sent') return takenBack(link, before, moved.answer);
  return withoutOld(link, before);
}

/** They are removed by their number, so it must still be theirs. */
const keepsPlaces = (before: Listed, after: Listed): boolean =>
  before.pools.every(({ id, name }) => after.pools.some((pool) => pool.id === id && pool.name === name));

const newOf = (before: Listed, after: Listed): readonly number[] =>
  after.pools
    .map(({ id }) => id)
    .filter((id) => !before.pools.some((pool) => pool.id === id))
    .sort((a, b) => a - b);

async function withoutOld(link: Link, before: Listed): Promise<ActAnswer> {
  const kept = await remove(
    link,
    before.pools.map(({ id }) => id),
  );
  if (kept === null) return { result: 'sent', detail: null };
  // The new pools work: no refusal, but not what was ordered either, which the next reading shows.
  return { result: 'sent', detail: `the new pools are in, but an old one stays: ${kept}` };
}

/** From the last to the first; the reason of the first that stays, null where all are gone. */
async function remove(link: Link, ids: readonly number[]): Promise<string | null> {
  let kept: string | null = null;
  for (const id of [...ids].sort((a, b) => b - a)) {
    const { answer } = await say(link, 'removepool', [String(id)]);
    if (answer.result !== 'sent') kept ??= `pool ${id}: ${answer.detail ?? answer.result}`;
  }
  return kept;
}

/** Half an order is worse than none: what was added goes again. */
async function takenBack(link: Link, before: Listed, answer: ActAnswer): Promise<ActAnswer> {
  const now = await listed(link);
  const known = now.ok && keepsPlaces(before, now);
  const kept = known ? await remove(link, newOf(before, now)) : 'its pools could not be told apart';
  const detail = answer.detail ?? answer.result;
  return {
    ...answer,
    detail: kept === null ? `${detail}; its pools are as before` : `${detail}; not taken back: ${kept}`,
  };
}
