import { drivers } from '../../../agent/miner/catalogue.ts';
import { FAMILIES } from '../../../sim/miners/families.ts';
import { actionsOf, type Named, tryAll } from './trials.ts';

/** Every action of every family, tried on a typical machine of it. */
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

const cases: readonly Named[] = drivers
  .filter(({ family }) => FAMILIES.some((one) => one.family === family))
  .flatMap((driver) =>
    actionsOf(driver).map((action) => ({
      ...{ driver, action, model: modelOf(driver.family) },
      name: `${action} of ${driver.family}`,
    })),
  )
  .filter(({ name }) => !WITHOUT.has(name));

tryAll(cases);
