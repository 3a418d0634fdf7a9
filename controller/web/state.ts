import { computed, signal } from '@preact/signals';
import type { MinerLook, SiteView } from '../../shared/view.ts';
import { countLooks } from './looks.ts';

/** What the page knows. Only `stream.ts` writes the first three. */
export const view = signal<SiteView | null>(null);
export const link = signal<'connecting' | 'open' | 'lost'>('connecting');
/** Real milliseconds since the newest message; counted up once a second. */
export const silentMs = signal(0);

const STALE_AFTER_MS = 5_000; // the controller speaks four times a second

/** What is shown is no longer how it is. */
export const stale = computed(() => view.value !== null && (silentMs.value >= STALE_AFTER_MS || link.value === 'lost'));

export const filter = signal<MinerLook | null>(null);
export const looks = computed(() => countLooks(view.value?.miners ?? []));
