import type { Act, HttpQuery } from '../driver.ts';
import { isArray, isObject, type Json, objectsOf, pointer, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { flagOf, textOf } from '../normalise.ts';
import type { OrderOf } from '../order.ts';
import { performance, presets, settings, status } from './queries.ts';
import { presetWatts, stateWord } from './read.ts';

const WRITE_MS = 15_000;

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });
const sent = (detail: string | null): ActAnswer => ({ result: 'sent', detail });

type Posted = Readonly<{ answer: ActAnswer; reply: Json | null }>;

/** Most orders are answered by 200 with an empty body; one that failed says `err`, or that it was no success. */
async function post(link: Link, name: string, body?: Json): Promise<Posted> {
  const order = { via: 'http', name, path: `/api/v1/${name}`, method: 'POST', timeoutMs: WRITE_MS } as const;
  const delivery = await link.order({ ...order, ...(body === undefined ? {} : { body }) });
  if (!delivery.ok) return { answer: actAnswer(delivery), reply: null };
  const error = textOf(property(delivery.reply ?? {}, 'err'));
  const failed = error !== null || property(delivery.reply ?? {}, 'success') === false;
  return { answer: failed ? refused(error ?? 'no success, says the device') : sent(null), reply: delivery.reply };
}

const simple =
  (name: string): Act =>
  async (link) =>
    (await post(link, name)).answer;

export const restart = simple('mining/restart');
export const reboot = simple('system/reboot');
/** Not `pause`: that leaves the boards powered. */
export const sleep = simple('mining/stop');
export const wake = simple('mining/start');

type Before = Readonly<{ ok: true; reply: Json }> | Readonly<{ ok: false; answer: ActAnswer }>;

async function readFirst(link: Link, query: HttpQuery): Promise<Before> {
  const answer = await link.ask(query);
  if (answer.ok && !answer.repaired) return answer;
  if (answer.ok)
    return { ok: false, answer: refused(`${query.name} could not be read in full, so nothing is written`) };
  return { ok: false, answer: actAnswer({ ...answer, sent: false }) };
}

/** The order changes the light over, whatever it was (fact sheet 18.3). */
export const locate = async (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> => {
  const before = await readFirst(link, status);
  if (!before.ok) return before.answer;
  const lit = flagOf(property(before.reply, 'find_miner'));
  if (lit === null) return refused('it does not say whether its light is on, and the order changes it over');
  if (lit === on) return sent('its light is so already');
  const old = await post(link, 'find-miner');
  // Newer builds have it under another name.
  const { answer, reply } = old.answer.result === 'unsupported' ? await post(link, 'locate-miner') : old;
  if (answer.result !== 'sent') return answer;
  const now = flagOf(property(reply ?? {}, 'on') ?? property(reply ?? {}, 'enabled') ?? reply ?? undefined);
  return now === null || now === on ? answer : refused(`its light is ${now ? 'on' : 'off'}, says the device`);
};

/** The highest preset that is not above the order's watts and needs no other power supply. */
export const powerLimit = async (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> => {
  const listed = await readFirst(link, presets);
  if (!listed.ok) return listed.answer;
  const known = objectsOf(listed.reply).flatMap((preset) => {
    const watts = presetWatts(property(preset, 'name'));
    return watts === null || flagOf(property(preset, 'modded_psu_required')) === true ? [] : [{ preset, watts }];
  });
  const best = known.filter(({ watts }) => watts <= powerW).sort((a, b) => b.watts - a.watts)[0];
  if (best === undefined) {
    const lowest = Math.min(...known.map(({ watts }) => watts));
    return refused(known.length === 0 ? 'it lists no presets' : `its lowest preset is ${lowest} W`);
  }
  const answer = await configure(link, { overclock: { preset: textOf(property(best.preset, 'name')) } });
  if (answer.result !== 'sent') return answer;
  const untuned = property(best.preset, 'status') === 'untuned' ? ', not yet tuned' : '';
  return sent(`preset of ${best.watts} W${untuned}${await switcherNote(link, best.watts)}`);
};

const topPreset = pointer('/preset_switcher/top_preset');
const switcherOn = pointer('/preset_switcher/enabled');

/** The device's own switcher may leave the preset again; whoever counts on the limit must know. */
async function switcherNote(link: Link, watts: number): Promise<string> {
  const answer = await link.ask(performance);
  if (!answer.ok || flagOf(switcherOn(answer.reply)) !== true) return '';
  const top = presetWatts(topPreset(answer.reply));
  return top === null || top <= watts ? '' : `; its preset switcher may go up to ${top} W`;
}

const NO_POOL = { url: '', user: '', pass: '' };
const poolList = pointer('/miner/pools');

/** All of them at once; slots that are left over are emptied, as the device itself writes them (capture S21 Pro). */
export const pools = async (link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> => {
  const before = await readFirst(link, settings);
  if (!before.ok) return before.answer;
  const slots = poolList(before.reply);
  if (!isArray(slots)) return refused('its settings list no pools, so none are written');
  const filled = wanted.map(({ url, worker, password }) => ({ url, user: worker, pass: password }));
  const empty = Array.from({ length: Math.max(0, slots.length - filled.length) }, () => NO_POOL);
  return configure(link, { pools: [...filled, ...empty] });
};

/** `/settings` takes the parts that change, says what they need to take effect, and leaves that to us. */
async function configure(link: Link, miner: Json): Promise<ActAnswer> {
  const before = await readFirst(link, status);
  if (!before.ok) return before.answer;
  const { answer, reply } = await post(link, 'settings', { miner });
  if (answer.result !== 'sent' || !isObject(reply ?? undefined)) return answer;
  const needs = (what: string): boolean => flagOf(property(reply ?? {}, what)) === true;
  // A restart would wake a miner that was stopped by order; what was set counts from its next start.
  const word = stateWord(textOf(property(before.reply, 'miner_state')));
  if (word === 'stopped' || word === 'sleeping') return answer;
  if (needs('reboot_required')) return afterwards(await post(link, 'system/reboot'));
  return needs('restart_required') ? afterwards(await post(link, 'mining/restart')) : answer;
}

/** The setting has been taken; a restart that then fails is told, as nothing shows before it. */
const afterwards = ({ answer }: Posted): ActAnswer =>
  answer.result === 'sent' ? answer : { ...answer, detail: `set, but not restarted for it: ${answer.detail ?? ''}` };
