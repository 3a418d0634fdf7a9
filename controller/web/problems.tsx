import type { SiteView } from '../../shared/view.ts';
import { count, words } from './format.ts';

type Group = Readonly<{
  reason: string;
  kind: string;
  miners: readonly Readonly<{ miner: string; evidence: string }>[];
}>;
const SHOWN_MAX = 200; // of one reason: more is one fault, not two hundred

/** What the restart could not do by itself, by reason: one reason is often one cause. */
export function Problems({ site: { restart } }: { site: SiteView }) {
  if (restart === null) return null;
  const tickets = restart.tickets.map((ticket) => ({ ...ticket, kind: 'ticket' }));
  const quarantined = restart.quarantined.map((one) => ({ ...one, evidence: '', kind: 'set aside' }));
  const groups = groupByReason([...tickets, ...quarantined]);
  return (
    <section class="panel problems" aria-labelledby="problems">
      <h2 id="problems">For people</h2>
      {groups.length === 0 ? <p class="sub">Nothing needs a hand.</p> : null}
      {groups.map(({ reason, kind, miners }) => (
        <details key={`${kind} ${reason}`} open={groups.length <= 4 && miners.length <= 6}>
          <summary>
            <b>{count(miners.length)}</b> {words(reason)} <span class="dim">{kind}</span>
          </summary>
          <ul>
            {miners.slice(0, SHOWN_MAX).map(({ miner, evidence }) => (
              <li key={miner}>
                <code>{miner}</code> {evidence}
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

type Problem = Readonly<{ miner: string; reason: string; evidence: string; kind: string }>;

function groupByReason(problems: readonly Problem[]): readonly Group[] {
  const groups = Map.groupBy(problems, ({ kind, reason }) => `${kind} ${reason}`);
  return [...groups.values()]
    .map((miners) => ({ reason: miners[0]?.reason ?? '', kind: miners[0]?.kind ?? '', miners }))
    .sort((a, b) => b.miners.length - a.miners.length);
}
