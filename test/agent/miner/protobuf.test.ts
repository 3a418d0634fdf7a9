import { describe, expect, test } from '@jest/globals';
import { grpc } from '../../../agent/miner/braiins/messages.ts';
import { GRPC_MAX_BYTES } from '../../../agent/miner/transport/grpc.io.ts';
import { codecOf } from '../../../agent/miner/transport/protobuf.ts';
import { integer, seededRandom } from '../../../shared/random.ts';
import { message } from '../../../sim/miners/wire.ts';

const codec = codecOf(grpc.messages);
const DETAILS = '/braiins.bos.v1.MinerService/GetMinerDetails';
const STATS = '/braiins.bos.v1.MinerService/GetMinerStats';
const BOARDS = '/braiins.bos.v1.MinerService/GetHashboards';
const unit = (value: number) => message([1, { double: value }]);

describe('a message', () => {
  test('has large numbers as numbers, enums by number, and no field that nobody declares', () => {
    expect(codec.decode(DETAILS, message([10, 5_000_000_000], [12, 3], [99, 'new'], [5, message([1, 'v'])]))).toEqual({
      ...{ uid: '', hostname: '', mac_address: '', serial_number: '', bosminer_uptime_s: 5_000_000_000, status: 3 },
      bos_version: { current: 'v', major: '', bos_plus: false },
    });
  });

  test('leaves out what did not come: messages, and what is optional', () => {
    const decoded = codec.decode(DETAILS, message()) as Record<string, unknown>;
    expect(Object.keys(decoded)).not.toContain('sticker_hashrate');
    expect(Object.keys(decoded)).not.toContain('system_uptime_s');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('has no %d', (value) => {
    expect(codec.decode(STATS, message([2, message([2, unit(value)])]))).toEqual({
      miner_stats: { nominal_hashrate: {} },
    });
  });

  test('that is none is nothing, whatever came', () => {
    const random = seededRandom(Number(process.env.RELIGHT_FUZZ_SEED ?? 1));
    const board = message(
      [1, '1'],
      [2, true],
      [3, message([1, 110])],
      [6, message([3, unit(70)])],
      [8, message([1, unit(9)])],
    );
    const whole = message([1, board], [1, board]);
    let read = 0;
    for (let i = 0; i < 5_000; i++) {
      const bytes = Uint8Array.from(whole.subarray(0, integer(random, 0, whole.length)));
      for (let n = integer(random, 0, 4); n > 0; n--) bytes[integer(random, 0, bytes.length)] = integer(random, 0, 255);
      const value = codec.decode(BOARDS, bytes);
      if (value !== null) read++;
      expect(JSON.parse(JSON.stringify(value))).toEqual(value);
    }
    expect(read).toBeGreaterThan(50);
    expect(read).toBeLessThan(5_000);
  });

  test('of nothing but empty boards is opened in no time to speak of', () => {
    const bytes = new Uint8Array(GRPC_MAX_BYTES).map((_, at) => (at % 2 === 0 ? 0x0a : 0));
    const from = performance.now();
    expect((codec.decode(BOARDS, bytes) as { hashboards: unknown[] }).hashboards).toHaveLength(GRPC_MAX_BYTES / 2);
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});

test('a request that the declarations do not have is a mistake of ours', () => {
  expect(() => codec.encode('/braiins.bos.v1.MinerService/Nothing', {})).toThrow(/Nothing/);
  expect(() => codec.encode('/braiins.bos.v1.ActionsService/SetLocateDeviceStatus', { enable: 'yes' })).toThrow(
    /enable/,
  );
});
