import type { LiveMessage, SiteView } from '../shared/view.ts';
import { noController, reach } from './api.ts';

/** Views as the controller sends them, whole each time. Ends when the controller closes the stream. */
export async function* liveViews(base: string, signal: AbortSignal): AsyncGenerator<SiteView> {
  const response = await reach(base, 'live', { signal, headers: { accept: 'text/event-stream' } });
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) throw noController(base);
  let view: SiteView | null = null;
  for await (const message of events(response)) {
    view = merge(view, message);
    if (view !== null) yield view;
  }
}

async function* events(response: Response): AsyncGenerator<LiveMessage> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []));
      if (data.length > 0) yield JSON.parse(data.join('\n')) as LiveMessage;
    }
  }
}

/** Absent keys are unchanged; a change before the first whole view says nothing. */
export function merge(view: SiteView | null, message: LiveMessage): SiteView | null {
  if (message.kind === 'whole') return message.view;
  if (view === null) return null;
  const changed = new Map(message.miners.map((miner) => [miner.miner, miner]));
  return { ...view, ...message.view, miners: view.miners.map((miner) => changed.get(miner.miner) ?? miner) };
}
