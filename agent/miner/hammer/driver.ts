import { locate, reboot } from '../antminer-stock/actions.ts';
import { cgiFields } from '../antminer-stock/fields.ts';
import { versionText } from '../antminer-stock/legacy.ts';
import { cgiQueries, rpcProcess, rpcVersion, systemInfo } from '../antminer-stock/queries.ts';
import type { DriverDefinition } from '../driver.ts';

const MINUTE_MS = 60_000;
const fields = cgiFields(cgiQueries({ ours: /hammer|plugminer/i, algorithm: 'Scrypt' }));

/**
 * Fact sheet, section 17: pages like Bitmain's, rates in MH/s on port 4028 (capture D10). How its configuration is
 * written is not known, so its pools stay as they are.
 */
export const hammer = {
  family: 'hammer',
  make: 'Hammer',
  firmware: 'stock',
  // It shares its realm with VolcMiner; only its own name, beside the other makers' on port 4028, parts them.
  match: [
    { row: 13, rpc: /"HAMMER|PLUGMINER/ },
    { row: 29, ask: systemInfo, says: /"minertype"\s*:\s*"Hammer/i },
  ],
  realm: /^(blackMiner|antMiner)/,
  process: rpcProcess,
  fields: {
    ...fields,
    // The page has the date of the file system, which the mining software is newer than.
    firmwareVersion: [{ ask: rpcVersion, read: versionText('CompileTime') }, ...fields.firmwareVersion],
  },
  actions: { reboot, locate },
  graceMs: { reboot: 15 * MINUTE_MS, locate: MINUTE_MS },
} satisfies DriverDefinition;
