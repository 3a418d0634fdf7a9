import type { SiteView } from '../../shared/view.ts';
import { clock, duration } from './format.ts';
import { silentMs, stale } from './state.ts';

/** What makes the rest of the page less than the truth comes before it. */
export function Banners({ site }: { site: SiteView }) {
  const silentAgents = site.agents.filter(({ linked }) => !linked);
  const degraded = [
    ...site.degraded,
    ...silentAgents
      .filter(({ agent }) => !site.degraded.some((line) => line.includes(agent)))
      .map(({ agent, miners }) => `agent ${agent} is not linked: nothing is known of its ${miners} miners`),
  ];
  return (
    <div class="banners">
      {stale.value ? (
        <p class="banner lost" role="alert">
          <b>Not live.</b> No news from the controller for {duration(silentMs.value)}. What you see is how it was at{' '}
          {clock(site.nowMs)}.
        </p>
      ) : null}
      {degraded.length === 0 ? null : (
        <div class="banner degraded" role="status">
          <b>Degraded.</b>
          {degraded.length === 1 ? (
            <span>{degraded[0]}</span>
          ) : (
            <ul>
              {degraded.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </div>
  );
}
