import type { MinerSnapshot, MiningState } from '../../../shared/snapshot.ts';
import { type Json, pointer, property } from '../json.ts';
import { celsiusOf, macOf, notNegative, numberOf, positive, type Read, scaled, textOf } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import { faults } from './errors.ts';
import { item, type Module, modulesOf, numbers } from './module.ts';

/** One figure of all modules together; null where none gives it. */
const total =
  (of: (module: Module) => number | null): Read<number> =>
  (reply) => {
    const known = modulesOf(reply)
      .map(of)
      .filter((value) => value !== null);
    return known.length === 0 ? null : scaled(sum(known), 1);
  };

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const ghs =
  (key: string, parse = notNegative) =>
  (module: Module): number | null =>
    scaled(parse(item(module, key)), 1e-3);

export const rateNow = total(ghs('GHSspd'));
export const rateAverage = total(ghs('GHSavg'));
/** 0 where the module has not worked it out yet. */
export const nominal = total(ghs('GHSmm', positive));

const mhs = (keys: readonly string[]): Read<number> => {
  const body = pointer('/SUMMARY/0');
  return (reply) =>
    keys.map((key) => scaled(notNegative(property(body(reply), key)), 1e-6)).find((rate) => rate !== null) ?? null;
};

/** The shortest window there is: the average of all time is the last resort. */
export const summaryNow = mhs(['MHS 5s', 'MHS 30s', 'MHS 1m', 'MHS 5m', 'MHS 15m', 'MHS av']);
export const summaryAverage = mhs(['MHS av']);

const PS = { bits: 0, controlVoltage: 1, hashVoltage: 2, current: 3, watts: 4, input: 6 } as const;
const supply = (module: Module, of: keyof typeof PS): number | null => numbers(module, 'PS')[PS[of]] ?? null;

/**
 * At the wall where it is measured there, else what the supply gives out. Its seventh figure is what it takes in: 17 W
 * on a Q in standby, and all that a Nano 3S has (captures). `MPO` is an aim, not a measure (fact sheet 6.3).
 */
export const power = total(
  (module) =>
    positive(item(module, 'WALLPOWER')) ??
    positive(supply(module, 'watts') ?? '') ??
    positive(supply(module, 'input') ?? ''),
);
export const powerLimit = total((module) => positive(item(module, 'MPO')));

/** The warmest of all modules. */
const warmest =
  (keys: readonly string[]): Read<number> =>
  (reply) => {
    const each = modulesOf(reply).map(
      (module) => keys.map((key) => celsiusOf(item(module, key))).find((temp) => temp !== null) ?? null,
    );
    const known = each.filter((temp) => temp !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
export const inlet = warmest(['ITemp', 'Temp']);
export const outlet = warmest(['OTemp']);

/** "Fan1" to "Fan4"; the first generations have one a module, without a number. */
export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const found = modulesOf(reply).flatMap(({ items }) =>
    Object.keys(items)
      .filter((key) => /^Fan\d*$/.test(key))
      .sort()
      .map((key) => notNegative(items[key])),
  );
  return found.length === 0 ? null : found.map((rpm, index) => ({ index, rpm }));
};

export const uptime: Read<number> = (reply) => {
  const known = modulesOf(reply).map((module) => notNegative(item(module, 'Elapsed')));
  return known.find((elapsed) => elapsed !== null) ?? null;
};

/** "Work: In Work, Hash Board: 3 " */
export const isIdle = (module: Module): boolean => /\bIn Idle\b/.test(textOf(item(module, 'SYSTEMSTATU')) ?? '');
const softOffOf = (module: Module): number | null => numberOf(item(module, 'SoftOFF'));

/** 4 on a Q in standby. An idle A10 has no such flag, and its statistics alone do not tell. */
export const softOff: Read<boolean> = (reply) => {
  const modules = modulesOf(reply);
  if (modules.length === 0) return null;
  if (modules.some((module) => (softOffOf(module) ?? 0) !== 0)) return true;
  return modules.some((module) => softOffOf(module) === null && isIdle(module)) ? null : false;
};

/** Hash voltage without hash power is some hundredths of a volt (fact sheet 6.3, in hundredths). */
const RAIL_OFF = 100;
/** A start takes longest until work has come. */
const SETTLE_S = 120;

/**
 * An A10 whose hash power was cut: idle though a pool has work for it. Without one it may be resting by itself, and
 * is not called asleep.
 */
export const hashPowerOff: Read<boolean> = (reply) => {
  const [module] = modulesOf(reply);
  if (module === undefined || !isIdle(module) || softOffOf(module) !== null) return null;
  const off = (supply(module, 'controlVoltage') ?? 0) > 0 && (supply(module, 'hashVoltage') ?? RAIL_OFF) < RAIL_OFF;
  const hasWork = poolsOf(reply)?.some(({ state }) => state === 'alive') ?? false;
  return off && hasWork && (uptime(reply) ?? 0) >= SETTLE_S;
};

export const state: Read<MiningState> = (reply) => {
  const modules = modulesOf(reply).filter((module) => textOf(item(module, 'SYSTEMSTATU')) !== null);
  if (modules.length === 0) return null;
  if (!modules.every(isIdle)) return 'hashing';
  if ((uptime(reply) ?? SETTLE_S) < SETTLE_S) return 'starting';
  // It rests for a reason.
  return (faults(reply) ?? []).length > 0 ? 'error' : 'idle';
};

/** Not `LED` of the home models, which is the colour of their lamp. */
export const locating: Read<boolean> = (reply) => {
  const lights = modulesOf(reply)
    .map((module) => numberOf(item(module, 'Led')))
    .filter((light) => light !== null);
  return lights.length === 0 ? null : lights.some((light) => light !== 0);
};

/** Twelve digits, with colons or without. */
export const mac =
  (path: string): Read<string> =>
  (reply) => {
    const digits = textOf(pointer(path)(reply))?.replace(/[:-]/g, '') ?? '';
    return macOf(digits.replace(/..(?=.)/g, '$&:'));
  };

/** All zeros is none (vendor's sample). */
const serialOf = (value: Json | undefined): string | null => {
  const text = textOf(value);
  return text === null || /^0*$/.test(text) ? null : text;
};
export const serial: Read<string> = (reply) => serialOf(pointer('/VERSION/0/DNA')(reply));
/** A controller with several modules has none of its own. */
export const moduleSerial: Read<string> = (reply) => {
  const [module, ...others] = modulesOf(reply);
  return module === undefined || others.length > 0 ? null : serialOf(item(module, 'DNA'));
};
