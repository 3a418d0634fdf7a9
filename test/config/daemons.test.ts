import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseCredentials } from '../../agent/miner/credentials.ts';
import { loadAgentConfig, loadControllerConfig, loadReach, loadSite } from '../../config/load.io.ts';
import { minerId } from '../../shared/ids.ts';
import { refusal, small } from './read.ts';

const dir = mkdtempSync(join(tmpdir(), 'relight-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

const write = (name: string, text: string): string => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};

const POOLS = 'reachability: { pools: ["stratum+tcp://pool.example:3333"] }\n';
const AGENTS = 'agents: [{ agent: a1, feeds: [pdu-a] }, { agent: a2, feeds: [pdu-b] }]\n';
const KEY = `${'A'.repeat(43)}=`;
write('site.yaml', small({}, POOLS));
write('agents.yaml', small({}, AGENTS + POOLS));
write('no-pools.yaml', small());

const controller = (text: string) => loadControllerConfig(write('controller.yaml', text));
const agent = (text: string) => loadAgentConfig(write('agent.yaml', text));
const AGENT = 'agent: a1\ncontroller: [ws://127.0.0.1:7410/agent]\nsite: agents.yaml\nstateDir: state\n';

describe('the examples', () => {
  const example = (name: string): string => fileURLToPath(new URL(`../../config/examples/${name}`, import.meta.url));

  test('load as they are', () => {
    expect(loadSite(example('site.yaml')).guesses).toEqual([]);
    expect([...loadControllerConfig(example('controller.yaml')).agentKeys.keys()]).toEqual(['a1', 'a2']);
    expect(loadAgentConfig(example('agent.yaml')).agent).toBe('a1');
    const credentials = parseCredentials(readFileSync(example('credentials.yaml'), 'utf8'), 'credentials.yaml');
    const at = (address: string) => ({ miner: minerId(address), address, ports: {}, family: null });
    expect(credentials.of(at('10.1.1.2'), 'antminer-stock')?.user).toBe('root');
    expect(credentials.of(at('10.1.1.30'), 'whatsminer-v2')?.user).toBe('admin');
  });
});

describe('a controller’s file', () => {
  test('needs its site and a place for its state; the rest has defaults on this machine alone', () => {
    expect(controller('site: site.yaml\nstateDir: state\n')).toMatchObject({
      siteFile: join(dir, 'site.yaml'),
      stateDir: join(dir, 'state'),
      storeFile: join(dir, 'state', 'relight.db'),
      listen: { agents: { host: '127.0.0.1', port: 7410 }, page: { host: '127.0.0.1', port: 7411 } },
      agentKeys: new Map(),
    });
  });

  test('takes any free port where it says 0, and paths from its own folder', () => {
    const { listen, storeFile } = controller(
      'site: site.yaml\nstateDir: /s\nstore: db/x.db\nlisten: { agents: "127.0.0.1:0", page: "[::1]:80" }\n',
    );
    expect(listen).toEqual({ agents: { host: '127.0.0.1', port: 0 }, page: { host: '::1', port: 80 } });
    expect(storeFile).toBe(join(dir, 'db/x.db'));
  });

  test('gives its one agent all miners where the site file names none', () => {
    const { site } = controller(`site: site.yaml\nstateDir: s\nagentKeys: { a9: ${KEY} }\n`);
    expect(site.agents).toMatchObject([{ agent: 'a9', feeds: ['site'] }]);
    expect(site.agents[0]?.miners).toHaveLength(20);
  });

  test.each([
    ['a site without pools', 'CONFIG_MISSING', 'site: no-pools.yaml\nstateDir: s\n'],
    ['a site that is not there', 'CONFIG_READ', 'site: nowhere.yaml\nstateDir: s\n'],
    ['no state directory', 'CONFIG_MISSING', 'site: site.yaml\n'],
    ['a listener without a port', 'CONFIG_VALUE', 'site: site.yaml\nstateDir: s\nlisten: { page: 127.0.0.1 }\n'],
    ['a store that is no file', 'CONFIG_VALUE', 'site: site.yaml\nstateDir: s\nstore: "postgres://db/x"\n'],
    ['a key of 31 bytes', 'CONFIG_VALUE', 'site: site.yaml\nstateDir: s\nagentKeys: { a1: AAAA }\n'],
    ['a key for nobody', 'CONFIG_REFERENCE', `site: agents.yaml\nstateDir: s\nagentKeys: { a3: ${KEY} }\n`],
    [
      'two agents nobody shares miners among',
      'CONFIG_MISSING',
      `site: site.yaml\nstateDir: s\nagentKeys: { a1: ${KEY}, a2: ${KEY} }\n`,
    ],
    ['an unknown key', 'CONFIG_UNKNOWN_KEY', 'site: site.yaml\nstatedir: s\n'],
  ])('with %s is refused with %s', (_what, code, text) => {
    const refused = refusal(() => controller(text));
    expect(refused.code).toBe(code);
    expect(refused.message).not.toContain('\n');
  });
});

describe('two listeners on one port', () => {
  const listening = (listen: string) => controller(`site: site.yaml\nstateDir: s\nlisten: { ${listen} }\n`);

  test.each([
    ['agents: "127.0.0.1:7500", page: "127.0.0.1:7500"', 'listen.agents', 'listen.page is 127.0.0.1:7500'],
    ['agents: "0.0.0.0:7500", page: "127.0.0.1:7500"', 'listen.agents', 'listen.page is 127.0.0.1:7500'],
    ['agents: "localhost:7411"', 'listen.agents', 'listen.page is 127.0.0.1:7411'],
    ['page: "127.0.0.1:7410"', 'listen.page', 'listen.agents is 127.0.0.1:7410'],
  ])('%s is refused, naming both', (listen, key, other) => {
    const refused = refusal(() => listening(listen));
    expect([refused.code, refused.key]).toEqual(['CONFIG_VALUE', key]);
    expect(refused.message).toContain(other);
  });

  test('is fine on two addresses, and where any free port is taken', () => {
    for (const listen of [
      'agents: "127.0.0.1:7500", page: "127.0.0.2:7500"',
      'agents: "127.0.0.1:0", page: "127.0.0.1:0"',
    ]) {
      expect(() => listening(listen)).not.toThrow();
    }
  });
});

describe('an agent’s file', () => {
  test('that names its one controller as a text is shown the list', () => {
    const { message } = refusal(() => agent(AGENT.replace(/\[(.*)\]/, '$1')));
    expect(message).toMatch(/controller is "ws:.*expected a list.*: \[ws:\/\/127\.0\.0\.1:7410\/agent\]$/);
  });

  test('has safe defaults: no password is tried, no power is cut, and a file stops it', () => {
    expect(agent(AGENT)).toMatchObject({
      controllers: ['ws://127.0.0.1:7410/agent'],
      stateDir: join(dir, 'state'),
      keyFile: join(dir, 'state', 'agent.key'),
      credentialsFile: null,
      controllerKey: null,
      poll: { intervalMs: 15_000, concurrency: 64, deadlineMs: 10_000 },
      caps: { powerCycle: false, killSwitchFile: join(dir, 'state', 'STOP') },
    });
  });

  test('keeps the caps that it does not change', () => {
    expect(agent(`${AGENT}caps: { maxAtOncePct: 100 }\n`).caps).toMatchObject({
      maxAtOncePct: 100,
      pushesPerMinerPerHour: 2,
      pushesPerMinerPerDay: 4,
    });
  });

  test('has all miners where the site file names no agents', () => {
    const { site } = agent(AGENT.replace('agents.yaml', 'site.yaml'));
    expect(site.agents).toMatchObject([{ agent: 'a1', feeds: ['site'] }]);
  });

  test.each([
    ['a name that the site file does not have', 'CONFIG_REFERENCE', AGENT.replace('a1', 'a3')],
    ['a controller that is no WebSocket', 'CONFIG_VALUE', AGENT.replace('ws:', 'http:')],
    ['one controller that is not a list', 'CONFIG_VALUE', AGENT.replace(/\[(.*)\]/, '$1')],
    ['a site without pools', 'CONFIG_MISSING', AGENT.replace('agents.yaml', 'no-pools.yaml')],
    ['more than all miners at once', 'CONFIG_VALUE', `${AGENT}caps: { maxAtOncePct: 101 }\n`],
    ['a password', 'CONFIG_UNKNOWN_KEY', `${AGENT}password: x\n`],
  ])('with %s is refused with %s', (_what, code, text) => {
    expect(refusal(() => agent(text)).code).toBe(code);
  });
});

describe('what the probes need', () => {
  test('comes from an agent’s file or from a site file', () => {
    expect(loadReach(write('agent.yaml', AGENT)).agent).toBe('a1');
    expect(loadReach(join(dir, 'agents.yaml')).agent).toBeNull();
    expect(refusal(() => loadReach(join(dir, 'no-pools.yaml'))).code).toBe('CONFIG_MISSING');
  });
});

describe('a file that cannot be read', () => {
  test('is named with the reason', () => {
    expect(refusal(() => loadSite(join(dir, 'nowhere.yaml')))).toMatchObject({
      code: 'CONFIG_READ',
      message: /no such file/,
    });
    expect(refusal(() => loadSite(dir)).message).toMatch(/it is a folder/);
  });
});
