import { locate, reboot } from '../antminer-stock/actions.ts';
import { cgiFields } from '../antminer-stock/fields.ts';
import { cgiQueries, rpcProcess } from '../antminer-stock/queries.ts';
import type { DriverDefinition } from '../driver.ts';

const MINUTE_MS = 60_000;
/** What it calls itself is not known; these share its pages, or their realm. */
const NOT_ANOTHERS = /^(?!.*(antminer|bitmain|hammer|blackminer f\d))/i;

/**
 * Fact sheet, section 17: pages like Bitmain's; statistics without a comma between their elements (capture D1), which
 * the repairs of section 2 mend. How its configuration is written is not known, so its pools stay as they are.
 */
export const volcminer = {
  family: 'volcminer',
  make: 'VolcMiner',
  firmware: 'stock',
  // Whatever wears this realm and does not call itself Hammer.
  match: [
    { row: 13, rpc: /VOLCMINER/ },
    { row: 15, realm: /^blackMiner/ },
  ],
  realm: /^(blackMiner|antMiner)/,
  process: rpcProcess,
  fields: cgiFields(cgiQueries({ ours: NOT_ANOTHERS, algorithm: 'Scrypt' })),
  actions: { reboot, locate },
  graceMs: { reboot: 15 * MINUTE_MS, locate: MINUTE_MS },
} satisfies DriverDefinition;
