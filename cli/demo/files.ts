import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Endpoint } from '../../config/site.ts';
import { RelightError } from '../../shared/errors.ts';
import { publicKeyText } from '../../shared/proof.ts';
import { FARM_ACCOUNTS } from '../../sim/index.ts';
import { TRANSFORMERS } from './story.ts';

const OWNER_ONLY = { mode: 0o600 };
export type DemoFiles = Readonly<{
  dir: string;
  siteFile: string;
  controllerFile: string;
  agentFiles: readonly string[];
  remove(): void;
}>;

export type FilesOptions = Readonly<{ siteText: string; agentsAt: Endpoint; pageAt: Endpoint; pollMs: number }>;

/** Everything that the daemons need, in a folder of its own: the same files that a real farm has. */
export function writeFiles({ siteText, agentsAt, pageAt, pollMs }: FilesOptions): DemoFiles {
  const dir = makeDir();
  const file = (name: string): string => join(dir, name);
  writeFileSync(file('site.yaml'), siteText);
  writeFileSync(file('credentials.yaml'), stringify({ families: FARM_ACCOUNTS }), OWNER_ONLY);
  const agents = TRANSFORMERS.map((_, i) => `a${i + 1}`);
  const agentKeys = Object.fromEntries(agents.map((agent) => [agent, makeKey(file(`${agent}.key`))]));
  const controller = {
    site: 'site.yaml',
    listen: { agents: text(agentsAt), page: text(pageAt) },
    stateDir: 'controller',
    agentKeys,
  };
  writeFileSync(file('controller.yaml'), stringify(controller));
  for (const agent of agents) writeFileSync(file(`${agent}.yaml`), stringify(agentFile(agent, { agentsAt, pollMs })));
  for (const name of ['controller', ...agents]) mkdirSync(file(name), { mode: 0o700 });
  return {
    dir,
    siteFile: file('site.yaml'),
    controllerFile: file('controller.yaml'),
    agentFiles: agents.map((agent) => file(`${agent}.yaml`)),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function makeDir(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'relight-demo-'));
  } catch (error) {
    const why = `the folder for temporary files cannot be written: ${(error as Error).message}`;
    throw new RelightError('STATE_DIR', `${why}. Cure: set TMPDIR to one that can`, { dir: tmpdir() });
  }
}

function agentFile(agent: string, { agentsAt, pollMs }: { agentsAt: Endpoint; pollMs: number }) {
  return {
    agent,
    controller: [`ws://${text(agentsAt)}/agent`],
    site: 'site.yaml',
    stateDir: agent,
    keyFile: `${agent}.key`,
    credentialsFile: 'credentials.yaml',
    poll: { intervalMs: pollMs, concurrency: 128, deadlineMs: 1_600 },
    // A demo restarts nearly every miner of a small farm at once, and now and then twice.
    caps: { pushesPerMinerPerHour: 6, pushesPerMinerPerDay: 12, maxAtOncePct: 100 },
  };
}

const text = ({ host, port }: Endpoint): string => `${host}:${port}`;

/** Writes a new private key and returns its public half as it stands in the controller's file. */
function makeKey(file: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), OWNER_ONLY);
  return publicKeyText(privateKey);
}
