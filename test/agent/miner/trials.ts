import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { Credentials } from '../../../agent/miner/credentials.ts';
import type { DriverDefinition } from '../../../agent/miner/driver.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import type { MinerAction, MinerOrder } from '../../../agent/miner/order.ts';
import { perform } from '../../../agent/miner/perform.io.ts';
import { millis } from '../../../shared/units.ts';
import { FARM_ACCOUNTS, type FaultKind } from '../../../sim/index.ts';
import { outage, rehearse, stopFarms } from '../../sim/miners/farm.ts';

/**
 * What every action is tried for, against a virtual miner that other hands wrote from the fact sheet: it has the effect, a
 * wrong password is told as such, and a device that says yes and does nothing is caught.
 */
const accounts = new Map(Object.entries(FARM_ACCOUNTS));
const of = (credentials: Credentials) =>
  createMiners({ credentials, deadlineMs: millis(10_000), spacingMs: millis(5) });
const miners = of({ of: (_, family) => accounts.get(family) ?? null });
const strangers = of({ of: () => ({ user: 'somebody', password: 'wrong' }) });

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

export type Case = Readonly<{ driver: DriverDefinition; action: MinerAction; model: string }>;
export type Named = Case & { readonly name: string };
export const actionsOf = ({ actions }: DriverDefinition): MinerAction[] => Object.keys(actions) as MinerAction[];
export async function performed({ driver, action, model }: Case, fault: FaultKind, by = miners, graceMs = 60_000) {
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

/** Once a test file: it closes what was opened. */
export function tryAll(cases: readonly Named[]): void {
  afterAll(() => Promise.all([miners.close(), strangers.close()]));
  afterEach(stopFarms);

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

  describe('that is answered with yes and has no effect is told as such', () => {
    test.each(cases)(
      '$name',
      async (one) => {
        const { result, detail, after } = await performed(one, 'deaf', miners, 20);
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
}

/** Some pages close the line before they have said yes, and some drivers look for themselves: no yes to be caught in. */
const MUTE: ReadonlySet<string> = new Set(['locate of mskminer', 'pools of luxos', 'locate of vnish']);
const told = ({ action, driver }: Case): RegExp =>
  action === 'reboot' || MUTE.has(`${action} of ${driver.family}`)
    ? /^(accepted_but_ineffective|no_reply|refused)$/
    : /^accepted_but_ineffective$/;
