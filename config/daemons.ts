import type { AgentId } from '../shared/ids.ts';
import type { Millis } from '../shared/units.ts';
import type { Endpoint, Site } from './site.ts';

/** The controller's own file after checking. Paths are absolute: relative ones count from the file's folder. */
export type ControllerConfig = Readonly<{
  siteFile: string;
  site: Site;
  listen: Readonly<{ agents: Endpoint; page: Endpoint }>;
  stateDir: string;
  storeFile: string;
  /** Raw Ed25519 public key in base64 of every agent that may connect. */
  agentKeys: ReadonlyMap<AgentId, string>;
}>;

/** An agent's own file after checking. */
export type AgentConfig = Readonly<{
  agent: AgentId;
  /** `ws://host:port/agent`, tried in turn. */
  controllers: readonly string[];
  siteFile: string;
  site: Site;
  stateDir: string;
  /** Private key, PEM, mode 0600; made at the first start. */
  keyFile: string;
  /** Passwords of miners, mode 0600; null: none, and none is guessed. */
  credentialsFile: string | null;
  /** Raw Ed25519 public key in base64; null: the first one seen is pinned in the state directory. */
  controllerKey: string | null;
  poll: Readonly<{
    /** Site time between two readings of one miner. */
    intervalMs: Millis;
    /** Devices read at the same time. */
    concurrency: number;
    /** Real time that one miner's reading may take in all. */
    deadlineMs: Millis;
  }>;
  caps: LocalCaps;
}>;

/** What no message can raise (control-plane reference, section 6). */
export type LocalCaps = Readonly<{
  pushesPerMinerPerHour: number;
  pushesPerMinerPerDay: number;
  /** Percent of this agent's miners that may be booting from our pushes at once. */
  maxAtOncePct: number;
  powerCycle: boolean;
  /** While this file exists, nothing is acted on. */
  killSwitchFile: string;
}>;
