import { json, type Page, plain } from '../antminer/page.ts';
import { type Device, type PoolSlot, SLOTS, threePools } from '../device.ts';

/** What is written to the pages of the S9's time (protocol sheet, 3.5): forms, where the later ones take JSON. */
export function setPools(form: URLSearchParams): Page {
  const slots = Array.from({ length: SLOTS }, (_, at) => slot(form, at + 1));
  if (slots[0]?.url === '') return { ...plain, status: 400, body: 'error' };
  return { ...plain, body: 'ok', action: 'restart', pools: threePools(slots) };
}

const slot = (form: URLSearchParams, number: number): PoolSlot => ({
  url: form.get(`_ant_pool${number}url`) ?? '',
  user: form.get(`_ant_pool${number}user`) ?? '',
  pass: form.get(`_ant_pool${number}pw`) ?? '',
});

/** `started` is what the request comes to that starts it: on many it hangs. */
export function setBlink({ blink }: Device, action: string | null, started: Page): Page {
  if (action === 'startBlink') return { ...started, blink: true };
  if (action === 'stopBlink') return { ...json({ isBlinking: false }), blink: false };
  return action === 'onPageLoaded' ? json({ isBlinking: blink }) : { ...plain, status: 400 };
}
