import { afterEach, describe, expect, test } from '@jest/globals';
import type { Round } from '../../../agent/probe/probe.ts';
import { createRounds, type Rounds, type RoundsOptions } from '../../../agent/probe/rounds.io.ts';
import type { Endpoint, Reachability } from '../../../config/site.ts';
import { scaledClock } from '../../../shared/clock.io.ts';
import { agentId, uplinkId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { fakePing, PASSES, pathOf } from './fake-ping.ts';
import { notifyLine } from './jobs.ts';
import { accepted, closedPort, poolServer, type Running, SUBSCRIBED, servingPool, tcpServer } from './servers.ts';
import { anUplink, aPool, aReachability } from './site.ts';

const running: Running[] = [];
const started: Rounds[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
  await Promise.all(running.splice(0).map((one) => one.close()));
});
const start = async (server: Promise<Running>): Promise<Endpoint> => {
  const one = await server;
  running.push(one);
  return one.at;
};

// Ten times as fast, so that the rounds are those of a real site and the test is short.
const clock = scaledClock(10, unixMs(Date.now()));
const ME = agentId('a1');
const foreign = (at: Endpoint) => ({ ...at, kind: 'foreign' as const });

type Heard = Readonly<{
  rounds: Rounds;
  all: Round[];
  until(condition: (all: readonly Round[]) => boolean): Promise<void>;
}>;
const listen = (reachability: Reachability, options: Partial<RoundsOptions> = {}): Heard => {
  const all: Round[] = [];
  const waiting = new Set<() => void>();
  const rounds = createRounds({
    reachability,
    agent: ME,
    clock,
    random: seededRandom(1),
    onRound(round) {
      all.push(round);
      for (const look of [...waiting]) look();
    },
    ...options,
  });
  started.push(rounds);
  const until = (condition: (heard: readonly Round[]) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!condition(all)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { rounds, all, until };
};
const count = (all: readonly Round[], kind: Round['kind']): number => all.filter((round) => round.kind === kind).length;
const jobOf = ({ evidence }: Round): string => {
  const finding = evidence.find(({ layer }) => layer === 'job')?.finding;
  return finding?.is === 'up' ? 'up' : `${finding?.is} ${finding?.why}`;
};

describe('rounds', () => {
  test('run once on every uplink of this agent, and of nobody else', async () => {
    const anchor = foreign(await start(tcpServer(() => {})));
    const uplinks = [
      anUplink({ uplink: uplinkId('shared') }),
      anUplink({ uplink: uplinkId('mine'), agent: ME }),
      anUplink({ uplink: uplinkId('other'), agent: agentId('a2') }),
    ];
    const { rounds, all } = listen(aReachability({ anchors: [anchor], uplinks, resolvers: [anchor] }));
    const once = await rounds.once();
    expect(once.map(({ uplink, kind }) => `${uplink} ${kind}`)).toEqual(['shared full', 'mine full']);
    expect(once[0]?.evidence).toContainEqual(
      expect.objectContaining({ layer: 'tcp', kind: 'foreign', finding: { is: 'up', tookMs: expect.any(Number) } }),
    );
    expect(all).toEqual([]);
  });

  test('watch the path between full rounds while a job counts', async () => {
    const pool = aPool(await start(poolServer(servingPool(notifyLine))));
    const anchor = foreign(await start(tcpServer(() => {})));
    const { rounds, all, until } = listen(
      aReachability({ pools: [pool], anchors: [anchor], resolvers: [anchor], probeTimeoutMs: millis(300) }),
    );
    rounds.start();
    await until((heard) => count(heard, 'full') >= 2 && count(heard, 'watch') >= 3);
    const watch = all.find(({ kind }) => kind === 'watch');
    expect(watch?.evidence.map(({ layer }) => layer).sort()).toEqual(['job', 'tcp']);
    expect(all.filter((round) => jobOf(round) !== 'up')).toEqual([]);
  });

  test('ask one anchor in a watch round while it answers, and the others in the same round where it is gone', async () => {
    const pool = aPool(await start(poolServer(servingPool(notifyLine))));
    const [stays, ...going] = await Promise.all([1, 2, 3].map(() => tcpServer(() => {})));
    if (stays !== undefined) running.push(stays);
    const anchors = [stays, ...going].flatMap((one) => (one === undefined ? [] : [foreign(one.at)]));
    // Full rounds so far apart that only watch rounds can see who is gone.
    const { rounds, all, until } = listen(aReachability({ pools: [pool], anchors, roundMs: millis(80_000) }));
    rounds.start();
    await until((heard) => count(heard, 'watch') >= 3);
    const asked = ({ evidence }: Round): number => evidence.filter(({ layer }) => layer === 'tcp').length;
    expect(all.filter(({ kind }) => kind === 'watch').map(asked)).toEqual([1, 1, 1]);
    await Promise.all(going.map((one) => one.close()));
    await until((heard) => heard.some((round) => round.kind === 'watch' && asked(round) === 3));
    expect(all.map(jobOf).filter((job) => job !== 'up')).toEqual([]);
  });

  test('ask for echoes once in six full rounds while jobs come, and in each where none does', async () => {
    const before = process.env.PATH;
    process.env.PATH = pathOf(fakePing(PASSES));
    try {
      const pool = aPool(await start(poolServer(servingPool(notifyLine))));
      const anchor = foreign(await start(tcpServer(() => {})));
      const short = { anchors: [anchor], icmpPerRound: 3, roundMs: millis(2_000), probeTimeoutMs: millis(1_500) };
      const asked = ({ evidence }: Round): boolean => evidence.some(({ layer }) => layer === 'icmp');
      const first = async (pools: Reachability['pools']): Promise<readonly boolean[]> => {
        const { rounds, all, until } = listen(aReachability({ ...short, pools }));
        rounds.start();
        await until((heard) => count(heard, 'full') >= 7);
        return all
          .filter(({ kind }) => kind === 'full')
          .map(asked)
          .slice(0, 7);
      };
      expect(await first([pool])).toEqual([true, false, false, false, false, false, true]);
      expect(await first([{ ...pool, port: (await closedPort()).port }])).toEqual(Array(7).fill(true));
    } finally {
      process.env.PATH = before;
    }
  });

  test('watch nothing before a job was seen', async () => {
    const anchor = foreign(await start(tcpServer(() => {})));
    const { rounds, all, until } = listen(
      aReachability({
        anchors: [anchor],
        resolvers: [anchor],
        roundMs: millis(1_000),
        watchRoundMs: millis(100),
        probeTimeoutMs: millis(100),
      }),
    );
    rounds.start();
    await until((heard) => count(heard, 'full') >= 4);
    expect(count(all, 'watch')).toBe(0);
  });

  test('notice within a watch round or two that the pool has fallen silent and nothing else answers', async () => {
    const clients: { destroy(): void }[] = [];
    const server = await poolServer((ask, client) => {
      clients.push(client.socket);
      // After the subscription it hears everything and says nothing: a connection that a cut left open.
      if (ask.id === 1) client.say(SUBSCRIBED, notifyLine());
      if (ask.id === 2) client.say(accepted(ask.id));
    });
    running.push(server);
    const short = { watchTimeoutMs: millis(100), probeTimeoutMs: millis(200), roundMs: millis(60_000) };
    const { rounds, all, until } = listen(
      aReachability({ pools: [aPool(server.at)], resolvers: [server.at], ...short }),
    );
    rounds.start();
    await until((heard) => count(heard, 'watch') >= 4);
    expect(
      all
        .filter(({ kind }) => kind === 'watch')
        .slice(-3)
        .map(jobOf),
    ).toEqual(Array(3).fill('down timeout'));
  });

  test('take an answer to a nudge for a living path where nothing else can vouch for it', async () => {
    const pool = aPool(await start(poolServer(servingPool(notifyLine))));
    const { rounds, all, until } = listen(
      aReachability({
        pools: [pool],
        resolvers: [pool],
        probeTimeoutMs: millis(200),
        roundMs: millis(2_000),
        watchRoundMs: millis(1_000),
      }),
    );
    rounds.start();
    await until((heard) => count(heard, 'watch') >= 5 && count(heard, 'full') >= 3);
    expect(new Set(all.map(jobOf))).toEqual(new Set(['up']));
  });

  test('make the whole proof again after more dead rounds than the hold forgives', async () => {
    let subscriptions = 0;
    let deaf = false;
    const server = await poolServer((ask, { say }) => {
      if (ask.id === 1) {
        subscriptions += 1;
        say(SUBSCRIBED, notifyLine());
      } else if (!deaf) say(accepted(ask.id));
    });
    running.push(server);
    const { rounds } = listen(
      aReachability({
        pools: [aPool(server.at)],
        resolvers: [server.at],
        probeTimeoutMs: millis(200),
        subscribeSpacingMs: millis(0),
      }),
    );
    const job = async (): Promise<string> => jobOf((await rounds.once())[0] as Round);
    expect(await job()).toBe('up');
    deaf = true;
    expect([await job(), await job()]).toEqual(['down timeout', 'down timeout']);
    expect(subscriptions).toBe(1);
    deaf = false;
    expect(await job()).toBe('up');
    expect(subscriptions).toBe(2);
  });

  test('look into the host’s own tables last: a neighbour that nobody has asked for is in none', async () => {
    const silent = await start(tcpServer(() => {}));
    const http = [{ url: `http://${silent.host}:${silent.port}/`, address: null, challengeHeader: 'x' }];
    const { rounds } = listen(aReachability({ http, resolvers: [silent], probeTimeoutMs: millis(100) }));
    const [round] = await rounds.once();
    const asked = round?.evidence.map(({ layer, target }) => `${layer} ${target}`) ?? [];
    expect(asked.slice(-2).sort()).toEqual(['gateway neighbour', 'link default route']);
    expect(asked.length).toBeGreaterThan(2);
  });

  test('never overlap, however slow the world is', async () => {
    let [open, most, accepts] = [0, 0, 0];
    const slow = await start(
      tcpServer((socket) => {
        accepts += 1;
        most = Math.max(most, ++open);
        socket.on('close', () => {
          open -= 1;
        });
      }),
    );
    const http = [{ url: `http://${slow.host}:${slow.port}/`, address: null, challengeHeader: 'x' }];
    const { rounds, until } = listen(
      aReachability({ http, resolvers: [slow], roundMs: millis(10), probeTimeoutMs: millis(50) }),
    );
    rounds.start();
    await until((heard) => count(heard, 'full') >= 5);
    expect(accepts).toBeGreaterThanOrEqual(5);
    expect(most).toBe(1);
  });

  test('say how long this process itself stood still', async () => {
    const silent = await start(
      tcpServer((socket) => {
        socket.on('data', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400));
      }),
    );
    const http = [{ url: `http://${silent.host}:${silent.port}/`, address: null, challengeHeader: 'x' }];
    const { rounds } = listen(aReachability({ http, resolvers: [silent], probeTimeoutMs: millis(600) }));
    const [round] = await rounds.once();
    expect(round?.lagMs).toBeGreaterThanOrEqual(300);
  });

  test('end at once when they are stopped, with every socket closed and nothing more to say', async () => {
    const open = new Set<object>();
    const keep = (socket: { on(event: 'close', run: () => void): unknown }): void => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    };
    const serve = servingPool(notifyLine);
    const pool = aPool(
      await start(
        poolServer((ask, client) => {
          if (ask.id === 1) keep(client.socket);
          serve(ask, client);
        }),
      ),
    );
    const silent = await start(tcpServer(keep));
    const http = [{ url: `http://${silent.host}:${silent.port}/`, address: null, challengeHeader: 'x' }];
    const { rounds, all } = listen(
      aReachability({ pools: [pool], http, resolvers: [silent], probeTimeoutMs: millis(60_000) }),
    );
    rounds.start();
    while (open.size < 2) await new Promise((resolve) => setImmediate(resolve));
    await rounds.stop();
    while (open.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(all).toEqual([]);
  });
});
