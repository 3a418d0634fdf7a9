import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControllerConfig } from '../../config/daemons.ts';
import { parseSite } from '../../config/parse.ts';
import type { Site } from '../../config/site.ts';
import { type AgentId, agentId } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import { publicKeyText } from '../../shared/proof.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';

export const MODEL = 'Antminer S19j Pro 104T';
export const HOLD_MS = 1_000;

/** Every wait as short as the file allows: what is tested is what happens, not how long a farm waits. */
export function siteText(miners = 4, more: object = {}, feed: object = {}): string {
  const family = { waitMs: 100, graceMs: 20_000, hashDeadlineMs: 30_000 };
  return JSON.stringify({
    site: 'site-1',
    power: {
      feed: 'pdu-1',
      capW: 100_000,
      maxBooting: 2,
      ...feed,
      miners: Array.from({ length: miners }, (_, i) => ({
        address: `10.0.0.${i + 1}`,
        model: MODEL,
        family: 'antminer-stock',
      })),
    },
    agents: [{ agent: 'a1', feeds: ['pdu-1'] }],
    profiles: { [MODEL]: { steadyW: 3_000, bootOverheadW: 500, bootMs: 20_000, hashrateThs: 104 } },
    reachability: {
      pools: [{ url: 'stratum+tcp://127.0.0.1:3333' }],
      uplinks: [{ name: 'isp-1' }],
      roundMs: 500,
      watchRoundMs: 500,
      watchTimeoutMs: 400,
      probeTimeoutMs: 400,
      holdMs: HOLD_MS,
    },
    restart: {
      observationMs: 100,
      soakMs: 200,
      freshSamples: 1,
      freshMs: 60_000,
      canary: { percent: 0, minPerClass: 0, maxMiners: 0 },
      waves: [100],
      gate: { gateMs: 100 },
      families: { 'antminer-stock': family, unknown: family },
      command: { ttlMs: 500, ackTimeoutMs: 2_000, actTimeoutMs: 4_000 },
      approval: { mode: 'policy' },
      ...more,
    },
  });
}

export const aSite = (miners?: number, more?: object, feed?: object): Site =>
  parseSite(siteText(miners, more, feed), { file: 'site.yaml', catalogue: new Map() });

export type Keys = Readonly<{ agent: AgentId; key: KeyObject; publicKey: string }>;

export function agentKeys(name = 'a1'): Keys {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { agent: agentId(name), key: privateKey, publicKey: publicKeyText(privateKey) };
}

export type Home = Readonly<{ config: ControllerConfig; remove(): void }>;

export function aHome(site: Site, keys: readonly Keys[]): Home {
  const stateDir = mkdtempSync(join(tmpdir(), 'relight-controller-'));
  const any = { host: '127.0.0.1', port: 0 };
  return {
    config: {
      siteFile: 'site.yaml',
      site,
      listen: { agents: any, page: any },
      stateDir,
      storeFile: join(stateDir, 'relight.db'),
      agentKeys: new Map(keys.map(({ agent, publicKey }) => [agent, publicKey])),
    },
    remove: () => rmSync(stateDir, { recursive: true, force: true }),
  };
}

export type Line = Readonly<{ level: keyof Log; fields: Record<string, unknown>; text: string }>;

/** A log that can be read afterwards. */
export function keptLog(): Readonly<{ log: Log; lines: readonly Line[] }> {
  const lines: Line[] = [];
  const at = (level: keyof Log) => (fields: object, text: string) => {
    lines.push({ level, fields: { ...fields }, text });
  };
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

/** Resolves when it holds; fails after 15 s, so that a test ends with a reason. */
export async function until(holds: () => boolean): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`never came: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function snapshot(of: Partial<MinerSnapshot> = {}): MinerSnapshot {
  return {
    ip: '10.0.0.1',
    mac: null,
    serial: null,
    hostname: null,
    make: 'Bitmain',
    model: MODEL,
    family: 'antminer-stock',
    firmware: null,
    firmwareVersion: null,
    apiVersion: null,
    uptimeS: 3_600,
    miningState: 'hashing',
    hashrateThs: 104,
    hashrateAvgThs: null,
    hashrateNominalThs: null,
    powerW: null,
    powerLimitW: null,
    efficiencyJPerTh: null,
    inletTempC: null,
    outletTempC: null,
    fans: [],
    boards: [],
    pools: [
      {
        index: 0,
        url: 'stratum+tcp://pool:3333',
        worker: null,
        state: 'alive',
        active: true,
        accepted: null,
        rejected: null,
      },
    ],
    errors: [],
    locating: null,
    readAt: '2026-01-01T00:00:00Z',
    latencyMs: 5,
    ...of,
  };
}
