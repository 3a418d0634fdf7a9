import { hashes, RARE_ROW, rareFamily } from '../cgminer/family.ts';
import { command } from '../cgminer/queries.ts';
import * as read from './read.ts';

const statistics = command('stats', { shape: read.withInner });

/** A cgminer of its own ("cgminer 4.10.0-spx"); its boards are JSON in a text of the statistics (capture SP36, X11). */
export const spondoolies = rareFamily({
  family: 'spondoolies',
  make: 'Spondoolies',
  match: [{ row: RARE_ROW, rpc: /CGMINER [\d.]+-SPX|"JSON-STATS"\s*:/ }],
  fields: {
    boards: { ask: statistics, read: read.boards },
    powerW: { ask: statistics, read: read.power, inPassing: true },
    fans: { ask: statistics, read: read.fans, inPassing: true },
    model: { ask: statistics, read: read.model, inPassing: true },
  },
  joined: hashes('X11'),
});
