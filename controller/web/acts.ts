import type { RestartView } from '../../shared/view.ts';

export const ACTS = ['start', 'approve', 'pause', 'resume', 'abort'] as const;
export type Act = (typeof ACTS)[number];

const ENDED = new Set(['COMPLETED', 'COMPLETED_WITH_FAILURES', 'ABORTED', 'EXPIRED']);

export const isOpen = (restart: RestartView | null): boolean => restart !== null && !ENDED.has(restart.state);

/** What makes sense now. The controller decides; this only keeps a hand from the wrong button at night. */
export function canAct(restart: RestartView | null, act: Act): boolean {
  if (restart === null || !isOpen(restart)) return act === 'start';
  const paused = restart.pauseReasons.includes('OPERATOR');
  switch (act) {
    case 'start':
      return false;
    case 'approve':
      return restart.state === 'AWAITING_APPROVAL';
    case 'pause':
      return !paused && restart.state !== 'ABORTING';
    case 'resume':
      return paused || restart.state === 'HALTED';
    case 'abort':
      return restart.state !== 'ABORTING';
  }
}

/** What the act will do, for the dialogue. */
export const EFFECT: Readonly<Record<Act, string>> = {
  start:
    'Plans a restart of the miners that do not hash. Nothing is pushed before the internet is back and has stayed.',
  approve: 'Approves this plan as it is. Waves begin as soon as the internet is back and has stayed.',
  pause: 'Nothing more is started. Boots that are under way go on.',
  resume: 'Takes back the pause or the halt: waves go on where they stopped.',
  abort: 'Ends this restart for good. Boots that are under way finish; miners that were not reached stay as they are.',
};
