import { costText, forecastText, powerText } from '../../shared/outage-text.ts';
import type { SiteView } from '../../shared/view.ts';
import { dayClock, duration } from './format.ts';

const WORDS = { duration: (ms: number): string => duration(ms), clock: dayClock };

/** What is held back, what the outage has cost, and what may be hoped for: nothing while there is no outage. */
export function Outage({ site: { outage, outages, suppressed, forecast, nowMs } }: { site: SiteView }) {
  const shown = outage ?? outages[0] ?? null;
  if (shown === null && suppressed === null) return null;
  return (
    <section class="panel outage" aria-labelledby="outage">
      <h2 id="outage">{outage === null ? 'Last outage' : 'Outage'}</h2>
      {suppressed === null ? null : (
        <p class="why suppressed">
          No miner is pushed, whoever asks, for {duration(nowMs - suppressed.sinceMs)}: not restored because{' '}
          <code>{suppressed.why}</code>. Orders wait.
        </p>
      )}
      <dl>
        {shown === null ? null : <Line name="cost" lines={[costText(shown.cost)]} />}
        {shown === null || shown.power === null ? null : (
          <Line name="power" lines={[powerText(shown.power, shown.endedMs, WORDS)]} />
        )}
        {forecast === null ? null : <Line name="forecast" lines={forecastText(forecast, nowMs, WORDS)} />}
      </dl>
    </section>
  );
}

const Line = ({ name, lines }: { name: string; lines: readonly string[] }) => (
  <div class={name}>
    <dt>{name}</dt>
    {lines.map((line) => (
      <dd key={line}>{line}</dd>
    ))}
  </div>
);
