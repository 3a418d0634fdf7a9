import type { Act } from '../driver.ts';
import { type Json, pointer } from '../json.ts';
import type { ActAnswer, Link } from '../link.ts';
import { notNegative } from '../normalise.ts';
import { version } from './queries.ts';
import { ascset, say } from './write.ts';

/** Soon enough to be seen, and late enough for the order to have arrived (fact sheet 6.4). */
const AHEAD_S = 5;

const clock = pointer('/STATUS/0/When');

/** By the miner's own clock, which may be years off: without it an order would lie in its past or far ahead. */
async function softPower(link: Link, option: 'softoff' | 'softon'): Promise<ActAnswer> {
  const now = await readNow(link);
  if (!now.ok) return now.answer;
  const whenS = notNegative(clock(now.reply));
  if (whenS === null) return unsent('it does not tell its clock');
  return ascset(link, `${option},1:${Math.floor(whenS) + AHEAD_S}`, option === 'softon' ? 'closed' : 'replies');
}

type Now = Readonly<{ ok: true; reply: Json }> | Readonly<{ ok: false; answer: ActAnswer }>;

export async function readNow(link: Link): Promise<Now> {
  const answer = await link.ask(version);
  return answer.ok ? answer : { ok: false, answer: unsent(`its version could not be read (${answer.detail})`) };
}

export const unsent = (why: string): ActAnswer => ({ result: 'refused', detail: `nothing was sent: ${why}` });

/** Dead lines are how it says yes. */
export const reboot: Act<'reboot'> = (link) => ascset(link, 'reboot,0', 'dies');

/** An A10 has no soft-off: its hash power is cut instead. */
export const sleep: Act<'sleep'> = async (link) => {
  const answer = await softPower(link, 'softoff');
  return answer.result === 'unsupported' ? ascset(link, 'hashpower,0') : answer;
};

/** Only a reboot brings the hash power of an A10 back; a device without hash power to cut is not rebooted for it. */
export const wake: Act<'wake'> = async (link) => {
  const answer = await softPower(link, 'softon');
  if (answer.result !== 'unsupported') return answer;
  const asked = await ascset(link, 'hashpower');
  return asked.result === 'sent' ? ascset(link, 'reboot,0', 'dies') : answer;
};

export const restart: Act<'restart'> = (link) => say(link, 'restart');

/** One module is 1 to some generations and 0 to others; home models have no such light at all. */
export const locate: Act<'locate'> = async (link, { on }) => {
  const state = on ? 1 : 0;
  const first = await ascset(link, `led,1-${state}`);
  if (first.result !== 'refused' || first.detail?.includes('code 45')) return first;
  return ascset(link, `led,0-${state}`);
};
