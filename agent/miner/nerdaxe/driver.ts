import { locate } from '../bitaxe/actions.ts';
import { bitaxe } from '../bitaxe/driver.ts';
import { info } from '../bitaxe/queries.ts';
import { NERD_SIGN } from '../bitaxe/read.ts';
import type { DriverDefinition } from '../driver.ts';
import { sleep, wake } from './actions.ts';

/** Fact sheet, section 16: NerdAxe to NerdOctaxe, which have a Bitaxe's page with more on it. */
export const nerdaxe = {
  ...bitaxe,
  family: 'nerdaxe',
  make: 'NerdAxe',
  firmware: 'NerdOS',
  match: [
    { row: 22, body: /NerdOS|Nerd\w*Axe/i },
    { row: 22, ask: info, says: NERD_SIGN },
  ],
  actions: { ...bitaxe.actions, sleep, wake, locate: locate(['/api/v2/identify', '/api/system/identify']) },
} satisfies DriverDefinition;
