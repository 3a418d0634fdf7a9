import { antminerStock } from './antminer-stock/driver.ts';
import { avalon } from './avalon/driver.ts';
import { braiins } from './braiins/driver.ts';
import type { DriverDefinition } from './driver.ts';
import { elphapex } from './elphapex/driver.ts';
import { epic } from './epic/driver.ts';
import { hammer } from './hammer/driver.ts';
import { hiveon } from './hiveon/driver.ts';
import { luxos } from './luxos/driver.ts';
import { marathon } from './marathon/driver.ts';
import { mskminer } from './mskminer/driver.ts';
import { proto } from './proto/driver.ts';
import { sealminer } from './sealminer/driver.ts';
import { vnish } from './vnish/driver.ts';
import { volcminer } from './volcminer/driver.ts';
import { whatsminerV2 } from './whatsminer-v2/driver.ts';

/** Every driver. A new family is one line here. */
export const drivers: readonly DriverDefinition[] = [
  antminerStock,
  avalon,
  braiins,
  elphapex,
  epic,
  hammer,
  hiveon,
  luxos,
  marathon,
  mskminer,
  proto,
  sealminer,
  vnish,
  volcminer,
  whatsminerV2,
];

export type Catalogue = ReadonlyMap<string, DriverDefinition>;

/** By family. Throws where two drivers claim one. */
export function createCatalogue(of: readonly DriverDefinition[]): Catalogue {
  const byFamily = new Map<string, DriverDefinition>();
  for (const driver of of) {
    if (byFamily.has(driver.family)) throw new Error(`two drivers for ${driver.family}`);
    byFamily.set(driver.family, driver);
  }
  return byFamily;
}

export const catalogue: Catalogue = createCatalogue(drivers);
