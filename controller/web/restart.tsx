import { useState } from 'preact/hooks';
import type { RestartView } from '../../shared/view.ts';
import { ActDialog } from './act-dialog.tsx';
import { ACTS, type Act, canAct } from './acts.ts';
import { count, duration, UNKNOWN, words } from './format.ts';
import { Waves } from './waves.tsx';

export function Restart({ restart, nowMs }: { restart: RestartView | null; nowMs: number }) {
  return (
    <section class="panel restart" aria-labelledby="restart">
      <h2 id="restart">Restart</h2>
      <Acts restart={restart} />
      {restart === null ? (
        <p class="sub">No restart yet. One begins by itself after an outage, or when you start it.</p>
      ) : (
        <Run restart={restart} nowMs={nowMs} />
      )}
    </section>
  );
}

function Acts({ restart }: { restart: RestartView | null }) {
  const [asked, setAsked] = useState<Act | null>(null);
  return (
    <div class="acts">
      {ACTS.filter((act) => canAct(restart, act)).map((act) => (
        <button key={act} type="button" class={act} onClick={() => setAsked(act)}>
          {act}
        </button>
      ))}
      {asked === null ? null : <ActDialog act={asked} close={() => setAsked(null)} />}
    </div>
  );
}

function Run({ restart, nowMs }: { restart: RestartView; nowMs: number }) {
  const { state, waitingFor, pauseReasons, haltReason } = restart;
  return (
    <>
      <p class={`verdict run-${state}`}>
        <i class="lamp" />
        <strong>{words(state)}</strong>
        <span class="id" title={`plan ${restart.planHash}`}>
          {restart.restart}
        </span>
      </p>
      {haltReason === null ? null : <p class="halt">{haltReason}</p>}
      {pauseReasons.length === 0 ? null : (
        <p class="why">
          paused by{' '}
          {pauseReasons.map((reason) => (
            <code key={reason}>{words(reason)}</code>
          ))}
        </p>
      )}
      {waitingFor === null ? null : (
        <p class="why">
          waits for <b>{waitingFor}</b>
        </p>
      )}
      <Pace restart={restart} nowMs={nowMs} />
      <Waves waves={restart.waves} nowMs={nowMs} />
      <Jobs restart={restart} />
    </>
  );
}

/** Time spent against the time that no plan can beat. */
function Pace({
  restart: { startedAtMs, endedAtMs, lowerBoundMs, bindingConstraint },
  nowMs,
}: {
  restart: RestartView;
  nowMs: number;
}) {
  const elapsedMs = startedAtMs === null ? null : (endedAtMs ?? nowMs) - startedAtMs;
  const scale = Math.max(lowerBoundMs, elapsedMs ?? 0, 1);
  return (
    <div class="pace">
      <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="room" width="100" height="8" />
        <rect class="elapsed" width={(100 * (elapsedMs ?? 0)) / scale} height="8" />
        <rect class="bound" x={Math.min(99.4, (100 * lowerBoundMs) / scale)} width="0.6" height="8" />
      </svg>
      <span>
        <b>{elapsedMs === null ? UNKNOWN : duration(elapsedMs)}</b> {endedAtMs === null ? 'so far' : 'in all'}; no plan
        can beat <b>{duration(lowerBoundMs)}</b>, bound by {bindingConstraint.kind} at {bindingConstraint.feed}
      </span>
    </div>
  );
}

function Jobs({ restart: { jobs, recoveredAlone, pushed } }: { restart: RestartView }) {
  const shown = Object.entries(jobs).filter(([, miners]) => miners > 0);
  return (
    <dl class="jobs">
      <div>
        <dt>came back alone</dt>
        <dd>{count(recoveredAlone)}</dd>
      </div>
      <div>
        <dt>pushed</dt>
        <dd>{count(pushed)}</dd>
      </div>
      {shown.map(([state, miners]) => (
        <div key={state}>
          <dt>{words(state)}</dt>
          <dd>{count(miners)}</dd>
        </div>
      ))}
    </dl>
  );
}
