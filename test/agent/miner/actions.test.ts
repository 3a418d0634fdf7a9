import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { drivers } from '../../../agent/miner/catalogue.ts';
import type { Credentials } from '../../../agent/miner/credentials.ts';
import type { DriverDefinition } from '../../../agent/miner/driver.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import type { MinerAction, MinerOrder } from '../../../agent/miner/order.ts';
import { perform } from '../../../agent/miner/perform.io.ts';
import { millis } from '../../../shared/units.ts';
import { FARM_ACCOUNTS, type FaultKind } from '../../../sim/index.ts';
import { FAMILIES } from '../../../sim/miners/families.ts';
import { outage, rehearse, stopFarms } from '../../sim/miners/farm.ts';

/**
 * Every action of every family against a virtual miner that other hands wrote from the fact sheet: it has the effect, a
 * wrong password is told as such, and a device that says yes and does nothing is caught.
 */
const accounts = new Map(Object.entries(FARM_ACCOUNTS));
const of = (credentials: Credentials) =>
  createMiners({ credentials, deadlineMs: millis(10_000), spacingMs: millis(5) });
const miners = of({ of: (_, family) => accounts.get(family) ?? null });
const strangers = of({ of: () => ({ user: 'somebody', password: 'wrong' }) });
afterAll(() => Promise.all([miners.close(), strangers.close()]));
afterEach(stopFarms);

const ORDERS: { readonly [K in MinerAction]: Extract<MinerOrder, { action: K }> } = {
  restart: { action: 'restart' },
  reboot: { action: 'reboot' },
  sleep: { action: 'sleep' },
  wake: { action: 'wake' },
  locate: { action: 'locate', on: true },
  powerLimit: { action: 'powerLimit', powerW: 2_500 },
  pools: { action: 'pools', pools: [{ url: 'stratum+tcp://10.9.9.9:3333', worker: 'farm.one', password: 'x' }] },
};

/** Nobody is asked for a password there: writes are open to all, or to who holds the one session. */
const OPEN: ReadonlySet<string> = new Set(['avalon', 'luxos', 'bitaxe', 'nerdaxe']);

/** Tunes to a rate and not to watts, as the sheet says some do: then there is no limit to set. */
const WITHOUT: ReadonlySet<string> = new Set(['powerLimit of epic']);

/** The badge under which the catalogue knows a typical machine of the family. */
const MODELS: Readonly<Record<string, string>> = {
  'whatsminer-v1': 'WhatsMiner M20S',
  'whatsminer-v2': 'WhatsMiner M50S',
  'whatsminer-v3': 'WhatsMiner M60S',
  avalon: 'AvalonMiner 1346',
  hammer: 'Hammer D10',
  volcminer: 'VolcMiner D1',
};
const modelOf = (family: string): string => MODELS[family] ?? 'Antminer S19j Pro 104T';

type Case = Readonly<{ driver: DriverDefinition; action: MinerAction; model: string }>;
type Named = Case & { readonly name: string };
const actionsOf = ({ actions }: DriverDefinition): MinerAction[] => Object.keys(actions) as MinerAction[];
const typical: readonly Named[] = drivers
  .filter(({ family }) => FAMILIES.some((one) => one.family === family))
  .flatMap((driver) =>
    actionsOf(driver).map((action) => ({
      ...{ driver, action, model: modelOf(driver.family) },
      name: `${action} of ${driver.family}`,
    })),
  )
  .filter(({ name }) => !WITHOUT.has(name));

/** Further generations of a family that the same driver speaks to, and what they have no page or command for. */
const generations: readonly (readonly [family: string, model: string, lacks: readonly MinerAction[]])[] = [
  ['antminer-stock', 'Antminer S9 13.5T', ['sleep', 'wake']],
  ['antminer-stock', 'Antminer S17 Pro 53T', ['sleep', 'wake']],
  // A mode that only a text changes, and a page that wants to be asked as its own script asks it.
  ['antminer-stock', 'Antminer S19 Pro 110T', []],
  ['antminer-stock', 'Antminer S21 200T', []],
  ['avalon', 'AvalonMiner 1066', []],
  ['avalon', 'Avalon Q', ['locate']],
  ['bitaxe', 'Bitaxe Ultra', ['sleep', 'wake', 'locate']],
];
const generational: readonly (Named & { has: boolean })[] = generations.flatMap(([family, model, lacks]) =>
  drivers
    .filter((driver) => driver.family === family)
    .flatMap((driver) =>
      actionsOf(driver).map((action) => ({
        ...{ driver, action, model },
        name: `${action} of ${model}`,
        has: !lacks.includes(action),
      })),
    ),
);
const cases: readonly Named[] = [...typical, ...generational.filter(({ has }) => has)];

async function performed({ driver, action, model }: Case, fault: FaultKind, by = miners, graceMs = 60_000) {
  const farm = await rehearse({ family: driver.family, model, faults: [fault] });
  if (fault === 'asleep' || (fault === 'deaf' && action === 'wake')) outage(farm);
  const target = { miner: farm.miner, ...farm.place, family: driver.family };
  const done = await perform({
    miners: by,
    target,
    order: ORDERS[action],
    everyMs: millis(5),
    graceMs: millis(graceMs),
    onLook: () => farm.pass(20_000),
  });
  return { ...done, farm };
}

describe('has its effect, and that is seen', () => {
  test.each(cases)(
    '$name',
    async (one) => {
      const { result, detail } = await performed(one, one.action === 'wake' ? 'asleep' : 'none');
      expect([result, result === 'done' ? null : detail]).toEqual(['done', null]);
    },
    20_000,
  );
});

describe('with a wrong password changes nothing, and is told as such', () => {
  test.each(cases.filter(({ driver }) => !OPEN.has(driver.family)))(
    '$name',
    async (one) => {
      const { result, farm } = await performed(one, one.action === 'wake' ? 'asleep' : 'none', strangers);
      expect([result, farm.farm.meter().pushes]).toEqual(['auth_failed', []]);
    },
    20_000,
  );
});

describe('that its generation does not have is unsupported, and nothing is sent', () => {
  test.each(generational.filter(({ has }) => !has))('$name', async (one) => {
    const { result, farm } = await performed(one, one.action === 'wake' ? 'asleep' : 'none');
    expect([result, farm.farm.meter().pushes]).toEqual(['unsupported', []]);
  });
});

describe('that is answered with yes and has no effect is told as such', () => {
  test.each(cases)(
    '$name',
    async (one) => {
      const { result, detail, after } = await performed(one, 'deaf', miners, 300);
      // What nobody can read back is taken at the device's word, and that is said.
      const blind = one.action === 'locate' ? after?.locating : one.action === 'powerLimit' ? after?.powerLimitW : 0;
      if (blind === null) {
        expect([result, detail]).toEqual(['done', expect.stringContaining('its word is all there is')]);
        return;
      }
      expect([result, detail]).toEqual([expect.stringMatching(told(one)), expect.any(String)]);
    },
    20_000,
  );
});

/** Some pages close the line before they have said yes, and some drivers look for themselves: no yes to be caught in. */
const MUTE: ReadonlySet<string> = new Set(['locate of mskminer', 'pools of luxos', 'locate of vnish']);
const told = ({ action, driver }: Case): RegExp =>
  action === 'reboot' || MUTE.has(`${action} of ${driver.family}`)
    ? /^(accepted_but_ineffective|no_reply|refused)$/
    : /^accepted_but_ineffective$/;
