import { refusal, status } from '../cgminer.ts';
import { type Device, type PoolSlot, threePools } from '../device.ts';
import { envelope, type Reply } from '../envelope.ts';
import type { Account, Outcome } from '../family.ts';
import { type Build, buildOf } from './build.ts';
import { powerSupply } from './estats.ts';
import { BY } from './reads.ts';

/** The pools that a `setpool` has written and no reboot has taken up yet. */
export type Pending = { pools: readonly PoolSlot[] | null };

type Asked = Readonly<{ device: Device; build: Build; account: Account; pending: Pending; values: readonly string[] }>;

/** `ascset 0,<option>,<values>` (protocol sheet, 6.4): the writes, and some questions in the same form. */
export function ascset(device: Device, parameter: string, own: { account: Account; pending: Pending }): Outcome<Reply> {
  const [module, option = '', ...values] = parameter.split(',');
  if (module !== '0') return { reply: refusal(device, BY, { code: 107, msg: `Invalid ASC id ${module}` }) };
  const build = buildOf(device.look);
  const options = optionsOf(build);
  const run = Object.hasOwn(options, option) ? options[option] : undefined;
  if (run === undefined) return failed(device, `Unknown option: ${option}`);
  return run({ device, build, values, ...own });
}

type Option = (asked: Asked) => Outcome<Reply>;

const inform = (device: Device, text: string): Reply =>
  envelope(status(device, BY, { letter: 'I', code: 118, msg: `ASC 0 set info: ${text}` }));

const done = (device: Device): Reply => envelope(status(device, BY, { code: 119, msg: 'ASC 0 set OK' }));

const failed = (device: Device, why: string): Outcome<Reply> => ({
  reply: refusal(device, BY, { code: 120, msg: `ASC 0 set failed: ${why}` }),
});

const COMMON: Readonly<Record<string, Option>> = {
  help: ({ device, build }) => ({ reply: inform(device, Object.keys(optionsOf(build)).join('|')) }),
  // The line dies with the device. A soft-off does not outlive it, nor does a hash power of 0.
  reboot: ({ device, pending }) => {
    const change = { pools: pending.pools };
    pending.pools = null;
    return { reply: null, action: device.look.asleep ? 'wake' : 'reboot', change };
  },
  'fan-spd': ({ device }) => ({ reply: done(device) }),
  workmode: ({ device, values }) => ({
    reply: values[0] === '255' ? inform(device, 'workmode 0') : done(device),
  }),
  setpool,
  password: ({ device, account, values: [old] }) =>
    old === account.password ? { reply: done(device) } : failed(device, 'Auth Failed! password invalid!'),
};

const SOFT: Readonly<Record<string, Option>> = {
  softoff: (asked) => soft(asked, 'softoff'),
  softon: (asked) => soft(asked, 'softon'),
};

const OF_KIND: Readonly<Record<Build['kind'], Readonly<Record<string, Option>>>> = {
  a10: { ...COMMON, led, hashpower },
  'a-series': { ...COMMON, ...SOFT, led },
  // The list of a Q has no LED.
  home: { ...COMMON, ...SOFT, worklevel },
};
const optionsOf = ({ kind }: Build): Readonly<Record<string, Option>> => OF_KIND[kind];

/** Some say "info", some "OK", and a soft-on may close without a word. All three mean success. */
function soft({ device, values: [when] }: Asked, option: 'softoff' | 'softon'): Outcome<Reply> {
  const stamp = when === undefined ? device.wallS : Number(/^1:(\d+)$/.exec(when)?.[1] ?? Number.NaN);
  if (Number.isNaN(stamp)) return failed(device, `Invalid ${option} time`);
  const { quirk } = device.look.traits;
  const spoken = quirk % 2 === 0 ? inform(device, `success ${option}:${stamp}`) : done(device);
  return {
    reply: option === 'softon' && quirk % 3 === 0 ? null : spoken,
    action: option === 'softoff' ? 'sleep' : 'wake',
    afterMs: Math.max(0, stamp - device.wallS) * 1_000,
  };
}

/** `<module>-<state>`: the A10 counts its modules from 1, later ones from 0; 255 asks. */
function led({ device, build, values: [value = ''] }: Asked): Outcome<Reply> {
  const [module, state] = value.split('-');
  if (module !== (build.kind === 'a10' ? '1' : '0')) return failed(device, `Invalid module ${module}`);
  if (state === '255') return { reply: inform(device, `LED[${device.blink ? 1 : 0}]`) };
  if (state !== '0' && state !== '1') return failed(device, `Invalid led ${state}`);
  return { reply: done(device), change: { blink: state === '1' } };
}

function hashpower({ device, values: [value] }: Asked): Outcome<Reply> {
  if (value === undefined) return { reply: inform(device, `PS[${powerSupply(device)}]`) };
  // Cutting it is all that it can: only a reboot brings it back.
  return value === '0' ? { reply: done(device), action: 'sleep' } : failed(device, `Invalid hashpower ${value}`);
}

// Above this the number is watts; below it is one of the few levels.
const LEVELS_MAX = 50;

function worklevel({ device, values: [set, value] }: Asked): Outcome<Reply> {
  const level = Number(value);
  if (set !== 'set' || !Number.isInteger(level)) return failed(device, 'Invalid worklevel');
  return { reply: done(device), change: level > LEVELS_MAX ? { powerLimitW: level } : {} };
}

/** The A10 has one pool to set; later ones say which. */
function setpool({ device, build, account, pending, values }: Asked): Outcome<Reply> {
  const [user, password, ...rest] = values;
  if (user !== account.user || password !== account.password) return failed(device, 'Auth Failed! password invalid!');
  const [index, url, worker, pass = ''] = build.kind === 'a10' ? ['0', ...rest] : rest;
  const at = Number(index);
  if (!url || !worker || !Number.isInteger(at) || at < 0 || at > 2) return failed(device, 'Invalid setpool');
  const slots = [...(pending.pools ?? device.pools)];
  slots[at] = { url, user: worker, pass };
  pending.pools = threePools(slots);
  return { reply: done(device) };
}
