import { describe, expect, test } from '@jest/globals';
import { drivers } from '../../../agent/miner/catalogue.ts';
import type { MinerAction } from '../../../agent/miner/order.ts';
import { actionsOf, type Named, performed, tryAll } from './trials.ts';

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
  // gRPC, with GraphQL beside it and no REST.
  ['braiins', 'Antminer S19j Pro 104T (Braiins OS 24.09)', []],
];
const cases: readonly (Named & { has: boolean })[] = generations.flatMap(([family, model, lacks]) =>
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
tryAll(cases.filter(({ has }) => has));

describe('that its generation does not have is unsupported, and nothing is sent', () => {
  test.each(cases.filter(({ has }) => !has))('$name', async (one) => {
    const { result, farm } = await performed(one, one.action === 'wake' ? 'asleep' : 'none');
    expect([result, farm.farm.meter().pushes]).toEqual(['unsupported', []]);
  });
});
