import { Banners } from './banners.tsx';
import { Connectivity } from './connectivity.tsx';
import { Glance } from './glance.tsx';
import { Header } from './header.tsx';
import { History } from './history.tsx';
import { Miners } from './miners.tsx';
import { Power } from './power.tsx';
import { Problems } from './problems.tsx';
import { Restart } from './restart.tsx';
import { link, stale, view } from './state.ts';
import { Timeline } from './timeline.tsx';

export function App() {
  const site = view.value;
  if (site === null) {
    return (
      <p class="loading">
        {link.value === 'connecting' ? 'Asking the controller…' : 'The controller does not answer.'}
      </p>
    );
  }
  return (
    <>
      <Header site={site} />
      <Banners site={site} />
      <main class={stale.value ? 'stale' : ''}>
        <Glance site={site} />
        <Connectivity connectivity={site.connectivity} />
        <Restart restart={site.restart} nowMs={site.nowMs} />
        <Timeline site={site} />
        <Miners miners={site.miners} nowMs={site.nowMs} />
        <Power feeds={site.feeds} />
        <History site={site} />
        <Problems site={site} />
      </main>
    </>
  );
}
