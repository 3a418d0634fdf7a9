import { type Key, refuse, shown } from './fault.ts';
import type { Certificate } from './site.ts';

export type CertificateEntry = Readonly<{
  tls: 'verify' | 'pin' | 'none';
  pin: string | undefined;
  /** The address of what speaks without TLS, and has no certificate to be checked. */
  plain: string | null;
}>;

/** null: none is asked for. */
export function certificateOf({ tls, pin, plain }: CertificateEntry, key: Key): Certificate | null {
  if (plain !== null && tls !== 'none') {
    return refuse('CONFIG_VALUE', [...key, 'tls'], `is ${shown(tls)}, expected a stratum+ssl:// address beside it`);
  }
  if (pin !== undefined && tls !== 'pin') {
    return refuse('CONFIG_VALUE', [...key, 'pin'], `is ${shown(pin)}, expected tls: pin beside it`);
  }
  if (tls === 'none') return null;
  if (tls === 'verify') return { is: 'verify' };
  const sha256 = pin === undefined ? null : sha256Of(pin);
  if (sha256 !== null) return { is: 'pin', sha256 };
  const found = pin === undefined ? 'is missing' : `is ${shown(pin)}`;
  return refuse('CONFIG_VALUE', [...key, 'pin'], `${found}, expected the SHA-256 of the certificate in hex or base64`);
}

const HEX = /^[\da-f]{64}$/;
const BASE64 = /^[A-Za-z\d+/]{43}=?$/;

/** Hex also as OpenSSL prints it, with colons. null: neither. */
function sha256Of(pin: string): string | null {
  const hex = pin.replaceAll(':', '').toLowerCase();
  if (HEX.test(hex)) return hex;
  return BASE64.test(pin) ? Buffer.from(pin, 'base64').toString('hex') : null;
}
