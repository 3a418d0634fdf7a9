import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkControllerUrl } from '../../../agent/link/endpoint.ts';
import { createLink, type Link, type LinkOptions } from '../../../agent/link/link.io.ts';
import { createReports } from '../../../agent/link/reports.ts';
import { realClock } from '../../../shared/clock.io.ts';
import { silentLog } from '../../../shared/log.ts';
import type { OutboxRecord, RecordBatch } from '../../../shared/messages.ts';
import { publicKeyText, signProof } from '../../../shared/proof.ts';
import { aCommand } from '../execute/builders.ts';
import { aVerdict } from '../outbox/helpers.ts';
import { type FakeController, startFakeController } from './fake-controller.ts';

const key = generateKeyPairSync('ed25519').privateKey;

let controller: FakeController;
let link: Link;
let warnings: string[];
beforeEach(async () => {
  controller = await startFakeController();
  controller.trust(publicKeyText(key));
  warnings = [];
});
afterEach(async () => {
  await link.stop();
  await controller.close();
});

type World = {
  attempts: number;
  pinned: string | null;
  epochs: number[];
  records: OutboxRecord[];
  taken: unknown[];
  buried: string[];
};

function startLink(patch: Partial<LinkOptions> = {}, world: Partial<World> = {}): World {
  const all: World = { attempts: 0, pinned: null, epochs: [], records: [], taken: [], buried: [], ...world };
  link = createLink({
    urls: [controller.url],
    key,
    hello: () => ({
      agent: 'a1',
      site: 'site-1',
      bootEpoch: 7,
      software: 'test',
      capabilities: 0,
      wallMs: 0,
      monoMs: 0,
      lastSeq: all.records.length,
      queued: all.records.length,
    }),
    memory: {
      attempts: () => all.attempts,
      setAttempts(attempts) {
        all.attempts = attempts;
      },
      pinnedKey: () => all.pinned,
      pin(publicKey) {
        all.pinned = publicKey;
      },
    },
    orders: {
      take(command) {
        all.taken.push(command);
        return { taken: true, entry: null };
      },
      revoke: () => [],
      journal: () => [],
    },
    onEpoch: (epoch) => all.epochs.push(epoch),
    outbox: {
      batch: (credit): RecordBatch | null =>
        all.records.length === 0 ? null : { bootEpoch: 7, records: all.records.slice(0, credit) },
      acked(_, seq) {
        all.records = all.records.filter((record) => record.seq > seq);
      },
      bury: (bootEpoch, seq) => all.buried.push(`${bootEpoch}/${seq}`),
    },
    reports: createReports(),
    source: { miners: [], sighting: () => null, verdicts: () => [], vitals: () => null },
    clock: realClock,
    random: () => 0,
    log: { ...silentLog, warn: (_, text) => warnings.push(text) },
    ...patch,
  });
  link.start();
  return all;
}

const records = (count: number): OutboxRecord[] =>
  Array.from({ length: count }, (_, i) => ({ seq: i + 1, atMs: 0, ageMs: 0, queued: false, body: aVerdict(`v${i}`) }));

describe('a connection', () => {
  test('proves both sides, then sends the live state, then the backlog', async () => {
    const world = startLink({}, { records: records(3) });
    await controller.until(() => controller.actions().includes('records'));
    expect(controller.actions()).toEqual(['hello', 'proof', 'state', 'records']);
    expect(controller.heard[2]?.[3]).toMatchObject({ full: true });
    expect(world).toMatchObject({ pinned: controller.publicKey, epochs: [3] });
  });

  test('sends one batch at a time, each within the credit that it was given', async () => {
    controller.manners.credit = 2;
    controller.manners.onRecords = (batch) => ({ ackedSeq: batch.records.at(-1)?.seq, credit: 3 });
    startLink({}, { records: records(7) });
    const sizes = () =>
      controller.heard.flatMap(([, , action, payload]) =>
        action === 'records' ? [(payload as RecordBatch).records.length] : [],
      );
    await controller.until(() => sizes().length === 3);
    expect(sizes()).toEqual([2, 3, 2]);
  });

  test('asks again, without a record, where it was given no credit', async () => {
    controller.manners.credit = 0;
    startLink({}, { records: records(1) });
    const sent = () => controller.heard.filter(([, , action]) => action === 'records');
    await controller.until(() => sent().length === 2);
    expect(sent().map(([, , , payload]) => (payload as RecordBatch).records.length)).toEqual([0, 1]);
  });

  test('forgets what the welcome says is durable already', async () => {
    controller.manners.ackedSeq = 2;
    startLink({}, { records: records(3) });
    await controller.until(() => controller.actions().includes('records'));
    const batch = controller.heard.find(([, , action]) => action === 'records')?.[3] as RecordBatch;
    expect(batch.records.map(({ seq }) => seq)).toEqual([3]);
  });

  test('answers orders, revocations and questions, and refuses what is malformed without hanging up', async () => {
    const world = startLink();
    await controller.until(() => controller.actions().includes('state'));
    expect(await controller.call('command', { command: aCommand() }, 'k1')).toEqual([
      3,
      'k1',
      { taken: true, entry: null },
    ]);
    expect(await controller.call('journal', { cmdIds: ['x'] }, 'k2')).toEqual([3, 'k2', { entries: [] }]);
    expect((await controller.call('command', { command: { ...aCommand(), extra: 1 } }, 'k3')).slice(0, 3)).toEqual([
      4,
      'k3',
      'PropertyConstraintViolation',
    ]);
    expect((await controller.call('dance', {}, 'k4')).slice(0, 3)).toEqual([4, 'k4', 'NotImplemented']);
    expect(world.taken).toHaveLength(1);
  });

  test('takes no order before the welcome', async () => {
    const world = startLink();
    await controller.until(() => controller.sockets.length === 1);
    const answer = await controller.call('command', { command: aCommand() }, 'early');
    expect(answer.slice(0, 3)).toEqual([4, 'early', 'SecurityError']);
    expect(world.taken).toEqual([]);
  });

  test('is closed with 1008 after five messages that no controller sends, and outlives an unknown type', async () => {
    startLink();
    await controller.until(() => controller.actions().includes('state'));
    const [socket] = controller.sockets;
    for (let i = 0; i < 9; i++) socket?.send('[9,"x"]');
    for (let i = 0; i < 4; i++) socket?.send('{"not":"a frame"}');
    await controller.call('journal', { cmdIds: [] }, 'still-there');
    socket?.send('neither');
    await controller.until(() => controller.closes.length === 1);
    expect(controller.closes[0]?.code).toBe(1008);
  });

  test('says goodbye before an intended close', async () => {
    startLink();
    await controller.until(() => controller.actions().includes('state'));
    await link.stop();
    await controller.until(() => controller.closes.length === 1);
    expect([controller.actions().at(-1), controller.closes[0]?.code]).toEqual(['goodbye', 1001]);
  });

  test('never uses an id twice, on any connection', async () => {
    startLink();
    await controller.until(() => controller.actions().includes('state'));
    controller.sockets[0]?.terminate();
    await controller.until(() => controller.actions().filter((action) => action === 'state').length >= 2);
    const ids = controller.heard.map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a link that is lost', () => {
  test('comes back by itself and begins with the whole state', async () => {
    const world = startLink();
    await controller.until(() => controller.actions().includes('state'));
    controller.sockets[0]?.terminate();
    await controller.until(() => controller.actions().filter((action) => action === 'hello').length === 2);
    await controller.until(() => controller.heard.filter(([, , action]) => action === 'state').length >= 2);
    const states = controller.heard.filter(([, , action]) => action === 'state');
    expect(states.at(-1)?.[3]).toMatchObject({ full: true });
    expect(world.attempts).toBe(2);
  });

  test('is noticed by missing pongs when the other side has fallen silent', async () => {
    controller.manners.heartbeatMs = 100;
    startLink();
    await controller.until(() => controller.actions().includes('state'));
    const first = controller.sockets[0] as unknown as { _socket: { pause(): void } };
    first._socket.pause(); // half open: nothing arrives there any more, and nothing is closed
    await controller.until(() => controller.sockets.length === 2);
    expect(controller.sockets.length).toBe(2);
  });

  test('is tried at the next controller when the first does not answer', async () => {
    const dead = await startFakeController();
    await dead.close();
    startLink({ urls: [dead.url, controller.url] });
    await controller.until(() => controller.actions().includes('state'));
    expect(warnings).toHaveLength(1);
  });
});

/** A clock that notes how long the link means to wait, and wakes it only from short waits. */
function notingClock() {
  const waits: number[] = [];
  return {
    waits,
    clock: {
      ...realClock,
      after: (delayMs: Parameters<typeof realClock.after>[0], run: () => void) => {
        // Counted from the refusal, a moment ago on the real clock.
        waits.push(Math.round(delayMs / 100) * 100);
        return realClock.after(delayMs, run);
      },
    },
  };
}

describe('a controller that does not want us', () => {
  const SLOW_LANE_MS = 300_000;
  const longWaits = (waits: readonly number[]): number[] => waits.filter((ms) => ms > 60_000);

  async function refusedBy(manners: FakeController['manners'], world: Partial<World> = {}) {
    Object.assign(controller.manners, manners);
    const { waits, clock } = notingClock();
    const all = startLink({ clock }, world);
    await controller.until(() => controller.closes.length === 1 || controller.connections() === 1);
    while (longWaits(waits).length === 0) await new Promise((resolve) => setImmediate(resolve));
    return { all, waits: longWaits(waits) };
  }

  test('puts us into the slow lane when we are of another site', async () => {
    const { waits } = await refusedBy({ refuse: { code: 4401, reason: 'UNKNOWN_SITE: this is b' } });
    expect(waits).toEqual([SLOW_LANE_MS]);
  });

  test('is told of with the cure when it does not know our key, and asked again within a minute', async () => {
    controller.manners.refuse = { code: 4401, reason: 'UNKNOWN_KEY' };
    startLink({ random: () => 0.5 });
    await controller.until(() => controller.connections() === 2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("add this key to agentKeys of the controller's file and restart the controller");
    expect(warnings[0]).toContain(`a1: ${publicKeyText(key)}; next try in 1 s`);
  });

  test('is left alone as long as its Retry-After says', async () => {
    const { waits } = await refusedBy({ upgrade: { status: 503, retryAfter: '90' } });
    expect(waits).toEqual([90_000]);
  });

  test('is left alone as long as its close says', async () => {
    const { waits } = await refusedBy({ refuse: { code: 1013, reason: '{"retryAfterMs":120000}' } });
    expect(waits).toEqual([120_000]);
  });

  const impostors: readonly (readonly [string, FakeController['manners'], Partial<World>])[] = [
    ['has another key than the pinned one', {}, { pinned: publicKeyText(generateKeyPairSync('ed25519').privateKey) }],
    ['signs in the role of an agent', { sign: (of, by) => signProof('agent', of, by) }, {}],
    [
      'repeats the signature of another nonce',
      { sign: (of, by) => signProof('controller', { ...of, agentNonce: 'old' }, by) },
      {},
    ],
    ['signs with a key that it does not have', { sign: (of) => signProof('controller', of, key) }, {}],
    [
      'signs another epoch than it says',
      { sign: (of, by) => signProof('controller', { ...of, siteEpoch: 99 }, by) },
      {},
    ],
  ];
  test.each(impostors)('gets neither proof nor state when it %s', async (_, manners, world) => {
    const { all, waits } = await refusedBy(manners, world);
    expect(controller.actions()).toEqual(['hello']);
    expect(waits).toEqual([SLOW_LANE_MS]);
    expect(all.epochs).toEqual([]);
    expect(warnings).toHaveLength(1);
  });
});

describe('an address of a controller', () => {
  test('beyond this machine needs the word of an operator', () => {
    startLink();
    for (const url of [
      'ws://127.0.0.1:1/agent',
      'ws://127.9.9.9:1/agent',
      'ws://localhost:1/agent',
      'ws://[::1]:1/agent',
    ]) {
      expect(() => checkControllerUrl(url, false)).not.toThrow();
    }
    const far = 'ws://192.0.2.1:7001/agent';
    expect(() => checkControllerUrl(far, false)).toThrow(expect.objectContaining({ code: 'CONFIG_NOT_LOOPBACK' }));
    expect(() => checkControllerUrl(far, true)).not.toThrow();
    expect(() => checkControllerUrl('ws://127.0.0.1.evil.example/', false)).toThrow();
    expect(() => checkControllerUrl('http://127.0.0.1/', true)).toThrow(
      expect.objectContaining({ code: 'CONFIG_VALUE' }),
    );
  });
});
