import { useState } from 'preact/hooks';
import type { SiteView } from '../../shared/view.ts';
import { type Band, outageBands, spanOf, stateBands, ticks } from './bands.ts';
import { dayClock, duration, shortClock } from './format.ts';

const HOUR_MS = 3_600_000;
const RANGES: readonly (readonly [name: string, lastMs: number | null])[] = [
  ['1 h', HOUR_MS],
  ['6 h', 6 * HOUR_MS],
  ['24 h', 24 * HOUR_MS],
  ['7 d', 168 * HOUR_MS],
  ['all', null],
];
const DAYS_FROM_MS = 20 * HOUR_MS;

export function Timeline({ site: { timeline, outages, outage, nowMs } }: { site: SiteView }) {
  const [lastMs, setLastMs] = useState<number | null>(null);
  const span = spanOf(timeline, nowMs, lastMs);
  const withDay = span.toMs - span.fromMs > DAYS_FROM_MS;
  const all = outage === null || outages.some((one) => one.outage === outage.outage) ? outages : [...outages, outage];
  return (
    <section class="panel timeline" aria-labelledby="timeline">
      <h2 id="timeline">Connection</h2>
      <p class="sub">{sinceText(outage, nowMs)}</p>
      <fieldset class="ranges">
        <legend class="hidden">show the last</legend>
        {RANGES.map(([name, ms]) => (
          <button key={name} type="button" aria-pressed={lastMs === ms} onClick={() => setLastMs(ms)}>
            {name}
          </button>
        ))}
      </fieldset>
      <div class="bands" role="img" aria-label={`the connection from ${dayClock(span.fromMs)} until now`}>
        <Row bands={stateBands(timeline, span)} />
        <Row bands={outageBands(all, span)} thin />
        <div class="axis">
          {ticks(span).map(({ left, atMs }) => (
            <span key={atMs} class={left > 0.94 ? 'last' : ''} ref={place({ left })}>
              {withDay ? dayClock(atMs) : shortClock(atMs)}
            </span>
          ))}
        </div>
      </div>
      <ul class="legend">
        {['RESTORED', 'PARTIAL', 'DOWN', 'UNKNOWN'].map((state) => (
          <li key={state}>
            <i class={`swatch band-${state}`} />
            {state.toLowerCase()}
          </li>
        ))}
        <li>
          <i class="swatch band-outage" />
          outage
        </li>
        <li>
          <i class="swatch band-window" />
          something answered
        </li>
      </ul>
    </section>
  );
}

function sinceText(outage: SiteView['outage'], nowMs: number): string {
  if (outage === null) return 'no outage now';
  const windows = outage.windows.length;
  return `outage ${outage.outage}, for ${duration(nowMs - outage.startedMs)}, ${windows} ${windows === 1 ? 'window' : 'windows'}`;
}

const Row = ({ bands, thin = false }: { bands: readonly Band[]; thin?: boolean }) => (
  <div class={thin ? 'row thin' : 'row'}>
    {bands.map((band, i) => (
      <i
        key={`${i}`}
        class={`band band-${band.kind} ${band.ongoing ? 'ongoing' : ''}`}
        title={band.title}
        ref={place(band)}
      />
    ))}
  </div>
);

/** Through the element, not a style attribute: the page's policy forbids inline styles. */
const place =
  ({ left, width }: { left: number; width?: number }) =>
  (element: HTMLElement | null): void => {
    if (element === null) return;
    element.style.left = `${100 * left}%`;
    if (width !== undefined) element.style.width = `max(2px, ${100 * width}%)`;
  };
