import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

/** The maker's own samples of an AT1500, of several moments, against what asic-rs read. Everything exactly. */
const miners = minersWith(password('admin', 'admin'));
afterAll(() => Promise.all([miners.close(), closeAll()]));

const captures = capturesOf('auradine');
/** jest refuses an empty table; where the captures are absent, one row that says so stands in for them. */
const rows = (run: (capture: Capture) => Promise<void>): void => {
  if (captures.length === 0) test.skip('captures are absent', () => undefined);
  else test.each(captures)('$name', run, 20_000);
};
async function snapshotOf(capture: Capture, family: string | null = 'auradine'): Promise<MinerSnapshot> {
  const { unreadable, detail, snapshot } = await readCapture(miners, capture, family);
  if (snapshot === null) throw new Error(`${capture.name}: ${unreadable} ${detail}`);
  return snapshot;
}

describe('every capture gives a whole snapshot, and is told from its own answers', () => {
  rows(async (capture) => {
    const snapshot = await snapshotOf(capture);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
    const { readAt: _, latencyMs: __, ip: ___, ...told } = snapshot;
    expect([told.family, told.partial]).toEqual(['auradine', undefined]);
    expect(await snapshotOf(capture, null)).toMatchObject(told);
    // Where its RPC is closed to us, its REST tells.
    const rest = capture.exchanges.filter(({ transport }) => transport !== 'cgminer-tcp');
    expect((await snapshotOf({ ...capture, exchanges: rest }, null)).family).toBe('auradine');
  });
});

describe('values are what asic-rs read', () => {
  rows(async (capture) => {
    const snapshot = await snapshotOf(capture);
    const chips = snapshot.boards.map((board) => board.chips);
    const read = {
      mac: snapshot.mac,
      serial_number: snapshot.serial,
      hostname: snapshot.hostname,
      api_version: snapshot.apiVersion,
      firmware_version: snapshot.firmwareVersion,
      control_board: snapshot.controlBoard,
      uptime_s: snapshot.uptimeS,
      expected_hashboards: snapshot.boards.length,
      total_chips: chips.reduce<number>((sum, count) => sum + (count ?? 0), 0),
      boards_working_chips: chips,
      fans_count: snapshot.fans.length,
      power_w: snapshot.powerW,
      power_target_w: snapshot.powerLimitW,
      expected_hashrate_ths: snapshot.hashrateNominalThs,
      board0_serial: snapshot.boards[0]?.serial,
      light_flashing: snapshot.locating,
      is_mining: snapshot.miningState === 'hashing',
      pools_count: snapshot.pools.length,
    };
    const {
      // Of the model rather than of the device, of the power supply, or in words that the snapshot has no place for.
      expected_chips: _1,
      expected_fans: _2,
      psu_fans_count: _3,
      led_code: _4,
      led_message: _5,
      // Of single sensors, which the snapshot does not list: its board is as hot as the hottest of them.
      board0_inlet_chip_temp_c: _6,
      board0_outlet_chip_temp_c: _7,
      _definition: _8,
      _source: _9,
      ...asserted
    } = capture.expected as Record<string, unknown>;
    expect(read).toMatchObject(asserted);
  });
});

describe('what no source asserts stands where the device has it', () => {
  rows(async (capture) => {
    const snapshot = await snapshotOf(capture);
    expect(snapshot).toMatchObject({ model: 'AT1500', hashrateThs: 20.599767, hashrateAvgThs: 7.97063 });
    expect(snapshot.boards[2]).toMatchObject({
      ...{ index: 2, hashrateThs: 7, boardTempC: 30.12, serial: 'QAHB01230908001Z', state: 'Alive' },
      chipTempC: 51.41230102539066,
    });
    expect(snapshot.pools.map(({ state }) => state)).toEqual(['alive', 'dead', 'dead']);
    expect(snapshot.fans[2]).toEqual({ index: 2, rpm: 7_100 });
  });
});
