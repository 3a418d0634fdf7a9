import { refusal, status } from '../cgminer.ts';
import { type Device, SLOTS, threePools } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';
import type { Outcome } from '../family.ts';
import { profilesOf } from './profiles.ts';
import { BY } from './reads.ts';

/** What needs the session, without its id (protocol sheet, section 8). */
type Write = (device: Device, values: readonly string[]) => Outcome<Reply>;

// Numbers that the sheet does not give; clients look at the letter.
const DONE = 300;
const INVALID = 310;

const good = (device: Device, msg: string, more: Readonly<{ code?: number; body?: Reply }> = {}): Reply =>
  envelope(status(device, BY, { code: more.code ?? DONE, msg }), more.body ?? {});

const bad = (device: Device, msg: string): Outcome<Reply> => ({
  reply: refusal(device, BY, { code: INVALID, msg }),
});

export const WRITES: Readonly<Record<string, Write>> = {
  curtail(device, [action]) {
    if (action !== 'sleep' && action !== 'wakeup') return bad(device, 'Invalid curtailment command');
    const reply = good(device, 'Curtailment command sent', { code: 335, body: { CURTAIL: [{ Action: action }] } });
    return { reply, action: action === 'sleep' ? 'sleep' : 'wake' };
  },
  // Some die before they have said so.
  rebootdevice: (device) => ({
    reply: device.look.traits.quirk % 2 === 0 ? null : good(device, 'Rebooting device'),
    action: 'reboot',
  }),
  resetminer: (device) => ({ reply: good(device, 'Resetting miner'), action: 'restart' }),
  // One board alone, which the plant has not.
  reboot: (device) =>
    device.look.asleep ? bad(device, 'Device is curtailed') : { reply: good(device, 'Rebooting board', { code: 305 }) },
  ledset(device, [color, state]) {
    if (color !== 'red' && color !== 'green') return bad(device, `Invalid LED ${color}`);
    if (!['blink', 'on', 'off', 'auto'].includes(state ?? '')) return bad(device, `Invalid LED state ${state}`);
    const reply = good(device, 'LED set');
    return color === 'red' ? { reply, change: { blink: state === 'blink' || state === 'on' } } : { reply };
  },
  profileset(device, [name]) {
    const profile = profilesOf(device).find((one) => one.name === name);
    if (profile === undefined) return bad(device, `Profile ${name} not found`);
    const body = { PROFILE: [{ Profile: profile.name }] };
    return { reply: good(device, 'Profile set', { body }), change: { powerLimitW: profile.watts } };
  },
};

/** Settings that it has and takes, and that change nothing here. */
export const TAKEN = /^(atmset|autotunerset|fanset|tempctrlset|frequencyset|voltageset|netset)$/;
export const take: Write = (device) => ({ reply: good(device, 'Set') });

/** Pools need no session. */
export const POOL_WRITES: Readonly<Record<string, Write>> = {
  addpool(device, [url, user, pass = '']) {
    const used = device.pools.filter((slot) => slot.url !== '');
    if (!url || !user) return bad(device, 'Invalid pool');
    if (used.length >= SLOTS) return bad(device, 'Too many pools');
    const reply = good(device, `Added pool ${used.length}: '${url}'`, { code: 55 });
    return { reply, change: { pools: threePools([...used, { url, user, pass }]) } };
  },
  removepool(device, [index]) {
    const used = device.pools.filter((slot) => slot.url !== '');
    if (used[Number(index)] === undefined) return bad(device, `Invalid pool id ${index}`);
    const pools = threePools(used.filter((_, at) => at !== Number(index)));
    return { reply: good(device, `Removed pool ${index}`), change: { pools } };
  },
  switchpool(device, [index]) {
    const used = device.pools.filter((slot) => slot.url !== '');
    const chosen = used[Number(index)];
    if (chosen === undefined) return bad(device, `Invalid pool id ${index}`);
    // Numbers stay, as cgminer has it: what changes is which of them is mined on.
    return { reply: good(device, `Switching to pool ${index}`) };
  },
};
