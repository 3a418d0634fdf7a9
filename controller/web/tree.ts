import type { FeedView } from '../../shared/view.ts';

export type Row = Readonly<{ feed: FeedView; depth: number; hasChildren: boolean; open: boolean }>;

const ALL_OPEN_UP_TO = 40; // more rows than that hide what matters
const NEARLY_FULL = 0.9;

/** The rows to show, parents first. `turned` holds the feeds whose usual state a person has turned round. */
export function treeRows(feeds: readonly FeedView[], turned: ReadonlySet<string>): readonly Row[] {
  const children = Map.groupBy(feeds, ({ parent }) => parent);
  const openByItself = (feed: FeedView): boolean => feeds.length <= ALL_OPEN_UP_TO || feed.parent === null;
  const rowsUnder = (parent: string | null, depth: number): Row[] =>
    (children.get(parent) ?? []).flatMap((feed) => {
      const hasChildren = children.has(feed.feed);
      const open = hasChildren && openByItself(feed) !== turned.has(feed.feed);
      return [{ feed, depth, hasChildren, open }, ...(open ? rowsUnder(feed.feed, depth + 1) : [])];
    });
  return rowsUnder(null, 0);
}

export type Load = 'over' | 'nearly' | 'fine';

/** Over a cap is what must never be; committed above what is drawn is how it is kept from being. */
export function loadOf({ capW, committedW, drawW }: FeedView): Load {
  if (drawW > capW || committedW > capW) return 'over';
  return Math.max(drawW, committedW) > NEARLY_FULL * capW ? 'nearly' : 'fine';
}
