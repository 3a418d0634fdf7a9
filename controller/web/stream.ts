import { batch } from '@preact/signals';
import type { LiveMessage } from '../../shared/view.ts';
import { applyMessage } from './apply.ts';
import { link, silentMs, view } from './state.ts';

const RETRY_AFTER_MS = 2_000;
const LOOK_EVERY_MS = 1_000;
const DEAF_AFTER_MS = 15_000; // a connection that is open and silent that long is dead: take another

/** Follows the controller for as long as the page is open. */
export function follow(): void {
  let source = connect();
  let heardAtMs = performance.now();
  let retrying = false;

  function connect(): EventSource {
    const next = new EventSource('/api/v1/live');
    next.onmessage = ({ data }: MessageEvent<string>) => {
      heardAtMs = performance.now();
      const message = JSON.parse(data) as LiveMessage;
      batch(() => {
        view.value = applyMessage(view.peek(), message);
        link.value = 'open';
        silentMs.value = 0;
      });
    };
    next.onerror = () => {
      link.value = view.peek() === null ? 'connecting' : 'lost';
      // A refused stream is not tried again by the browser itself.
      if (next.readyState !== EventSource.CLOSED || retrying) return;
      retrying = true;
      window.setTimeout(reconnect, RETRY_AFTER_MS);
    };
    return next;
  }
  function reconnect(): void {
    retrying = false;
    source.close();
    source = connect();
  }
  window.setInterval(() => {
    silentMs.value = Math.floor((performance.now() - heardAtMs) / LOOK_EVERY_MS) * LOOK_EVERY_MS;
    if (silentMs.value >= DEAF_AFTER_MS && silentMs.value % DEAF_AFTER_MS === 0) reconnect();
  }, LOOK_EVERY_MS);
}
