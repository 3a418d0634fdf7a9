import { type Device, type PoolSlot, SLOTS, threePools } from '../device.ts';
import { parseObject, type Reply } from '../envelope.ts';
import { jsonReply, type Outcome, type WebReply } from '../family.ts';
import { modelOf, nameOf } from './reads.ts';

/** The power plans, and which of them it works by when it is awake (protocol sheet, section 11). */
export type Plans = { awake: number };

const SLEEP_LEVEL = 3;
const PLANS = [
  { level: 0, info: 'normal' },
  { level: 1, info: 'low' },
];
const SLEEP_PLAN = { level: SLEEP_LEVEL, info: 'sleep' };

/** The list depends on the model: the boxes have no plan to sleep by. */
export const plansOf = (device: Device): readonly Reply[] =>
  /box|mini/i.test(modelOf(device)) ? PLANS : [...PLANS, SLEEP_PLAN];

export const selected = (device: Device, { awake }: Plans): number =>
  device.look.asleep ? plansOf(device).findIndex(({ level }) => level === SLEEP_LEVEL) : awake;

export const setting = (device: Device, plans: Plans): Reply => ({
  name: nameOf(device),
  version: '2.2.4',
  powerplans: plansOf(device),
  select: selected(device, plans),
  ledcontrol: true,
});

const DONE = jsonReply({ success: true });
const BAD = jsonReply({ success: false }, 400);

export type Write = (device: Device, body: string, plans: Plans) => Outcome<WebReply>;

export const WRITES: Readonly<Record<string, Write>> = {
  '/mcb/setting': (device, body, plans) => {
    const given = parseObject(body);
    const offered = plansOf(device);
    const plan = offered[Number(given?.select)];
    // The whole object comes back; a bare `select` is no setting.
    if (!plan || !Array.isArray(given?.powerplans) || given.powerplans.length !== offered.length) return { reply: BAD };
    const { asleep, heedless } = device.look;
    if (plan.level === SLEEP_LEVEL) return { reply: DONE, action: asleep ? null : 'sleep' };
    const same = plans.awake === Number(given.select);
    if (!heedless) plans.awake = Number(given.select);
    if (asleep) return { reply: DONE, action: 'wake' };
    return { reply: DONE, action: same ? null : 'restart' };
  },
  '/mcb/newpool': (device, body) => {
    const slot = slotIn(body);
    const used = device.pools.filter(({ url }) => url !== '');
    if (slot === null || used.length === SLOTS) return { reply: BAD };
    return { reply: DONE, change: { pools: threePools([...used, slot]) } };
  },
  '/mcb/delpool': (device, body) => {
    const slot = slotIn(body);
    const used = device.pools.filter(({ url }) => url !== '');
    const at = used.findIndex(({ url, user }) => url === slot?.url && user === slot.user);
    if (slot === null || at < 0) return { reply: BAD };
    return { reply: DONE, change: { pools: threePools(used.toSpliced(at, 1)) } };
  },
};

function slotIn(body: string): PoolSlot | null {
  const { url, user, pass } = parseObject(body) ?? {};
  if (typeof url !== 'string' || url === '') return null;
  return { url, user: String(user ?? ''), pass: String(pass ?? '') };
}
