import { type Device, type PoolSlot, threePools } from '../device.ts';
import type { Reply } from '../envelope.ts';
import { jsonReply, type Outcome, type WebReply } from '../family.ts';
import { buildOf, type Own, presetsOf, takeUp } from './own.ts';

/** Most successes are a 200 with nothing in it (protocol sheet, section 9). */
export type Write = (device: Device, body: Reply, own: Own) => Outcome<WebReply>;

const DONE: WebReply = { status: 200, body: '' };

const failed = (status: number, err: string): Outcome<WebReply> => ({ reply: jsonReply({ err }, status) });

const wrongState = (what: string): Outcome<WebReply> => failed(500, `CGMiner err: ${what}`);

/** Needs no login: a toggle, and the answer is the state after it, or nothing at all. */
export function locate(device: Device): Outcome<WebReply> {
  const on = !device.blink;
  const silent = buildOf(device).locate === '/find-miner' && device.look.traits.quirk % 4 === 0;
  return { reply: jsonReply(silent ? null : { on: device.look.heedless ? device.blink : on }), change: { blink: on } };
}

export const WRITES: Readonly<Record<string, Write>> = {
  '/mining/restart': (device, _, own) => ({
    reply: DONE,
    action: 'restart',
    change: device.look.heedless ? {} : takeUp(own),
  }),
  '/mining/stop': (_, __, own) => {
    own.paused = false;
    return { reply: DONE, action: 'sleep' };
  },
  '/mining/start': (device, _, own) => ({
    reply: DONE,
    action: 'wake',
    change: device.look.heedless ? {} : takeUp(own),
  }),
  '/mining/pause': (device, _, own) => {
    if (device.look.phase !== 'hashing') return wrongState('failed-to-activate-pause-mode');
    own.paused = true;
    return { reply: DONE, action: 'sleep' };
  },
  '/mining/resume': ({ look }, _, own) => {
    if (!look.heedless && !(look.asleep && own.paused)) return wrongState('failed-to-deactivate-pause-mode');
    return { reply: DONE, action: 'wake' };
  },
  '/system/reboot': (device, { after }, own) => {
    const seconds = typeof after === 'number' && after >= 0 ? after : REBOOT_AFTER_S;
    const change = device.look.heedless ? {} : takeUp(own);
    return { reply: jsonReply({ after: seconds }), action: 'reboot', afterMs: seconds * 1_000, change };
  },
  '/mining/throttle': (device, { percent }) => {
    if (!buildOf(device).throttles) return failed(404, 'Not found');
    const taken = typeof percent === 'number' && percent >= 20 && percent <= 100;
    return taken ? { reply: DONE } : failed(400, 'percent must be in 20..100');
  },
  '/mining/switch-pool': (device, { pool_id: id }) => {
    const used = device.pools.filter(({ url }) => url !== '');
    const chosen = used[Number(id)];
    if (chosen === undefined) return failed(400, 'No such pool');
    return { reply: DONE, change: { pools: threePools([chosen, ...used.filter((one) => one !== chosen)]) } };
  },
  '/settings': save,
};

const REBOOT_AFTER_S = 3;

/** Saved, and not yet in force; it asks for a restart even where nothing has changed. */
function save(device: Device, body: Reply, own: Own): Outcome<WebReply> {
  const miner = objectOf(body.miner);
  const preset = objectOf(miner.overclock).preset;
  const chosen = presetsOf(device).find(({ name }) => name === preset);
  if (preset !== undefined && chosen === undefined) return failed(400, `unknown preset ${String(preset)}`);
  const pools = Array.isArray(miner.pools) ? threePools(miner.pools.map(slot)) : null;
  if (pools !== null && pools[0]?.url === '') return failed(400, 'no pools');
  if (!device.look.heedless) {
    const powerLimitW = chosen?.watts ?? own.saved?.powerLimitW ?? null;
    own.saved = { pools: pools ?? own.saved?.pools ?? null, powerLimitW };
  }
  return { reply: jsonReply({ restart_required: true, reboot_required: false }) };
}

const objectOf = (value: unknown): Reply =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Reply) : {};

function slot(value: unknown): PoolSlot {
  const { url, user, pass } = objectOf(value);
  return { url: String(url ?? ''), user: String(user ?? ''), pass: String(pass ?? '') };
}
