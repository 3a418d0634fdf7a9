import type { SiteView } from '../../shared/view.ts';

const LOOK_EVERY_MS = 200;
const ANSWER_WITHIN_MS = 2_000;
const FRESH_WITHIN_MS = 10_000;

export type Watch = Readonly<{
  /** The newest view that the controller gave; null before the first. */
  view(): SiteView | null;
  /** A view asked for now; null when the controller does not answer. */
  fresh(): Promise<SiteView | null>;
  stop(): void;
}>;

/** Looks at the controller through its own API, as any user does; a controller that is down is asked again. */
export function watchController(page: string): Watch {
  let newest: SiteView | null = null;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  const look = async (): Promise<void> => {
    const view = await readView(page, ANSWER_WITHIN_MS);
    if (view !== null) newest = view;
    if (!stopped) timer = setTimeout(() => void look(), LOOK_EVERY_MS);
  };
  void look();

  return {
    view: () => newest,
    fresh: () => readView(page, FRESH_WITHIN_MS),
    stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}

async function readView(page: string, withinMs: number): Promise<SiteView | null> {
  try {
    const response = await fetch(`${page}/api/v1/site`, { signal: AbortSignal.timeout(withinMs) });
    return response.ok ? ((await response.json()) as SiteView) : null;
  } catch {
    return null; // not up yet, or just killed: the next look tells
  }
}
