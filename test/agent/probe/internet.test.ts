import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Round } from '../../../agent/probe/probe.ts';
import { createRounds, type Rounds } from '../../../agent/probe/rounds.io.ts';
import { type JudgeState, judge, judgeParameters, newJudge } from '../../../agent/verdict/judge.ts';
import type { Reachability } from '../../../config/site.ts';
import { scaledClock } from '../../../shared/clock.io.ts';
import { agentId, uplinkId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import type { Verdict } from '../../../shared/verdict.ts';
import { type Internet, startInternet } from '../../../sim/index.ts';
import { anUplink, aPool, aReachability } from './site.ts';

/*
 * The agent's rounds and verdict against the small internet of the demo, which shares no code with them, on the
 * demo’s fast clock: site time runs ten times as fast as the sockets.
 */
const clock = scaledClock(10, unixMs(Date.now()));
const UPLINK = uplinkId('isp-1');
const foreign = 'foreign' as const;
const HOLD_MS = 8_000;

let internet: Internet;
let rounds: Rounds;
beforeAll(async () => {
  internet = await startInternet({ seed: 7, clock });
});
afterEach(async () => {
  await rounds.stop();
  await internet.set('up');
});
afterAll(() => internet.stop());

const site = (): Reachability => {
  const { at } = internet;
  return aReachability({
    pools: at.pools.map((pool) => aPool({ ...pool })),
    resolvers: [at.dns],
    dnsZone: at.dnsZone,
    http: [{ url: `http://check.example/challenge`, address: at.http, challengeHeader: at.challengeHeader }],
    anchors: at.anchors.map((anchor) => ({ ...anchor, kind: foreign })),
    uplinks: [anUplink({ uplink: UPLINK, gateway: at.gateway })],
    roundMs: millis(2_000),
    watchRoundMs: millis(1_000),
    holdMs: millis(HOLD_MS),
    subscribeSpacingMs: millis(2_000),
    probeTimeoutMs: millis(400),
    watchTimeoutMs: millis(250),
  });
};

type Seen = Readonly<{ atMs: number; kind: Round['kind']; verdict: Verdict }>;

/** Starts probing; `until` resolves with the first verdict from now on that meets the condition. */
function probe(): Readonly<{
  seen: Seen[];
  until(condition: (verdict: Verdict, since: readonly Seen[]) => boolean): Promise<Seen>;
}> {
  const seen: Seen[] = [];
  const waiting = new Set<(now: Seen) => void>();
  let state: JudgeState = newJudge(UPLINK, judgeParameters(site()));
  const onRound = (round: Round): void => {
    // A machine that is busy with other tests must not turn the story into one of lag.
    const [next, verdict] = judge(state, { ...round, lagMs: millis(0) }, clock.monoMs());
    state = next;
    const now: Seen = { atMs: clock.monoMs(), kind: round.kind, verdict };
    seen.push(now);
    for (const look of [...waiting]) look(now);
  };
  rounds = createRounds({ reachability: site(), agent: agentId('a1'), clock, random: seededRandom(3), onRound });
  rounds.start();
  const until = (condition: (verdict: Verdict, since: readonly Seen[]) => boolean): Promise<Seen> => {
    const from = seen.length;
    return new Promise((resolve) => {
      const look = (now: Seen): void => {
        if (!condition(now.verdict, seen.slice(from))) return;
        waiting.delete(look);
        resolve(now);
      };
      waiting.add(look);
    });
  };
  return { seen, until };
}

const isRestored = ({ state }: Verdict): boolean => state === 'RESTORED';
const fullRounds =
  (count: number) =>
  (_: Verdict, since: readonly Seen[]): boolean =>
    since.filter(({ kind }) => kind === 'full').length >= count;

describe('the small internet', () => {
  test('is restored after proof and hold; a cut is noticed, names alone and a flap do not bring it back', async () => {
    const { seen, until } = probe();
    const beganMs = clock.monoMs();
    const restored = await until(isRestored);
    expect(restored.atMs - beganMs).toBeGreaterThanOrEqual(HOLD_MS);

    await internet.set('down');
    const lost = await until(({ lossAlarm }) => lossAlarm);
    expect(lost.verdict).toMatchObject({ state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'tcp.timeout' });

    await internet.set('dns-only');
    await until(({ label }) => label === 'DNS_ONLY');
    await until(fullRounds(4));

    await internet.set('up');
    const flap = await until(({ holdRemainingMs }) => holdRemainingMs !== null);
    expect(flap.verdict).toMatchObject({ state: 'PARTIAL', label: 'HOLDING', lossAlarm: true });
    await internet.set('down');
    await until(({ state }) => state === 'DOWN');
    await until(fullRounds(4));
    expect(seen.slice(seen.indexOf(lost)).filter(({ verdict }) => isRestored(verdict))).toEqual([]);

    await internet.set('up');
    const back = await until(isRestored);
    expect(back.verdict).toMatchObject({ label: null, whyNot: null, lossAlarm: false });
  }, 60_000);

  test.each([
    ['pools that drop', { pool: 'drop' }, 'PARTIAL PORT_FILTERED tcp.poolPortTimeout'],
    ['pools that refuse', { pool: 'refuse' }, 'PARTIAL POOL_DOWN tcp.poolRefused'],
    ['names that are gone', { dns: 'drop', pool: 'drop' }, 'PARTIAL DNS_FAULT dns.timeout'],
    [
      'everything gone but the gateway',
      { dns: 'drop', pool: 'drop', http: 'drop', anchors: 'drop' },
      'DOWN GATEWAY_ONLY tcp.timeout',
    ],
    [
      'all of it gone',
      { dns: 'drop', pool: 'drop', http: 'drop', anchors: 'drop', gateway: 'drop' },
      'DOWN null gateway.timeout',
    ],
    [
      'all of it refused',
      { dns: 'refuse', pool: 'refuse', http: 'refuse', anchors: 'refuse' },
      'DOWN GATEWAY_ONLY tcp.refused',
    ],
    ['only the anchors gone', { anchors: 'drop' }, 'PARTIAL HOLDING hold.remaining'],
  ] as const)('with %s is labelled', async (_, cut, expected) => {
    await internet.cut(cut);
    const { until } = probe();
    const { verdict } = await until(() => true);
    expect(`${verdict.state} ${verdict.label} ${verdict.whyNot}`).toBe(expected);
  });
});
