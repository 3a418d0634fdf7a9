import { useState } from 'preact/hooks';
import type { FeedView } from '../../shared/view.ts';
import { power, UNKNOWN } from './format.ts';
import { loadOf, type Row, treeRows } from './tree.ts';

export function Power({ feeds }: { feeds: readonly FeedView[] }) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const turn = (feed: string): void => {
    const next = new Set(turned);
    if (!next.delete(feed)) next.add(feed);
    setTurned(next);
  };
  return (
    <section class="panel power" aria-labelledby="power">
      <h2 id="power">Power</h2>
      <p class="sub">
        <i class="key drawn" /> drawn <i class="key committed" /> committed, of the cap
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">feed</th>
            <th scope="col" class="wide">
              load
            </th>
            <th scope="col">drawn</th>
            <th scope="col">committed</th>
            <th scope="col">cap</th>
            <th scope="col">booting</th>
          </tr>
        </thead>
        <tbody>
          {treeRows(feeds, turned).map((row) => (
            <FeedRow key={row.feed.feed} row={row} turn={turn} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function FeedRow({ row: { feed, depth, hasChildren, open }, turn }: { row: Row; turn(feed: string): void }) {
  const { booting, maxBooting, refusal } = feed;
  const full = maxBooting !== null && booting >= maxBooting;
  return (
    <tr class={`${loadOf(feed)} depth-${Math.min(depth, 4)}`}>
      <th scope="row">
        {hasChildren ? (
          <button type="button" class="turn" aria-expanded={open} onClick={() => turn(feed.feed)}>
            {feed.feed}
          </button>
        ) : (
          feed.feed
        )}
      </th>
      <td class="wide">
        <Bar feed={feed} />
        {refusal === null ? null : <span class="refusal">{refusalText(refusal)}</span>}
      </td>
      <td>{power(feed.drawW)}</td>
      <td class="dim">{power(feed.committedW)}</td>
      <td>{power(feed.capW)}</td>
      <td class={full ? 'full' : booting > 0 ? '' : 'dim'}>
        {booting}
        <span class="of">/{maxBooting ?? UNKNOWN}</span>
      </td>
    </tr>
  );
}

function Bar({ feed: { drawW, committedW, capW } }: { feed: FeedView }) {
  // A bar longer than its cap must show as longer: the scale gives way.
  const scale = Math.max(capW, drawW, committedW, 1);
  const x = (watts: number): number => (100 * watts) / scale;
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="room" width={x(capW)} height="8" />
      <rect class="committed" width={x(committedW)} height="8" />
      <rect class="drawn" y="2" width={x(drawW)} height="4" />
      {scale > capW ? <rect class="excess" x={x(capW)} width={100 - x(capW)} height="8" /> : null}
    </svg>
  );
}

function refusalText({ constraint, neededW, freeW }: NonNullable<FeedView['refusal']>): string {
  if (neededW === null || freeW === null)
    return constraint === 'slots' ? 'all boot slots taken' : `waits: ${constraint}`;
  return `waits: ${constraint}, ${power(neededW)} wanted, ${power(Math.max(0, freeW))} free`;
}
