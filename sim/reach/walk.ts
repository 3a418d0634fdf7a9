import type { Edge } from '../../config/outages.ts';

/** Is it up at this instant, and when does that change next; null = never again. */
export type Now = Readonly<{ up: boolean; untilMs: number | null }>;

/** Looks a series up in the order of time: no call is earlier than the last, so that it is walked through once. */
export function walk(edges: readonly Edge[]): (atMs: number) => Now {
  let at = 0;
  return (atMs) => {
    for (let next = edges[at + 1]; next !== undefined && next.atMs <= atMs; next = edges[at + 1]) at += 1;
    const up = edges[at]?.up ?? false;
    let later = at + 1;
    while (edges[later]?.up === up) later += 1;
    return { up, untilMs: edges[later]?.atMs ?? null };
  };
}
