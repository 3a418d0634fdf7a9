import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentConfig } from '../../config/daemons.ts';
import { CAPS, POLL } from '../../config/defaults.ts';
import { parseSite } from '../../config/parse.ts';
import type { Site } from '../../config/site.ts';
import { agentId } from '../../shared/ids.ts';
import { seededRandom } from '../../shared/random.ts';
import { millis } from '../../shared/units.ts';
import { type Internet, loopbackPlaces, type Place } from '../../sim/index.ts';

export const MODEL = 'Antminer S19j Pro 104T';

/** A site of a few stock Antminers whose pool, name server and challenge host are the given internet's. */
export async function aLiveSite(internet: Internet, miners = 2): Promise<Site> {
  const { pools, dns, dnsZone, http, challengeHeader } = internet.at;
  const at = ({ host, port }: { host: string; port: number }): string => `${host}:${port}`;
  const places = await loopbackPlaces(miners, seededRandom(process.pid));
  const file = {
    site: 'site-1',
    power: { feed: 'pdu-1', capW: 100_000, maxBooting: 10, miners: places.map(minerEntry) },
    profiles: { [MODEL]: { steadyW: 3_000, bootOverheadW: 500, bootMs: 20_000, hashrateThs: 104 } },
    reachability: {
      pools: pools.map((pool) => ({ url: `stratum+tcp://${at(pool)}` })),
      resolvers: [at(dns)],
      dnsZone,
      http: [{ url: `http://probe.invalid/generate_204`, address: at(http), challengeHeader }],
      roundMs: 500,
      watchRoundMs: 500,
      probeTimeoutMs: 400,
      watchTimeoutMs: 400,
      subscribeSpacingMs: 200,
      holdMs: 1_000,
    },
  };
  return parseSite(JSON.stringify(file), { file: 'site.yaml', catalogue: new Map() });
}

const minerEntry = ({ address, ports }: Place): object => ({ address, model: MODEL, family: 'antminer-stock', ports });

export type Home = Readonly<{ directory: string; config: AgentConfig; remove(): void }>;

/** A configuration with a directory of its own. */
export function aHome(site: Site, controllers: readonly string[]): Home {
  const directory = mkdtempSync(join(tmpdir(), 'relight-agent-'));
  const stateDir = join(directory, 'state');
  const credentialsFile = join(directory, 'credentials.yaml');
  writeFileSync(credentialsFile, 'families: { antminer-stock: { user: root, password: root } }', { mode: 0o600 });
  const config: AgentConfig = {
    agent: agentId('a1'),
    controllers,
    siteFile: 'site.yaml',
    site,
    stateDir,
    keyFile: join(stateDir, 'agent.key'),
    credentialsFile,
    controllerKey: null,
    poll: { ...POLL, intervalMs: millis(1_000), deadlineMs: millis(3_000) },
    caps: { ...CAPS, maxAtOncePct: 100, killSwitchFile: join(stateDir, 'STOP') },
  };
  return { directory, config, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
