import { afterEach, describe, expect, test } from '@jest/globals';
import { type LineOptions, PoolLine } from '../../../agent/probe/line.io.ts';
import { createNtp } from '../../../agent/probe/ntp.io.ts';
import { workerOf } from '../../../agent/probe/pool.io.ts';
import { createResolve } from '../../../agent/probe/resolve.io.ts';
import type { Endpoint, Pool } from '../../../config/site.ts';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import type { Finding } from '../../../shared/finding.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { notifyLine } from './jobs.ts';
import {
  type Ask,
  accepted,
  closedPort,
  dnsServer,
  type PoolClient,
  poolServer,
  type Running,
  SUBSCRIBED,
  servingPool,
  tcpServer,
} from './servers.ts';
import { aPool } from './site.ts';

const running: Running[] = [];
const lines: PoolLine[] = [];
afterEach(async () => {
  for (const line of lines.splice(0)) line.close();
  await Promise.all(running.splice(0).map((one) => one.close()));
});
const start = async (server: Promise<Running>): Promise<Endpoint> => {
  const started = await server;
  running.push(started);
  return started.at;
};

const SPACING_MS = 30_000;
const MAX_AGE_MS = 90_000;
type Made = Readonly<{ line: PoolLine; clock: VirtualClock }>;
const lineTo = (to: Endpoint & Partial<Pool>, options: Partial<LineOptions> = {}): Made => {
  const clock = virtualClock(unixMs(Date.now()));
  const pool = aPool(to);
  const line = new PoolLine({
    pool,
    worker: () => workerOf(pool),
    from: { sourceAddress: null, resolve: createResolve([], null) },
    clock,
    spacingMs: millis(SPACING_MS),
    maxAgeMs: millis(MAX_AGE_MS),
    skewMs: millis(7_200_000),
    ntp: createNtp({ targets: [], from: { sourceAddress: null, resolve: createResolve([], null) }, clock }),
    ...options,
  });
  lines.push(line);
  return { line, clock };
};

const LONG_MS = millis(5_000);
const SHORT_MS = millis(150); // for those that never answer
const never = new AbortController().signal;
const word = (finding: Finding): string => (finding.is === 'up' ? 'up' : `${finding.is} ${finding.why}`);
const layersOf = (line: PoolLine): readonly string[] => {
  const { tcp, stratum, job } = line.report();
  return [word(tcp), word(stratum), word(job)];
};
const prove = async ({ line }: Made, timeoutMs = LONG_MS): Promise<readonly string[]> => {
  await line.prove(timeoutMs, never);
  return layersOf(line);
};

/** Resolves when the condition holds; the test's own timeout ends one that never does. */
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe('a pool that serves', () => {
  test('is proven down to a checked job', async () => {
    const at = await start(poolServer(servingPool(notifyLine)));
    const made = lineTo(at);
    expect(await prove(made)).toEqual(['up', 'up', 'up']);
    expect(made.line.report()).toMatchObject({ offered: { height: 840_001 }, connectedAtMs: 0, heardAtMs: 0 });
  });

  test('may send its job only after the authorization, as ckpool solo does', async () => {
    const script = ({ id, method }: Ask, { say }: PoolClient) =>
      method === 'mining.subscribe' ? say(SUBSCRIBED) : say(accepted(id), notifyLine());
    expect(await prove(lineTo(await start(poolServer(script))))).toEqual(['up', 'up', 'up']);
  });

  test('may send a byte at a time, and before it has answered', async () => {
    const script = ({ id, method }: Ask, { socket }: PoolClient) => {
      const text =
        method === 'mining.subscribe'
          ? `${notifyLine()}${JSON.stringify(SUBSCRIBED)}\n`
          : `${JSON.stringify(accepted(id))}\n`;
      for (const byte of Buffer.from(text)) socket.write(Buffer.from([byte]));
    };
    expect(await prove(lineTo(await start(poolServer(script))))).toEqual(['up', 'up', 'up']);
  });

  test('is asked once: all layers and all rounds are read off one connection', async () => {
    let subscriptions = 0;
    const serve = servingPool(notifyLine);
    const at = await start(
      poolServer((ask, client) => {
        if (ask.method === 'mining.subscribe') subscriptions += 1;
        serve(ask, client);
      }),
    );
    const made = lineTo(at);
    await Promise.all([prove(made), prove(made), prove(made)]);
    made.clock.advance(millis(60_000));
    expect(await prove(made)).toEqual(['up', 'up', 'up']);
    expect(subscriptions).toBe(1);
  });

  test('counts by a job of 90 s and not by an older one', async () => {
    const made = lineTo(await start(poolServer(servingPool(notifyLine))));
    await prove(made);
    made.clock.advance(millis(MAX_AGE_MS));
    expect(layersOf(made.line)).toEqual(['up', 'up', 'up']);
    made.clock.advance(millis(1));
    expect(layersOf(made.line)).toEqual(['up', 'up', 'down tooOld']);
  });

  test('counts on with every further job', async () => {
    const clients: PoolClient[] = [];
    const serve = servingPool(notifyLine);
    const script = (ask: Ask, client: PoolClient) => {
      clients.push(client);
      serve(ask, client);
    };
    const made = lineTo(await start(poolServer(script)));
    await prove(made);
    made.clock.advance(millis(80_000));
    clients[0]?.say(notifyLine({ height: 840_002 }));
    await until(() => made.line.report().offered?.height === 840_002);
    made.clock.advance(millis(80_000));
    expect(layersOf(made.line)).toEqual(['up', 'up', 'up']);
  });

  test('is in time though the wall clock steps by a day', async () => {
    const clients: PoolClient[] = [];
    const serve = servingPool(notifyLine);
    const script = (ask: Ask, client: PoolClient) => {
      clients.push(client);
      serve(ask, client);
    };
    const made = lineTo(await start(poolServer(script)));
    await prove(made);
    made.clock.stepWall(millis(86_400_000));
    clients[0]?.say(notifyLine({ height: 840_002 }));
    await until(() => made.line.report().offered?.height !== 840_001);
    expect(layersOf(made.line)).toEqual(['up', 'up', 'up']);
  });

  test('answers a nudge with anything at all', async () => {
    const made = lineTo(await start(poolServer(servingPool(notifyLine))));
    await prove(made);
    made.clock.advance(millis(5_000));
    expect(made.line.report().heardAtMs).toBe(0);
    await made.line.nudge(LONG_MS, never);
    expect(made.line.report().heardAtMs).toBe(5_000);
  });
});

describe('a pool that does not', () => {
  const onSubscribe = (act: (client: PoolClient) => void) => (ask: Ask, client: PoolClient) => {
    if (ask.method === 'mining.subscribe') act(client);
  };
  const subscribedThen = (act: (id: number, client: PoolClient) => void) => (ask: Ask, client: PoolClient) => {
    if (ask.method === 'mining.subscribe') client.say(SUBSCRIBED);
    else act(ask.id, client);
  };
  const jobs = (of: Parameters<typeof notifyLine>[0]) => servingPool(() => notifyLine(of));
  const HOURS_9_S = 32_400;

  test.each([
    [
      'says it is initialising',
      onSubscribe(({ say }) => say({ id: 1, result: null, error: 'Initialising' })),
      ['up', 'down initialising', 'down noJob'],
    ],
    [
      'resets on the request',
      onSubscribe(({ socket }) => void socket.resetAndDestroy()),
      ['up', 'down reset', 'down noJob'],
    ],
    [
      'closes after the subscription',
      subscribedThen((_, { socket }) => void socket.end()),
      ['up', 'down closed', 'down noJob'],
    ],
    [
      'refuses the worker',
      subscribedThen((id, { say }) => say({ id, result: false, error: null })),
      ['up', 'down unauthorized', 'down noJob'],
    ],
    ['answers rubbish', onSubscribe(({ say }) => say('<html>\n')), ['up', 'down malformed', 'down noJob']],
    [
      'sends a line without end',
      onSubscribe(({ say }) => say('x'.repeat(70_000))),
      ['up', 'down malformed', 'down noJob'],
    ],
    [
      'sends a flood of jobs',
      subscribedThen((_, { say }) => say(notifyLine().repeat(4_000))),
      ['up', 'down malformed', 'down noJob'],
    ],
    ['sends a prevhash of 31 bytes', jobs({ hash: 'ab'.repeat(31) }), ['up', 'up', 'down malformed']],
    ['sends jobs of a test chain', jobs({ nbits: '1d00ffff' }), ['up', 'up', 'down difficultyTooLow']],
    [
      'sends jobs nine hours old',
      jobs({ ntimeS: Date.now() / 1_000 - HOURS_9_S }),
      ['up', 'up', 'down ntimeOutOfRange'],
    ],
  ] as const)('%s', async (_, script, expected) => {
    expect(await prove(lineTo(await start(poolServer(script))))).toEqual(expected);
  });

  test('accepts and is silent', async () => {
    const made = lineTo(await start(tcpServer(() => {})));
    expect(await prove(made, SHORT_MS)).toEqual(['up', 'down timeout', 'down noJob']);
  });
  test('authorizes and has no job', async () => {
    const script = ({ id, method }: Ask, { say }: PoolClient) =>
      say(method === 'mining.subscribe' ? SUBSCRIBED : accepted(id));
    expect(await prove(lineTo(await start(poolServer(script))), SHORT_MS)).toEqual(['up', 'up', 'down noJob']);
  });
  test('is not there', async () => {
    expect(await prove(lineTo(await closedPort()))).toEqual(['down refused', 'down refused', 'down refused']);
  });
  test('has a name that does not resolve', async () => {
    const dns = await start(dnsServer(() => 'nxdomain'));
    const made = lineTo(
      { host: 'pool.example', port: 3333 },
      { from: { sourceAddress: null, resolve: createResolve([dns], null) } },
    );
    expect(await prove(made)).toEqual(['down unresolved', 'down unresolved', 'down unresolved']);
  });
});

describe('a password', () => {
  test('comes from the environment that the pool names, and stands in no finding', async () => {
    const heard: Ask[] = [];
    const script = (ask: Ask, { say }: PoolClient) => {
      heard.push(ask);
      if (ask.method === 'mining.subscribe') say(SUBSCRIBED);
      else say({ id: ask.id, result: null, error: [24, `no such password ${String(ask.params[1])}`, null] });
    };
    const made = lineTo({ ...(await start(poolServer(script))), passwordEnv: 'RELIGHT_TEST_POOL_PASSWORD' });
    process.env.RELIGHT_TEST_POOL_PASSWORD = 'correct horse';
    try {
      expect(await prove(made)).toEqual(['up', 'down unauthorized', 'down noJob']);
    } finally {
      delete process.env.RELIGHT_TEST_POOL_PASSWORD;
    }
    expect(heard[1]?.params).toEqual(['acct.probe', 'correct horse']);
    expect(JSON.stringify(made.line.report())).not.toContain('horse');
  });
  test('that is not in the environment leaves everything unknown, and the pool unasked', async () => {
    let connections = 0;
    const at = await start(
      tcpServer((_, connection) => {
        connections = connection;
      }),
    );
    const made = lineTo({ ...at, passwordEnv: 'RELIGHT_TEST_NOT_SET' });
    expect(await prove(made)).toEqual(Array(3).fill('unknown notConfigured'));
    expect(made.line.report().stratum.detail).toContain('RELIGHT_TEST_NOT_SET');
    expect(connections).toBe(0);
  });
});

describe('a connection that is lost', () => {
  const counting = () => {
    const clients: PoolClient[] = [];
    const serve = servingPool(notifyLine);
    const script = (ask: Ask, client: PoolClient) => {
      if (ask.method === 'mining.subscribe') clients.push(client);
      serve(ask, client);
    };
    return { clients, script };
  };

  test('leaves the job standing while it is young, and is made again no sooner than the spacing', async () => {
    const { clients, script } = counting();
    const made = lineTo(await start(poolServer(script)));
    await prove(made);
    clients[0]?.socket.end();
    await until(() => made.line.report().connectedAtMs === null);
    made.clock.advance(millis(SPACING_MS - 1));
    expect(await prove(made)).toEqual(['up', 'down closed', 'up']);
    expect(clients).toHaveLength(1);
    made.clock.advance(millis(1));
    expect(await prove(made)).toEqual(['up', 'up', 'up']);
    expect(clients).toHaveLength(2);
  });

  test('takes the job with it when it cannot be made again', async () => {
    const { clients, script } = counting();
    const server = await poolServer(script);
    const made = lineTo(server.at);
    await prove(made);
    clients[0]?.socket.end();
    await until(() => made.line.report().connectedAtMs === null);
    await server.close();
    made.clock.advance(millis(SPACING_MS));
    expect(await prove(made)).toEqual(Array(3).fill('down refused'));
  });

  test('by a lost path takes the job with it at once', async () => {
    const { clients, script } = counting();
    const made = lineTo(await start(poolServer(script)));
    await prove(made);
    made.line.drop();
    expect(layersOf(made.line)).toEqual(Array(3).fill('down timeout'));
    made.clock.advance(millis(SPACING_MS));
    expect(await prove(made)).toEqual(['up', 'up', 'up']);
    expect(clients).toHaveLength(2);
  });

  test('does not speak for the one that came after it', async () => {
    const { clients, script } = counting();
    const made = lineTo(await start(poolServer(script)));
    await prove(made);
    made.line.drop();
    made.clock.advance(millis(SPACING_MS));
    await prove(made);
    clients[0]?.say(notifyLine({ height: 1_000_000 }));
    clients[1]?.say(notifyLine({ height: 840_009 }));
    await until(() => made.line.report().offered?.height !== 840_001);
    expect(made.line.report().offered?.height).toBe(840_009);
  });

  test('ends a proof that is under way, with nothing learned', async () => {
    const made = lineTo(await start(tcpServer(() => {})));
    const stop = new AbortController();
    const proof = made.line.prove(LONG_MS, stop.signal);
    stop.abort();
    await proof;
    expect(layersOf(made.line).every((said) => said.startsWith('unknown'))).toBe(true);
  });
});

describe('a pool that falls silent', () => {
  test('is asked over another connection, and believed again at its second job', async () => {
    const clients: PoolClient[] = [];
    const serve = servingPool(notifyLine);
    const at = await start(
      poolServer((ask, client) => {
        if (ask.method === 'mining.subscribe') clients.push(client);
        serve(ask, client);
      }),
    );
    const made = lineTo(at);
    expect(await prove(made)).toEqual(['up', 'up', 'up']);
    made.clock.advance(millis(MAX_AGE_MS));
    expect(await prove(made)).toEqual(['up', 'up', 'up']);
    expect(clients).toHaveLength(1);
    made.clock.advance(millis(1));
    expect(await prove(made)).toEqual(['up', 'up', 'down tooOld']);
    expect(clients).toHaveLength(2);
    clients[1]?.say(notifyLine());
    await until(() => made.line.report().job.is === 'up');
    made.clock.advance(millis(MAX_AGE_MS));
    expect(await prove(made)).toEqual(['up', 'up', 'up']);
  });

  test('and is not reached any more is told by its port', async () => {
    const pool = await poolServer(servingPool(notifyLine));
    const made = lineTo(pool.at);
    expect(await prove(made)).toEqual(['up', 'up', 'up']);
    made.clock.advance(millis(MAX_AGE_MS + 1));
    await pool.close();
    expect(await prove(made)).toEqual(['down refused', 'down refused', 'down refused']);
  });
});
