import { antminerAftermarket } from './antminer-aftermarket/driver.ts';
import { antminerStock } from './antminer-stock/driver.ts';
import { auradine } from './auradine/driver.ts';
import { avalon } from './avalon/driver.ts';
import { baikal } from './baikal/driver.ts';
import { bitaxe } from './bitaxe/driver.ts';
import { blackminer } from './blackminer/driver.ts';
import { braiins } from './braiins/driver.ts';
import { dayun } from './dayun/driver.ts';
import { dragonmint } from './dragonmint/driver.ts';
import type { DriverDefinition } from './driver.ts';
import { elphapex } from './elphapex/driver.ts';
import { epic } from './epic/driver.ts';
import { futurebit } from './futurebit/driver.ts';
import { goldshell } from './goldshell/driver.ts';
import { hammer } from './hammer/driver.ts';
import { hiveon } from './hiveon/driver.ts';
import { hyperbit } from './hyperbit/driver.ts';
import { ibelink } from './ibelink/driver.ts';
import { iceriver } from './iceriver/driver.ts';
import { innosilicon } from './innosilicon/driver.ts';
import { luxos } from './luxos/driver.ts';
import { marathon } from './marathon/driver.ts';
import { mskminer } from './mskminer/driver.ts';
import { multminer } from './multminer/driver.ts';
import { nerdaxe } from './nerdaxe/driver.ts';
import { obelisk } from './obelisk/driver.ts';
import { openminer } from './openminer/driver.ts';
import { proto } from './proto/driver.ts';
import { sealminer } from './sealminer/driver.ts';
import { spondoolies } from './spondoolies/driver.ts';
import { strongu } from './strongu/driver.ts';
import { vnish } from './vnish/driver.ts';
import { volcminer } from './volcminer/driver.ts';
import { whatsminerV1 } from './whatsminer-v1/driver.ts';
import { whatsminerV2 } from './whatsminer-v2/driver.ts';
import { whatsminerV3 } from './whatsminer-v3/driver.ts';

/** Every driver. A new family is one line here. */
export const drivers: readonly DriverDefinition[] = [
  antminerAftermarket,
  antminerStock,
  auradine,
  avalon,
  baikal,
  bitaxe,
  blackminer,
  braiins,
  dayun,
  dragonmint,
  elphapex,
  epic,
  futurebit,
  goldshell,
  hammer,
  hiveon,
  hyperbit,
  ibelink,
  iceriver,
  innosilicon,
  luxos,
  marathon,
  mskminer,
  multminer,
  nerdaxe,
  obelisk,
  openminer,
  proto,
  sealminer,
  spondoolies,
  strongu,
  vnish,
  volcminer,
  whatsminerV1,
  whatsminerV2,
  whatsminerV3,
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
