import { antminerStock } from './antminer/family.ts';
import { auradine } from './auradine/family.ts';
import { avalon } from './avalon/family.ts';
import { bitaxe } from './bitaxe/family.ts';
import { braiins } from './braiins/family.ts';
import { dragonmint } from './dragonmint/family.ts';
import { elphapex } from './elphapex/family.ts';
import { epic } from './epic/family.ts';
import type { Account, Family } from './family.ts';
import { goldshell } from './goldshell/family.ts';
import { hammer } from './hammer/family.ts';
import { hiveon } from './hiveon/family.ts';
import { iceriver } from './iceriver/family.ts';
import { innosilicon } from './innosilicon/family.ts';
import { luxos } from './luxos/family.ts';
import { marathon } from './marathon/family.ts';
import { mskminer } from './mskminer/family.ts';
import { nerdaxe } from './nerdaxe/family.ts';
import { proto } from './proto/family.ts';
import { sealminer } from './sealminer/family.ts';
import { vnish } from './vnish/family.ts';
import { volcminer } from './volcminer/family.ts';
import { whatsminerV2 } from './whatsminer/family.ts';
import { whatsminerV1 } from './whatsminer-v1/family.ts';
import { whatsminerV3 } from './whatsminer-v3/family.ts';

/**
 * The families that a virtual farm can be made of.
 *
 * To add one: a folder of its own with a `family.ts` that exports a `Family` (`family.ts` here says of what parts: its
 * name, its default login, its doors), and an entry below. A door is a port name, a side of the plant's line, a
 * transport, and a pure function from the device and a request to reply, plant action and changed settings. Ports,
 * sockets, lost lines and orders that are not heeded are the host's. Where a model's name tells the firmware, a line in
 * `plant/family.ts` says so; where it tells the generation within a family (an S9 among Antminers, a Q among Avalons),
 * the family's own `build.ts` does. Facts come from the protocol sheet and never from the drivers: these miners judge them.
 */
export const FAMILIES: readonly Family[] = [
  antminerStock,
  avalon,
  braiins,
  epic,
  luxos,
  vnish,
  whatsminerV2,
  whatsminerV3,
  marathon,
  auradine,
  goldshell,
  iceriver,
  bitaxe,
  nerdaxe,
  innosilicon,
  dragonmint,
  hiveon,
  mskminer,
  hammer,
  volcminer,
  elphapex,
  sealminer,
  proto,
  whatsminerV1,
];

/** A family that has no virtual miner yet is played by the one that most of the world's machines have. */
export const familyOf = (name: string | undefined): Family =>
  FAMILIES.find(({ family }) => family === name) ?? antminerStock;

/** The logins that virtual miners want, by family. */
export type Accounts = Readonly<Record<string, Account>>;

export const DEFAULT_ACCOUNTS: Accounts = Object.fromEntries(FAMILIES.map(({ family, account }) => [family, account]));
