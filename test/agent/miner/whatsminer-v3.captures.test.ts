import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

/** An M60S against what asic-rs read, and the shapes of error lists that pyasic has seen. Everything exactly. */
const miners = minersWith(password('super', 'super'));
afterAll(() => Promise.all([miners.close(), closeAll()]));

const captures = capturesOf('whatsminer-v3');
/** jest refuses an empty table; where the captures are absent, one row that says so stands in for them. */
const rows = (of: readonly Capture[], run: (capture: Capture) => Promise<void>): void => {
  if (of.length === 0) test.skip('captures are absent', () => undefined);
  else test.each(of)('$name', run, 20_000);
};
async function snapshotOf(capture: Capture, family: string | null = capture.family): Promise<MinerSnapshot> {
  const { unreadable, detail, snapshot } = await readCapture(miners, capture, family);
  if (snapshot === null) throw new Error(`${capture.name}: ${unreadable} ${detail}`);
  return snapshot;
}

describe('every capture gives a snapshot, and is told from its own answers', () => {
  rows(captures, async (capture) => {
    const snapshot = await snapshotOf(capture);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
    const { readAt: _, latencyMs: __, ip: ___, ...told } = snapshot;
    expect([told.family, told.partial]).toEqual(['whatsminer-v3', undefined]);
    expect(await snapshotOf(capture, null)).toMatchObject(told);
  });
});

describe('values are what the sources read', () => {
  rows(captures, async (capture) => {
    const snapshot = await snapshotOf(capture);
    const codes = snapshot.errors.map(({ code }) => Number(code));
    const read: Record<string, unknown> = {
      mac: snapshot.mac?.toUpperCase(),
      api_version: snapshot.apiVersion,
      firmware_version: snapshot.firmwareVersion,
      hostname: snapshot.hostname,
      hashrate_ths: snapshot.hashrateThs,
      expected_hashrate_ths: snapshot.hashrateNominalThs,
      power_w: snapshot.powerW,
      power_limit_w: snapshot.powerLimitW,
      uptime_s: snapshot.uptimeS,
      is_mining: snapshot.miningState === 'hashing',
      fans_count: snapshot.fans.length,
      pools_count: snapshot.pools.length,
      // The source sorts them.
      error_codes: codes.toSorted((a, b) => a - b),
      errors_count: codes.length,
    };
    const expected = Object.entries(capture.expected ?? {}).filter(([key]) => key in read);
    expect(expected.length).toBeGreaterThan(0);
    for (const [key, value] of expected) expect([key, read[key]]).toEqual([key, value]);
  });
});

describe('what no source asserts stands where the device has it', () => {
  const whole = captures.filter(({ name }) => name === 'm60s-vk40-20251209.16.rel2');
  rows(whole, async (capture) => {
    const snapshot = await snapshotOf(capture);
    expect(snapshot).toMatchObject({
      model: 'M60SVK40',
      serial: 'BTM3CS40HD24083100000000000000000',
      controlBoard: 'H616',
      hashrateAvgThs: 170.8,
      inletTempC: 28.5,
      locating: false,
      errors: [],
      fans: [
        { index: 0, rpm: 5400 },
        { index: 1, rpm: 5280 },
      ],
    });
    expect(snapshot.boards[1]).toEqual({
      index: 1,
      hashrateThs: 57,
      chips: 75,
      chipsExpected: null,
      boardTempC: 40.1,
      chipTempC: 82,
      serial: 'BKM3CSE1404812K43675',
      state: 'alive',
    });
    expect(snapshot.pools[0]).toEqual({
      index: 0,
      url: 'stratum+tcp://btc.example.pool:3333',
      worker: 'asic-rs.test',
      state: 'alive',
      active: true,
      accepted: null,
      rejected: null,
    });
  });
});

describe('errors have the words of the device, and ours where it has none', () => {
  const messages = async (name: string): Promise<readonly string[] | null> => {
    const capture = captures.find((one) => one.name === name);
    return capture === undefined ? null : (await snapshotOf(capture)).errors.map(({ message }) => message);
  };
  const given = captures.length > 0 ? test : test.skip;
  given('a time is no message', async () => {
    // The source says "Power communication error." in words of its own.
    expect((await messages('m60s-vk40-errors'))?.[0]).toBe('Power xfer error. code: 0xffffffffc0000000');
  });
  given('a bare code has none', async () => {
    expect(await messages('device-info-error-code-shapes')).toContain('all pools disabled');
  });
});

describe('what the summary does not know yet', () => {
  const whole = captures.filter(({ name }) => name === 'm60s-vk40-20251209.16.rel2');
  rows(whole, async (capture) => {
    // Below 0 is how it writes that (fact sheet 5); the boards know their own share.
    const unknown = { 'factory-hash': -0.003, 'hash-realtime': -1, 'hash-1min': -1, 'power-realtime': -1 };
    const exchanges = capture.exchanges.map((one) =>
      one.request.param === 'summary' ? { ...one, response: { code: 0, msg: { summary: unknown } } } : one,
    );
    const snapshot = await snapshotOf({ ...capture, exchanges });
    expect([snapshot.hashrateThs, snapshot.powerW, snapshot.hashrateNominalThs]).toEqual([null, null, 181.05]);
  });
});
