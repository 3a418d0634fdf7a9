import type { SiteView } from '../../shared/view.ts';
import { clock, duration } from './format.ts';
import { silentMs, stale } from './state.ts';

export function Header({ site }: { site: SiteView }) {
  const linked = site.agents.filter((agent) => agent.linked).length;
  return (
    <header class="top">
      <h1>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 2v6M4.4 4.6a5 5 0 1 0 7.2 0" />
        </svg>
        <span class="brand">Relight</span>
        <span class="site">{site.site}</span>
      </h1>
      <span class="agents" title={site.agents.map(agentLine).join('\n')}>
        <b class={linked < site.agents.length ? 'warn' : ''}>
          {linked}/{site.agents.length}
        </b>{' '}
        agents
      </span>
      {site.rate === 1 ? null : <span class="rate">demo clock {Math.round(site.rate * 10) / 10}×</span>}
      <time title="site time, in your time zone">{clock(site.nowMs)}</time>
      <output class={stale.value ? 'stream lost' : 'stream'}>
        {stale.value ? `no news for ${duration(silentMs.value)}` : 'live'}
      </output>
    </header>
  );
}

const agentLine = ({ agent, linked, miners }: SiteView['agents'][number]): string =>
  `${agent}: ${linked ? 'linked' : 'not linked'}, ${miners} miners`;
