import type { Evidence } from '../../shared/finding.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { paint } from '../output.ts';
import { duration, table } from './units.ts';

const TONES = { RESTORED: 'good', PARTIAL: 'warn', DOWN: 'bad', UNKNOWN: 'warn' } as const;

/** What was asked of each uplink, what came back, and what that means. */
export const reachText = (verdicts: readonly Verdict[], holdMs: number): string =>
  [
    ...verdicts.map(uplinkText),
    paint('dim', `One round says what is reachable now. RESTORED takes several, and a hold of ${duration(holdMs)}.`),
  ].join('\n\n');

function uplinkText({ uplink, state, label, whyNot, evidence }: Verdict): string {
  const name = label === null ? state : `${state}/${label}`;
  const why = whyNot === null ? '' : `  ${whyNot}`;
  return [`${paint('bold', uplink)}  ${paint(TONES[state], name)}${why}`, evidenceText(evidence)].join('\n');
}

const evidenceText = (evidence: readonly Evidence[]): string =>
  table(
    ['layer', 'target', 'is', 'ms', 'why'],
    evidence.map(({ layer, target, kind, finding }) => [
      layer,
      kind === null ? target : `${target} (${kind})`,
      finding.is,
      'tookMs' in finding ? String(Math.round(finding.tookMs)) : '–',
      [finding.is === 'up' ? '' : finding.why, finding.detail ?? ''].filter(Boolean).join(': '),
    ]),
  );
