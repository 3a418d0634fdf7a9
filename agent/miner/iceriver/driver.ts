import type { DriverDefinition, Source } from '../driver.ts';
import { flag, mac, type Read, text } from '../normalise.ts';
import * as act from './actions.ts';
import { login } from './login.ts';
import { machine, network, panel, panelInUrl } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/** The working flag decides in which way the panel is asked; the rest of it is read there. */
const ofPanel = <T>(read: Read<T>): readonly Source<T>[] => [
  { ask: panel, read },
  { ask: panelInUrl, read, inPassing: true },
];

/** Fact sheet, section 12: one page with everything. No call is known that would stop or start it. */
export const iceriver = {
  family: 'iceriver',
  make: 'IceRiver',
  firmware: 'stock',
  match: [
    { row: 24, body: /用户界面/ },
    { row: 24, ask: panel, says: /"(softver1|powstate)"\s*:/ },
  ],
  login,
  fields: {
    working: { ask: [panel, panelInUrl], read: read.working },
    otherRates: ofPanel(read.rates),
    algorithm: ofPanel(read.algorithm),
    uptimeS: ofPanel(read.uptime),
    fans: ofPanel(read.fans),
    boards: ofPanel(read.boards),
    pools: [...ofPanel(read.pools), { ask: machine, read: read.pools }],
    errors: ofPanel(read.errors),
    locating: ofPanel(flag('/data/locate')),
    mac: [...ofPanel(mac('/data/mac')), { ask: network, read: mac('/data/mac') }],
    hostname: [...ofPanel(text('/data/host')), { ask: network, read: text('/data/host'), inPassing: true }],
    model: ofPanel(read.model),
    firmwareVersion: ofPanel(text('/data/softver1')),
  },
  joined: read.joined,
  actions: { locate: act.locate },
  graceMs: { locate: MINUTE_MS },
} satisfies DriverDefinition;
