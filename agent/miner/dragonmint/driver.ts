import type { DriverDefinition } from '../driver.ts';
import { asSha256 } from '../innosilicon/algorithm.ts';
import { fields, innosilicon } from '../innosilicon/driver.ts';
import { rpcStats } from '../innosilicon/queries.ts';
import { objectsOf, property } from '../json.ts';
import { type Read, textOf } from '../normalise.ts';

/** "DT10", "DT11" …: a T1, and the number of its chain. */
const model: Read<string> = (reply) => {
  const isT1 = objectsOf(property(reply, 'STATS')).some((entry) => /^DT1\d+$/.test(textOf(entry.ID) ?? ''));
  return isT1 ? 'DragonMint T1' : null;
};

/**
 * A T1 has the page and words of Innosilicon's own (fact sheet 1.2, 15), and hashes SHA-256 only. There is a capture of
 * its statistics alone, so it is read, and ordered nothing.
 */
export const dragonmint = {
  ...innosilicon,
  family: 'dragonmint',
  make: 'Halong Mining',
  match: [{ row: 11, rpc: /"ID"\s*:\s*"DT1\d+"/ }],
  fields: {
    ...fields,
    model: [{ ask: rpcStats, read: model, inPassing: true }, ...fields.model],
  },
  joined: asSha256,
  actions: {},
  graceMs: {},
} satisfies DriverDefinition;
