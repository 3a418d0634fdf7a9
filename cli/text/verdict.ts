import type { VerdictState } from '../../shared/verdict.ts';
import { paint } from '../output.ts';

const TONES = { RESTORED: 'good', PARTIAL: 'warn', DOWN: 'bad', UNKNOWN: 'warn' } as const;

/** `PARTIAL/HOLDING`, in its colour. */
export const verdictText = ({ state, label }: Readonly<{ state: VerdictState; label: string | null }>): string =>
  paint(TONES[state], label === null ? state : `${state}/${label}`);

export const EVIDENCE_HEAD = ['layer', 'target', 'is', 'ms', 'why'] as const;
export const tookText = (tookMs: number | null): string => (tookMs === null ? '–' : String(Math.round(tookMs)));
