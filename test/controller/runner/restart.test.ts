import { afterEach, describe, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../../controller/store/sqlite/open.io.ts';
import type { Command } from '../../../shared/command.ts';
import { down, type TestAgent, verdict } from '../agent.ts';
import { until } from '../fixture.ts';
import { aFarm, ended, type Farm, rebooted } from './farm.ts';

let farm: Farm;
let quiet = (): void => {};
afterEach(async () => {
  quiet();
  await farm.end();
});

const by = { actor: 'ann', reason: 'test' };

/** An agent that carries orders out at once. */
async function obey(agent: TestAgent, command: Command): Promise<void> {
  await agent.journal(command, 'ACTING');
  farm.set(command.miner, rebooted());
  await agent.journal(command, 'DONE');
}

const tooOften = (): readonly string[] => {
  const ids = farm.memory.orders.map(({ miner }) => miner);
  return ids.filter((miner, i) => ids.indexOf(miner) !== i);
};

/** DOWN is seen first, then the verdict as it is set. */
async function outage(): Promise<{ over(): void }> {
  let now = down();
  quiet = farm.reporting(() => now);
  await until(() => farm.daemon().port.view().outage !== null);
  return { over: () => (now = verdict()) };
}

describe('a restart', () => {
  test('begins by itself when an outage has ended, and brings every miner back with one order each', async () => {
    farm = aFarm(4);
    await farm.start();
    await farm.link((agent, command) => void obey(agent, command));
    const { over } = await outage();
    expect(farm.restart()).toBeNull();
    over();
    await ended(farm);
    expect(farm.restart()).toMatchObject({ state: 'COMPLETED', jobs: { HEALTHY: 4 }, pushed: 4 });
    expect(tooOften()).toEqual([]);
    const view = farm.daemon().port.view();
    expect(view.miners.map(({ look }) => look)).toEqual(['hashing', 'hashing', 'hashing', 'hashing']);
    expect(view.outages).toMatchObject([{ outage: 1, endedMs: expect.any(Number) }]);
    expect(view.timeline.map(({ state }) => state)).toEqual(['UNKNOWN', 'DOWN', 'PARTIAL', 'RESTORED']);
  });

  test('ends by itself, without an order, when everybody hashes already', async () => {
    farm = aFarm(2);
    for (const miner of farm.home.config.site.miners.keys()) farm.set(miner, rebooted());
    await farm.start();
    await farm.link();
    const { over } = await outage();
    over();
    await ended(farm);
    expect(farm.restart()).toMatchObject({ state: 'COMPLETED', recoveredAlone: 2, pushed: 0 });
    expect(farm.memory.orders).toEqual([]);
  });

  test('may be armed by a person while the internet is down, and sends nothing until it is back', async () => {
    farm = aFarm(2);
    await farm.start();
    await farm.link((agent, command) => void obey(agent, command));
    const { over } = await outage();
    expect(await farm.daemon().port.start(by)).toMatchObject({ ok: true });
    expect(await farm.daemon().port.start(by)).toMatchObject({ ok: false, code: 'RESTART_OPEN' });
    expect(farm.restart()).toMatchObject({ state: 'ARMED' });
    expect(farm.memory.orders).toEqual([]);
    over();
    await ended(farm);
    expect(farm.restart()).toMatchObject({ state: 'COMPLETED' });
    expect(await farm.daemon().port.restarts(9)).toHaveLength(1);
    const audit = await farm.daemon().port.audit(9);
    expect(audit.map(({ actor, action, outcome }) => [actor, action, outcome])).toEqual([
      ['ann', 'start', 'RESTART_OPEN'],
      ['ann', 'start', 'ok'],
    ]);
  });

  test('waits for its approval where a person has to give it', async () => {
    farm = aFarm(1, { approval: { mode: 'person' } });
    await farm.start();
    await farm.link((agent, command) => void obey(agent, command));
    const { over } = await outage();
    over();
    await until(() => farm.restart()?.state === 'AWAITING_APPROVAL');
    expect(await farm.daemon().port.act('resume', by)).toMatchObject({ code: 'NOT_PAUSED' });
    expect(await farm.daemon().port.act('approve', by)).toMatchObject({ ok: true });
    expect(await farm.daemon().port.act('approve', by)).toMatchObject({ code: 'NOT_AWAITING_APPROVAL' });
    await ended(farm);
  });

  test('is refused where the miners do not fit under the limits, and the page says so', async () => {
    farm = aFarm(2, {}, { capW: 6_400 }); // room for both to hash, and not for the last one's boot
    await farm.start();
    expect(await farm.daemon().port.start(by)).toMatchObject({ ok: false, code: 'PLAN_INFEASIBLE' });
    expect(farm.daemon().port.view().degraded.join()).toContain('pdu-1 needs');
  });

  test('pauses when the connection is lost, and takes back what was not acted on', async () => {
    farm = aFarm(2);
    await farm.start();
    await farm.link();
    let now = verdict();
    quiet = farm.reporting(() => now);
    await farm.daemon().port.start(by);
    await until(() => farm.memory.orders.length === 2);
    now = down();
    await until(() => farm.memory.calls.includes('revoke'));
    expect(farm.restart()).toMatchObject({ state: 'PAUSING', pauseReasons: ['CONNECTIVITY'] });
    for (const command of farm.memory.orders) {
      await farm.agent().journal(command, 'NOT_EXECUTED', { notExecuted: 'revoked' });
    }
    await until(() => farm.restart()?.state === 'PAUSED');
  });
});

describe('while the site is not restored', () => {
  test('nothing goes out, whatever a person does, and the view says so with the reason', async () => {
    farm = aFarm(2, { approval: { mode: 'person' } });
    await farm.start();
    const { port } = farm.daemon();
    expect(port.view()).toMatchObject({ suppressed: { why: 'quorum.known0of1' }, forecast: null });
    await farm.link((agent, command) => void obey(agent, command));
    const { over } = await outage();
    const before = port.view();
    expect(before.suppressed).toEqual({ why: 'dns.timeout', sinceMs: expect.any(Number) });
    expect(before.forecast).toMatchObject({ openSinceMs: null, chance: null, why: expect.stringMatching(/^only 0/) });
    expect(before.forecast?.needMs).toBeGreaterThan(20_000); // two boots at once, and the soak
    for (const act of ['approve', 'pause', 'resume'] as const) {
      if (act === 'approve') expect(await port.start(by)).toMatchObject({ ok: true });
      expect(await port.act(act, by)).toMatchObject({ ok: true });
    }
    expect(farm.restart()).toMatchObject({ state: 'ARMED' });
    // Round trips on the same socket: an order that had been sent would have come before the last answer.
    for (let i = 0; i < 5; i++) {
      await farm.agent().record({ kind: 'loss', fromSeq: 1, toSeq: 1, reason: 'z', count: 1 });
    }
    expect(farm.memory.orders).toEqual([]);
    over();
    await ended(farm);
    expect(farm.restart()).toMatchObject({ state: 'COMPLETED', pushed: 2 });
    expect(port.view()).toMatchObject({ suppressed: null, forecast: null });
    expect((await port.outages(1))[0]?.cost).toMatchObject({ minerHours: expect.any(Number) });
  });
});

describe('a new controller process', () => {
  test('goes on in the middle of a wave, asks what became of its orders, and sends none a second time', async () => {
    farm = aFarm(4);
    await farm.start();
    await farm.link();
    quiet = farm.reporting();
    await farm.daemon().port.start(by);
    await until(() => farm.memory.orders.length === 2);
    const [first, second] = farm.memory.orders;
    if (first === undefined || second === undefined) throw new Error('two orders were expected');
    await farm.agent().journal(first, 'ACTING');
    await farm.stop();

    // Meanwhile the first order is carried out, and the second one is still only in the agent's journal.
    farm.set(first.miner, rebooted());
    await farm.start();
    expect(farm.restart()).toMatchObject({ pauseReasons: expect.arrayContaining(['CONNECTIVITY', 'TAKEOVER']) });
    const agent = await farm.link((again, command) => void obey(again, command));
    await agent.journal(first, 'DONE');
    await until(() => farm.memory.calls.includes('journal'));
    await obey(agent, second);
    await ended(farm);
    expect(farm.restart()).toMatchObject({ state: 'COMPLETED', jobs: { HEALTHY: 4 } });
    expect(tooOften()).toEqual([]);
    expect(farm.daemon().port.view().epoch).toBe(2);
  });

  test('frees an order that never reached the agent, and gives it anew under a new id and epoch', async () => {
    farm = aFarm(1);
    await farm.start();
    const agent = await farm.link();
    quiet = farm.reporting();
    agent.speaker.onCall(() => undefined); // the order is lost on its way
    await farm.daemon().port.start(by);
    await until(() => farm.restart()?.jobs.SENT === 1);
    await farm.stop();
    await farm.start();
    await farm.link((again, command) => void obey(again, command));
    await ended(farm);
    expect(farm.memory.orders).toMatchObject([{ attempt: 2, siteEpoch: 2 }]);
    expect(farm.restart()).toMatchObject({ state: 'COMPLETED' });
  });

  test('applies what an earlier one had acknowledged and not applied', async () => {
    farm = aFarm(1);
    await farm.start();
    await farm.link();
    quiet = farm.reporting();
    await farm.daemon().port.start(by);
    await until(() => farm.memory.orders.length === 1);
    const [command] = farm.memory.orders;
    if (command === undefined) throw new Error('an order was expected');
    await farm.stop();
    const store = await openSqliteStore({ file: farm.home.config.storeFile });
    const entry = {
      cmdId: command.cmdId,
      restart: command.restart,
      miner: command.miner,
      action: command.action,
      state: 'ACTING' as const,
      notExecuted: null,
      result: null,
      detail: null,
      uptimeS: null,
      atMs: 0,
    };
    await store.appendRecords({ site: 'site-1', agent: 'a1', bootEpoch: 1, receivedMs: 0 }, [
      { seq: 1, atMs: 0, ageMs: 0, queued: false, body: { kind: 'journal', entry } },
    ]);
    await store.close();
    await farm.start();
    await until(() => farm.restart()?.jobs.BOOTING === 1);
  });

  test('ends a restart that was planned for another site file', async () => {
    farm = aFarm(2);
    await farm.start();
    await farm.link();
    quiet = farm.reporting();
    await farm.daemon().port.start(by);
    await until(() => farm.memory.orders.length > 0);
    await farm.stop();
    const { config } = farm.home;
    await farm.start({ config: { ...config, site: { ...config.site, revision: 'another' } } });
    expect(await farm.daemon().port.restarts(9)).toMatchObject([{ state: 'ABORTED', ended: true }]);
    expect(farm.daemon().port.view().degraded.join()).toContain('another site file');
  });
});
