import { type Key, refuse, shown } from './fault.ts';

const RANGE_MAX = 65_536; // a /16: wider is a slip of the pen, not a feed
const OCTETS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The addresses of a miner entry, in order. `10.1.1.250-10.1.2.5` crosses octets and includes both ends. */
export function expandRange(text: string, key: Key): readonly string[] {
  const [first = '', last = '', ...more] = text.split('-').map((end) => end.trim());
  const [from, to] = [numberOf(first), numberOf(last)];
  if (from === null || to === null || more.length > 0) {
    return refuse('CONFIG_VALUE', key, `is ${shown(text)}, expected two IPv4 addresses as in 10.1.1.1-10.1.1.24`);
  }
  if (to < from)
    return refuse('CONFIG_VALUE', key, `is ${shown(text)}, which runs backwards: expected ${last}-${first}`);
  const count = to - from + 1;
  if (count > RANGE_MAX) {
    return refuse('CONFIG_VALUE', key, `is ${shown(text)}, which is ${count} addresses: expected at most ${RANGE_MAX}`);
  }
  return Array.from({ length: count }, (_, i) => addressOf(from + i));
}

export function checkAddress(text: string, key: Key): string {
  if (numberOf(text) !== null) return text;
  return refuse('CONFIG_VALUE', key, `is ${shown(text)}, expected an IPv4 address`);
}

export type Span = Readonly<{ from: number; count: number }>;

/** `10.1.1.0/24`, `10.1.1.5-10.1.2.9` or one address; null for anything else. A network's first and last address count too. */
export function spanOf(text: string): Span | null {
  const [address = '', bits, ...more] = text.split('/');
  if (bits !== undefined) {
    const base = numberOf(address);
    if (base === null || more.length > 0 || !/^(\d|[12]\d|3[0-2])$/.test(bits)) return null;
    const count = 2 ** (32 - Number(bits));
    return { from: base - (base % count), count };
  }
  const [from = null, to = from, ...others] = text.split('-').map((end) => numberOf(end.trim()));
  if (from === null || to === null || to < from || others.length > 0) return null;
  return { from, count: to - from + 1 };
}

/** null for what is no IPv4 address; a leading zero is refused, since some read it as octal. */
function numberOf(text: string): number | null {
  const octets = OCTETS.exec(text)?.slice(1);
  if (!octets || octets.some((octet) => Number(octet) > 255 || (octet.length > 1 && octet.startsWith('0'))))
    return null;
  return octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export const addressOf = (number: number): string =>
  [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join('.');

// Not a full grammar: a host that means an IPv6 address and is none of one fails when it is asked.
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*(%[\w.-]+)?$/i;

/** Of an address; null for a name, whose family is whatever it resolves to. */
export function familyOf(host: string): 4 | 6 | null {
  if (numberOf(host) !== null) return 4;
  return IPV6.test(host) ? 6 : null;
}
