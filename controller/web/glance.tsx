import type { ComponentChildren } from 'preact';
import type { SiteView } from '../../shared/view.ts';
import { count, duration, hashrate, power, words } from './format.ts';
import { looks } from './state.ts';
import { loadOf } from './tree.ts';

/** Five figures that answer: is it back, is it coming back, is it safe, and what is mine to do. */
export function Glance({ site }: { site: SiteView }) {
  return (
    <section class="glance" aria-label="At a glance">
      <InternetTile site={site} />
      <RestartTile site={site} />
      <HashingTile site={site} />
      <PowerTile site={site} />
      <PeopleTile site={site} />
    </section>
  );
}

type TileProps = { name: string; tone?: string; children: ComponentChildren; note: ComponentChildren };
const Tile = ({ name, tone = '', children, note }: TileProps) => (
  <div class={`tile ${tone}`}>
    <h2>{name}</h2>
    <strong>{children}</strong>
    <span>{note}</span>
  </div>
);

function InternetTile({ site: { connectivity, nowMs } }: { site: SiteView }) {
  const { state, label, holdRemainingMs, sinceMs } = connectivity;
  const holding = holdRemainingMs !== null && state !== 'RESTORED';
  const note = holding ? `holds, ${duration(holdRemainingMs)} to go` : `for ${duration(nowMs - sinceMs)}`;
  return (
    <Tile name="Internet" tone={`state-${state}`} note={label && !holding ? `${words(label)}, ${note}` : note}>
      <i class="lamp" />
      {words(state)}
    </Tile>
  );
}

function RestartTile({ site: { restart, nowMs } }: { site: SiteView }) {
  if (restart === null) {
    return (
      <Tile name="Restart" note="nothing to bring back">
        none
      </Tile>
    );
  }
  const { state, startedAtMs, endedAtMs, waitingFor } = restart;
  const ran = startedAtMs === null ? 'not begun' : duration((endedAtMs ?? nowMs) - startedAtMs);
  return (
    <Tile name="Restart" tone={`run-${state}`} note={endedAtMs === null ? (waitingFor ?? ran) : `took ${ran}`}>
      {words(state)}
    </Tile>
  );
}

function HashingTile({ site: { miners, feeds } }: { site: SiteView }) {
  const known = miners.filter(({ hashrateThs }) => hashrateThs !== null);
  const sum = known.reduce((total, { hashrateThs }) => total + (hashrateThs ?? 0), 0);
  const booting = feeds.find(({ parent }) => parent === null)?.booting ?? 0;
  const { hashing, soaking } = looks.value;
  const rate = known.length === 0 ? 'rate not known' : hashrate(sum);
  return (
    <Tile name="Hashing" note={booting === 0 ? rate : `${rate} · ${count(booting)} booting`}>
      {count(hashing + soaking)}
      <small> of {count(miners.length)}</small>
    </Tile>
  );
}

function PowerTile({ site: { feeds } }: { site: SiteView }) {
  const root = feeds.find(({ parent }) => parent === null);
  if (root === undefined) return null;
  const over = feeds.filter((feed) => loadOf(feed) === 'over').length;
  const drawn = power(root.drawW);
  const unitAt = drawn.lastIndexOf('\u202f');
  const free = power(Math.max(0, root.capW - root.committedW));
  return (
    <Tile
      name="Power"
      tone={over > 0 ? 'alarm' : ''}
      note={over > 0 ? `${over} feeds over their cap` : `of ${power(root.capW)} · ${free} free`}
    >
      {drawn.slice(0, unitAt)}
      <small> {drawn.slice(unitAt + 1)}</small>
    </Tile>
  );
}

function PeopleTile({ site: { restart } }: { site: SiteView }) {
  const [tickets, aside] = [restart?.tickets.length ?? 0, restart?.quarantined.length ?? 0];
  const note = tickets + aside === 0 ? 'nothing needs a hand' : `${count(tickets)} tickets · ${count(aside)} set aside`;
  return (
    <Tile name="For people" tone={tickets + aside > 0 ? 'attention' : ''} note={note}>
      {count(tickets + aside)}
      <small> {tickets + aside === 1 ? 'miner' : 'miners'}</small>
    </Tile>
  );
}
