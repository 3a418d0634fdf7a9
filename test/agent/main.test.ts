import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Compile } from 'typebox/compile';
import { type Agent, readHistory, startAgent } from '../../agent/index.ts';
import type { AgentConfig } from '../../config/daemons.ts';
import type { Site } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import type { JournalEntry } from '../../shared/command.ts';
import { type Log, silentLog } from '../../shared/log.ts';
import { type RecordBatch, StateReport } from '../../shared/messages.ts';
import { seededRandom } from '../../shared/random.ts';
import { type Farm, type Internet, startFarm, startInternet } from '../../sim/index.ts';
import { aHome, aLiveSite, type Home } from './daemon.ts';
import { aCommand } from './execute/builders.ts';
import { type FakeController, startFakeController } from './link/fake-controller.ts';

const SEED = 11;
let internet: Internet;
let site: Site;
let farm: Farm;
beforeAll(async () => {
  internet = await startInternet({ seed: SEED, clock: realClock });
  site = await aLiveSite(internet);
  farm = await startFarm({
    site,
    faults: new Map(),
    clock: realClock,
    random: seededRandom(SEED),
    seed: SEED,
    poolServes: () => internet.poolServes(),
  });
});
afterAll(async () => {
  await farm.stop();
  await internet.stop();
});

let controller: FakeController;
let home: Home;
let running: Agent[] = [];
beforeEach(async () => {
  controller = await startFakeController();
  home = aHome(site, [controller.url]);
});
afterEach(async () => {
  await Promise.all(running.map((agent) => agent.stop()));
  running = [];
  await controller.close();
  home.remove();
});

/** Starts the agent; the controller trusts the key that it logs. */
async function start(patch: Partial<AgentConfig> = {}): Promise<Agent> {
  const log: Log = {
    ...silentLog,
    info(fields) {
      if ('publicKey' in fields) controller.trust(String(fields.publicKey));
    },
  };
  const agent = await startAgent({
    config: { ...home.config, ...patch },
    clock: realClock,
    random: seededRandom(SEED),
    log,
  });
  running.push(agent);
  return agent;
}

const states = (): StateReport[] =>
  controller.heard.flatMap(([, , action, payload]) => (action === 'state' ? [payload as StateReport] : []));
const verdict = (): string | undefined => states().findLast(({ verdicts }) => verdicts.length > 0)?.verdicts[0]?.state;
const journal = (cmdId: string): JournalEntry[] =>
  controller.heard
    .flatMap(([, , action, payload]) => (action === 'records' ? (payload as RecordBatch).records : []))
    .flatMap(({ body }) => (body.kind === 'journal' && body.entry.cmdId === cmdId ? [body.entry] : []));
const ended = (cmdId: string): JournalEntry | undefined =>
  journal(cmdId).find(({ state }) => state === 'DONE' || state === 'NOT_EXECUTED');

describe('the agent', () => {
  test('reports every miner and the verdict, in messages that the controller accepts', async () => {
    await start();
    const hashing = (): Set<string> =>
      new Set(
        states()
          .flatMap(({ sightings }) => sightings)
          .flatMap(({ miner, snapshot }) => (snapshot?.miningState === 'hashing' ? [miner] : [])),
      );
    await controller.until(() => hashing().size === 2 && verdict() === 'RESTORED');
    const diagnosed = states()
      .flatMap(({ sightings }) => sightings)
      .filter(({ snapshot }) => snapshot?.miningState === 'hashing');
    expect(diagnosed.map(({ health }) => health)).toContainEqual({
      condition: 'hashing',
      evidence: [expect.stringContaining('% of its nominal rate')],
      rung: expect.stringMatching(/^(none|wait)$/),
      sinceAgeMs: expect.any(Number),
    });
    const valid = Compile(StateReport);
    expect(states().filter((report) => !valid.Check(report))).toEqual([]);
    const restored = controller.heard.flatMap(([, , action, payload]) =>
      action === 'records' ? (payload as RecordBatch).records.map(({ body }) => body) : [],
    );
    expect(restored).toContainEqual(expect.objectContaining({ kind: 'verdict', to: 'RESTORED' }));
  });

  test('keeps what its rounds found where others can read it', async () => {
    const agent = await start();
    await controller.until(() => verdict() === 'RESTORED');
    const reader = readHistory(join(home.config.stateDir, 'history.db'));
    try {
      const changes = reader.changes({ sinceMs: 0, uplink: null, limit: 10 });
      expect(changes.map(({ was, state }) => [was, state])).toContainEqual(['PARTIAL', 'RESTORED']);
      running = [];
      await agent.stop();
      const rounds = [...reader.rounds(0)];
      expect(rounds.at(-1)?.evidence.map(({ layer }) => layer)).toContain('job');
    } finally {
      reader.close();
    }
  });

  test('carries out an order once the connection is restored, and not again when the internet is away', async () => {
    await start();
    await controller.until(() => controller.actions().includes('state'));
    const [one = '', two = ''] = [...site.miners.keys()];
    const precond = { healthyThs: 1_000, uptimeS: null, miningState: null }; // no miner does so much: none counts as healthy
    await controller.call('command', { command: aCommand({ cmdId: 'early', miner: one, siteEpoch: 3, precond }) });
    await controller.until(() => ended('early') !== undefined);
    expect(ended('early')).toMatchObject({ state: 'NOT_EXECUTED', notExecuted: 'not_restored' });

    await controller.until(() => verdict() === 'RESTORED');
    await controller.call('command', { command: aCommand({ cmdId: 'now', miner: one, siteEpoch: 3, precond }) });
    await controller.until(() => ended('now') !== undefined);
    expect(ended('now')?.state).toBe('DONE');
    expect(journal('now').map(({ state }) => state)).toEqual(['RECEIVED', 'ACTING', 'DONE']);
    expect(farm.miners().map(({ pushes }) => pushes)).toEqual([1, 0]);

    await internet.set('down');
    await controller.until(() => verdict() !== 'RESTORED');
    await controller.call('command', { command: aCommand({ cmdId: 'late', miner: two, siteEpoch: 3, precond }) });
    await controller.until(() => ended('late') !== undefined);
    expect(ended('late')).toMatchObject({ state: 'NOT_EXECUTED', notExecuted: 'not_restored' });
    await internet.set('up');
  });

  test('makes its key at the first start, for its own eyes, and keeps it', async () => {
    const first = await start();
    expect(statSync(home.config.keyFile).mode & 0o777).toBe(0o600);
    await controller.until(() => controller.actions().includes('state'));
    await first.stop();
    running = [];
    await start();
    await controller.until(() => controller.actions().filter((action) => action === 'proof').length === 2);
    await controller.until(() => controller.actions().at(-1) === 'state');
  });

  test('says goodbye and leaves nothing running when it is stopped', async () => {
    const agent = await start();
    await controller.until(() => controller.actions().includes('state'));
    await agent.stop();
    running = [];
    await controller.until(() => controller.closes.length === 1);
    expect(controller.actions().at(-1)).toBe('goodbye');
  });
});

describe('an agent that cannot run', () => {
  const refused = (code: string) => expect.objectContaining({ code });

  test('refuses a key that others can read', async () => {
    mkdirSync(home.config.stateDir);
    writeFileSync(home.config.keyFile, 'whatever');
    chmodSync(home.config.keyFile, 0o640);
    await expect(start()).rejects.toThrow(refused('CONFIG_PERMISSIONS'));
  });

  test('refuses a state directory that another agent has', async () => {
    await start();
    await expect(start()).rejects.toThrow(refused('LOCKED'));
  });

  test('refuses a state directory that is none', async () => {
    writeFileSync(home.config.stateDir, '');
    await expect(start()).rejects.toThrow(refused('STATE_DIR'));
  });

  test('refuses a controller beyond this machine, and a name that the site file does not have', async () => {
    await expect(start({ controllers: ['ws://192.0.2.1:1/agent'] })).rejects.toThrow(refused('CONFIG_NOT_LOOPBACK'));
    const other = { agent: 'a9' as never, feeds: [], miners: [] };
    await expect(start({ site: { ...site, agents: [other] } })).rejects.toThrow(refused('CONFIG_REFERENCE'));
  });

  test('refuses a site without pools', async () => {
    await expect(start({ site: { ...site, reachability: null } })).rejects.toThrow(refused('CONFIG_MISSING'));
  });
});
