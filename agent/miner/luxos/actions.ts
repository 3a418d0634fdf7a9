import type { Act, RpcQuery } from '../driver.ts';
import { type Json, pointer } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { flagOf, textOf } from '../normalise.ts';
import type { OrderOf } from '../order.ts';
import { config, profiles, tuning } from './queries.ts';
import { profilesOf } from './read.ts';
import { inSession } from './session.ts';

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

const simple =
  (command: string, ...parts: readonly string[]): Act =>
  (link) =>
    inSession(link, command, parts);

export const restart = simple('resetminer');
export const reboot = simple('rebootdevice');
/** A sleep outlives reboots and restarts: only a wake-up ends it (fact sheet, section 8). */
export const sleep = simple('curtail', 'sleep');
export const wake = simple('curtail', 'wakeup');

export const locate = (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> =>
  inSession(link, 'ledset', ['red', on ? 'blink' : 'auto']);

type Before = Readonly<{ ok: true; reply: Json }> | Readonly<{ ok: false; answer: ActAnswer }>;

async function readFirst(link: Link, query: RpcQuery): Promise<Before> {
  const answer = await link.ask(query);
  if (!answer.ok) return { ok: false, answer: actAnswer({ ...answer, sent: false }) };
  if (answer.repaired) return { ok: false, answer: refused(`its ${query.name} could not be read in full`) };
  return answer;
}

const profileName = pointer('/CONFIG/0/Profile');

/** There are profiles instead of watts: the one with the most that is not above the order. */
export const powerLimit = async (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> => {
  const listed = await readFirst(link, profiles);
  if (!listed.ok) return listed.answer;
  const known = profilesOf(listed.reply);
  const best = known
    .filter(({ watts }) => watts <= powerW)
    .sort((a, b) => b.watts - a.watts || b.rateThs - a.rateThs)[0];
  if (best === undefined) {
    const lowest = Math.min(...known.map(({ watts }) => watts));
    return refused(known.length === 0 ? 'it lists no profiles' : `its lowest profile is ${lowest} W`);
  }
  const note = await tuningNote(link);
  const detail = `profile ${best.name} of ${best.watts} W${best.tuned === false ? ', not yet tuned' : ''}${note}`;
  const now = await link.ask(config);
  if (now.ok && textOf(profileName(now.reply)) === best.name) {
    return { result: 'sent', detail: `${detail}: it is on that already` };
  }
  const answer = await inSession(link, 'profileset', [best.name]);
  return answer.result === 'sent' ? { ...answer, detail } : answer;
};

const atm = pointer('/ATM/0/Enabled');
const atmMax = pointer('/ATM/0/MaxProfile');

/** Its own thermal management may leave the profile again; whoever counts on the limit must know. */
async function tuningNote(link: Link): Promise<string> {
  const answer = await link.ask(tuning);
  if (!answer.ok || flagOf(atm(answer.reply)) !== true) return '';
  return `; its thermal management may go up to ${textOf(atmMax(answer.reply)) ?? 'any profile'}`;
}
