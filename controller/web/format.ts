/** Numbers and times as an engineer reads them. What is not known is a dash, never a zero. */
export const UNKNOWN = '–';
const MINUS = '\u2212';
const THIN = '\u202f';

export function power(watts: number | null): string {
  if (watts === null) return UNKNOWN;
  if (Math.abs(watts) < 999.5) return `${Math.round(watts)}${THIN}W`;
  const [value, unit] = Math.abs(watts) >= 999_500 ? [watts / 1e6, 'MW'] : [watts / 1e3, 'kW'];
  return `${figure(value)}${THIN}${unit}`;
}

/** Three figures are enough to decide by. */
export function figure(value: number): string {
  if (value === 0) return '0';
  const digits = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  return grouped(value.toFixed(digits));
}

export function hashrate(ths: number | null): string {
  if (ths === null) return UNKNOWN;
  if (ths >= 1e6) return `${figure(ths / 1e6)}${THIN}EH/s`;
  return ths >= 1e3 ? `${figure(ths / 1e3)}${THIN}PH/s` : `${figure(ths)}${THIN}TH/s`;
}

export const count = (value: number): string => grouped(String(value));

export const percent = (part: number, whole: number): string =>
  whole <= 0 ? UNKNOWN : `${Math.floor((100 * part) / whole)}${THIN}%`;

function grouped(text: string): string {
  const [whole = '', rest] = text.replace('-', MINUS).split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
  return rest === undefined ? spaced : `${spaced}.${rest}`;
}

/** `48 s`, `3 min 05 s`, `2 h 14 min`, `6 d 03 h`: the two largest units. */
export function duration(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const s = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (s < 60) return `${s}${THIN}s`;
  if (s < 3_600) return `${Math.floor(s / 60)}${THIN}min ${two(s % 60)}${THIN}s`;
  if (s < 86_400) return `${Math.floor(s / 3_600)}${THIN}h ${two(Math.floor((s % 3_600) / 60))}${THIN}min`;
  return `${Math.floor(s / 86_400)}${THIN}d ${two(Math.floor((s % 86_400) / 3_600))}${THIN}h`;
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const shortFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

export const clock = (atMs: number): string => clockFormat.format(atMs);
export const shortClock = (atMs: number): string => shortFormat.format(atMs);
export const dayClock = (atMs: number): string => dayFormat.format(atMs);

/** `AWAITING_APPROVAL` → `awaiting approval`: codes are for machines. */
export const words = (code: string): string => code.toLowerCase().replaceAll('_', ' ');
