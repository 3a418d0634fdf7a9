import { afterAll, describe, expect, test } from '@jest/globals';
import Value from 'typebox/value';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf } from './captures.ts';
import { minersWith, password, readCapture } from './page-device.ts';
import { closeAll } from './replay.ts';

/** M20S and M3, against what asic-rs and foreman read. Rates to 1e-6 TH/s, everything else exactly. */
const miners = minersWith(password('admin', 'admin'));
afterAll(() => Promise.all([miners.close(), closeAll()]));

const captures = capturesOf('whatsminer-v1');
/** The snapshot keeps six decimals. */
const rounded = (ths: unknown) => (typeof ths === 'number' ? { hashrate_ths: Math.round(ths * 1e6) / 1e6 } : {});
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

describe('every capture gives a whole snapshot, and is told from its own answers', () => {
  rows(captures, async (capture) => {
    const snapshot = await snapshotOf(capture);
    expect([...Value.Errors(MinerSnapshot, snapshot)]).toEqual([]);
    expect(JSON.stringify(snapshot)).not.toContain('NaN');
    expect([snapshot.family, snapshot.partial]).toEqual(['whatsminer-v1', undefined]);
    const { readAt: _, latencyMs: __, ip: ___, ...told } = snapshot;
    expect(await snapshotOf(capture, null)).toMatchObject(told);
  });
});

describe('values are what asic-rs read', () => {
  const own = captures.filter(({ expected }) => expected !== null && expected.asics === undefined);
  rows(own, async (capture) => {
    const snapshot = await snapshotOf(capture);
    const read = {
      mac: snapshot.mac?.toUpperCase(),
      api_version: snapshot.apiVersion,
      firmware_version: snapshot.firmwareVersion,
      control_board: snapshot.controlBoard,
      hashrate_ths: snapshot.hashrateThs,
      expected_hashrate_ths: snapshot.hashrateNominalThs,
      power_w: snapshot.powerW,
      power_limit_w: snapshot.powerLimitW,
      uptime_s: snapshot.uptimeS,
      is_mining: snapshot.miningState === 'hashing',
      fans_count: snapshot.fans.length,
      pools_count: snapshot.pools.length,
      error_codes: snapshot.errors.map(({ code }) => Number(code)),
    };
    // Its words for the errors are its own.
    const {
      error_messages: _,
      _definition: __,
      _source: ___,
      ...asserted
    } = capture.expected as Record<string, unknown>;
    expect(read).toMatchObject({ ...asserted, ...rounded(asserted.hashrate_ths) });
  });
});

describe('values are what foreman read', () => {
  rows(
    captures.filter(({ expected }) => expected?.asics !== undefined),
    async (capture) => {
      const { pools, ...snapshot } = await snapshotOf(capture);
      const asic = capture.expected?.asics?.[0];
      // Foreman takes the average; the snapshot keeps that and the rate of now apart.
      expect(snapshot.hashrateAvgThs).toBeCloseTo(asic?.hashrate_ths ?? 0, 6);
      expect(snapshot.boards).toHaveLength(asic?.boards ?? 0);
      expect(snapshot.fans.map(({ rpm }) => rpm)).toEqual(asic?.fans_rpm);
      expect(snapshot.boards.map(({ boardTempC }) => Math.floor(boardTempC ?? 0))).toEqual(asic?.temps_c);
      // Its `has_errors` are chips that failed: here they are missing from the count.
      const lost = snapshot.boards.map(({ chips, chipsExpected }) => (chipsExpected ?? 0) - (chips ?? 0));
      expect(lost.some((chips) => chips > 0)).toBe((asic as { has_errors?: boolean }).has_errors);
      expect(
        pools.map(({ url, worker, state, accepted, rejected }) => ({
          host_port: url.replace(/^.*\/\//, ''),
          worker,
          up: state === 'alive',
          accepted_shares: accepted,
          rejected_shares: rejected,
        })),
      ).toEqual(capture.expected?.pools?.map((pool) => expect.objectContaining(pick(pool))));
    },
  );
});

const pick = ({
  host_port,
  worker,
  up,
  accepted_shares,
  rejected_shares,
}: NonNullable<NonNullable<Capture['expected']>['pools']>[number]) => ({
  host_port,
  worker,
  up,
  accepted_shares,
  rejected_shares,
});

describe('the oldest are told by either of what only they answer so', () => {
  const oldest = captures.filter(({ expected }) => expected?.asics !== undefined);
  rows(oldest, async (capture) => {
    for (const without of ['stats', 'summary']) {
      const exchanges = capture.exchanges.filter(({ request }) => request.command !== without);
      const { family } = await snapshotOf({ ...capture, exchanges }, null);
      expect([without, family]).toEqual([without, 'whatsminer-v1']);
    }
  });
});
