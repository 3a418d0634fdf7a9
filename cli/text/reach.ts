import type { Evidence } from '../../shared/finding.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { paint } from '../output.ts';
import { duration, table } from './units.ts';
import { EVIDENCE_HEAD, tookText, verdictText } from './verdict.ts';

/** What was asked of each uplink, what came back, and what that means. */
export const reachText = (verdicts: readonly Verdict[], holdMs: number): string =>
  [
    ...verdicts.map(uplinkText),
    paint('dim', `One round says what is reachable now. RESTORED takes several, and a hold of ${duration(holdMs)}.`),
  ].join('\n\n');

function uplinkText(verdict: Verdict): string {
  const { uplink, whyNot, evidence } = verdict;
  const why = whyNot === null ? '' : `  ${whyNot}`;
  return [`${paint('bold', uplink)}  ${verdictText(verdict)}${why}`, evidenceText(evidence)].join('\n');
}

const evidenceText = (evidence: readonly Evidence[]): string =>
  table(
    EVIDENCE_HEAD,
    evidence.map(({ layer, target, kind, finding }) => [
      layer,
      kind === null ? target : `${target} (${kind})`,
      finding.is,
      tookText('tookMs' in finding ? finding.tookMs : null),
      [finding.is === 'up' ? '' : finding.why, finding.detail ?? ''].filter(Boolean).join(': '),
    ]),
  );
