import { Banners } from './banners.tsx';
import { Connectivity } from './connectivity.tsx';
import { Glance } from './glance.tsx';
import { Header } from './header.tsx';
import { History } from './history.tsx';
import { Miners } from './miners.tsx';
import { Outage } from './outage.tsx';
import { Power } from './power.tsx';
import { Problems } from './problems.tsx';
import { Restart } from './restart.tsx';
import { link, stale, view } from './state.ts';
import { Timeline } from './timeline.tsx';

const LARGE_MINERS = 1_500; // more cells than that want the whole width

export function App() {
  const site = view.value;
  if (site === null) {
    return (
      <p class="loading">
        {link.value === 'connecting' ? 'Asking the controller…' : 'The controller does not answer.'}
      </p>
    );
  }
  const large = site.miners.length > LARGE_MINERS;
  return (
    <>
      <Header site={site} />
      <Banners site={site} />
      <main class={stale.value ? 'stale' : ''}>
        <Glance site={site} />
        <Timeline site={site} />
        <div class="column">
          <Connectivity connectivity={site.connectivity} />
          <Outage site={site} />
          <Power feeds={site.feeds} />
          {large ? null : <Problems site={site} />}
        </div>
        <div class="column main">
          <Restart restart={site.restart} nowMs={site.nowMs} />
          {large ? null : <Miners miners={site.miners} nowMs={site.nowMs} />}
          <History site={site} />
          {large ? <Problems site={site} /> : null}
        </div>
        {large ? <Miners miners={site.miners} nowMs={site.nowMs} /> : null}
      </main>
    </>
  );
}
