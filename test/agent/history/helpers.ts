import type { FoundRound } from '../../../agent/history/pack.ts';
import type { Evidence, Finding } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis, unixMs } from '../../../shared/units.ts';

export const up = (tookMs: number): Finding => ({ is: 'up', tookMs: millis(tookMs) });
export const timeout = (tookMs: number, detail?: string): Finding => ({
  is: 'down',
  why: 'timeout',
  tookMs: millis(tookMs),
  ...(detail === undefined ? {} : { detail }),
});

export const anEvidence = (layer: Evidence['layer'], target: string, finding: Finding): Evidence => ({
  uplink: uplinkId('isp-1'),
  layer,
  target,
  kind: layer === 'dns' ? null : 'foreign',
  finding,
});

/** A round with one finding, where the test is about something else. */
export const aRound = (wallMs: number, change: Partial<FoundRound> = {}): FoundRound => ({
  uplink: 'isp-1',
  kind: 'full',
  wallMs: unixMs(wallMs),
  evidence: [anEvidence('tcp', 'anchor.example:443', up(20))],
  ...change,
});

/** A round as three pools, four anchors, two challenge hosts by name and address, and two resolvers make it. */
export function aFullRound(wallMs: number, uplink: string, took: () => number): FoundRound {
  const anchors = [1, 2, 3, 4].flatMap((n) => [
    anEvidence('tcp', `198.51.100.${n}:443`, up(took())),
    anEvidence('icmp', `198.51.100.${n}`, up(took())),
  ]);
  const pools = [1, 2, 3].flatMap((n) =>
    (['tcp', 'stratum', 'job'] as const).map((layer) =>
      anEvidence(layer, `stratum+tcp://pool-${n}.example:3333`, {
        ...up(took()),
        detail: `height 925${n}21, ${n} s old`,
      }),
    ),
  );
  const names = [1, 2].map((n) => anEvidence('dns', `192.0.2.${n}:53`, up(took())));
  return { uplink, kind: 'full', wallMs: unixMs(wallMs), evidence: [...names, ...anchors, ...pools] };
}

/** The same, of what a watch round asks. */
export const aWatchRound = (wallMs: number, uplink: string, took: () => number): FoundRound => {
  const full = aFullRound(wallMs, uplink, took);
  const evidence = full.evidence.filter(
    ({ layer, target }) => layer === 'job' || (layer === 'tcp' && /^\d/.test(target)),
  );
  return { ...full, kind: 'watch', evidence };
};
