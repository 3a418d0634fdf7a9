import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startController } from '../../controller/index.ts';
import type { Controller } from '../../controller/main.ts';
import { realClock } from '../../shared/clock.io.ts';
import { silentLog } from '../../shared/log.ts';
import type { SiteView } from '../../shared/view.ts';
import { linkAgent } from './agent.ts';
import { agentKeys, aHome, aSite, type Home } from './fixture.ts';

const keys = agentKeys();
let home: Home;
const running: Controller[] = [];
beforeEach(() => {
  home = aHome(aSite(), [keys]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  home.remove();
});

async function start(change: object = {}): Promise<Controller> {
  const controller = await startController({ config: { ...home.config, ...change }, clock: realClock, log: silentLog });
  running.push(controller);
  return controller;
}

const at = (port: number, host = '127.0.0.1') => ({ host, port });

describe('a controller', () => {
  test('serves its page and its agents, and is gone after it was stopped', async () => {
    const controller = await start();
    const agent = await linkAgent(controller.agentsAt, { keys });
    const { host, port } = controller.pageAt;
    const view = (await (await fetch(`http://${host}:${port}/api/v1/site`)).json()) as SiteView;
    expect(view).toMatchObject({ site: 'site-1', epoch: 1, agents: [{ agent: 'a1', linked: true }] });
    await controller.stop();
    expect((await agent.speaker.closed).code).toBe(1001);
    await expect(fetch(`http://${host}:${port}/api/v1/site`)).rejects.toThrow();
  });

  test('keeps its key, and raises its epoch with every start', async () => {
    const ids: string[] = [];
    for (const epoch of [1, 2]) {
      const controller = await start();
      const agent = await linkAgent(controller.agentsAt, { keys });
      ids.push(agent.back.controller);
      expect(agent.back.siteEpoch).toBe(epoch);
      await controller.stop();
    }
    expect(ids[0]).toBe(ids[1]);
    expect(statSync(join(home.config.stateDir, 'controller.key')).mode & 0o777).toBe(0o600);
  });

  test('does not hold a stop up for an agent that does not answer', async () => {
    const controller = await start();
    const agent = await linkAgent(controller.agentsAt, { keys });
    agent.speaker.socket.pause();
    await controller.stop();
    agent.speaker.socket.terminate();
  });
});

describe('a controller does not start, and leaves nothing open,', () => {
  /** What it was refused with; then the same state directory must be free for the next. */
  async function refused(change: object): Promise<string> {
    const code = await start(change).then(
      () => 'it started',
      (error: { code?: string }) => error.code ?? String(error),
    );
    await (await start()).stop();
    return code;
  }

  test('where an agent’s or the page’s address is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    expect(await refused({ listen: { ...home.config.listen, agents: at(port) } })).toBe('PORT_IN_USE');
    expect(await refused({ listen: { ...home.config.listen, page: at(port) } })).toBe('PORT_IN_USE');
    await new Promise((resolve) => taken.close(resolve));
  });

  test('on an address that the network can reach', async () => {
    expect(await refused({ listen: { ...home.config.listen, agents: at(0, '0.0.0.0') } })).toBe('CONFIG_NOT_LOOPBACK');
    expect(await refused({ listen: { ...home.config.listen, page: at(0, '0.0.0.0') } })).toBe('CONFIG_NOT_LOOPBACK');
  });

  test('with a key that others can read, or that is none', async () => {
    const stateDir = join(home.config.stateDir, 'other');
    mkdirSync(stateDir);
    const file = join(stateDir, 'controller.key');
    writeFileSync(file, 'not a key');
    chmodSync(file, 0o644);
    expect(await refused({ stateDir })).toBe('CONFIG_PERMISSIONS');
    chmodSync(file, 0o600);
    expect(await refused({ stateDir })).toBe('CONFIG_VALUE');
  });

  test('where the state directory cannot be made', async () => {
    writeFileSync(join(home.config.stateDir, 'file'), '');
    expect(await refused({ stateDir: join(home.config.stateDir, 'file', 'below') })).toBe('STATE_DIR');
  });

  test('while another one has the state directory', async () => {
    const first = await start();
    const other = { storeFile: join(home.config.stateDir, 'another.db') };
    await expect(start(other)).rejects.toMatchObject({ code: 'LOCKED' });
    await first.stop();
    await start(other);
  });
});

test('a controller says on its page which agents are silent', async () => {
  const controller = await start();
  const { host, port } = controller.pageAt;
  const degraded = async (): Promise<string> =>
    ((await (await fetch(`http://${host}:${port}/api/v1/site`)).json()) as SiteView).degraded.join();
  expect(await degraded()).toContain('agent a1 is not linked');
  await linkAgent(controller.agentsAt, { keys });
  expect(await degraded()).toBe('');
});
