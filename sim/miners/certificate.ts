import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** Both in PEM. */
export type Certified = Readonly<{ key: string; cert: string }>;

export type CertificateOptions = Readonly<{
  /** Whom it names; nobody else vouches for that. */
  commonName: string;
  /** `rsa-1024`: too short by today's rules, as many devices have it. */
  keyType?: 'p256' | 'rsa-1024';
}>;

/**
 * A key and a certificate that it has signed itself, as the firmware of a device makes one for its page. Node reads
 * certificates and makes none, so the few fields that there must be are written here (X.509 v1, RFC 5280, 4.1).
 */
export function selfSigned({ commonName, keyType = 'p256' }: CertificateOptions): Certified {
  const { publicKey, privateKey } = pairOf(keyType);
  const algorithm = keyType === 'p256' ? sequence(oid(ECDSA_SHA256)) : sequence(oid(RSA_SHA256), der(0x05));
  const name = sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(commonName, 'utf8')))));
  const serial = der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)]));
  const validity = sequence(utcTime('200101000000Z'), utcTime('491231235959Z'));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const body = sequence(serial, algorithm, name, validity, name, spki);
  const whole = sequence(body, algorithm, bits(sign('sha256', body, privateKey)));
  return { key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), cert: pem(whole) };
}

function pairOf(keyType: NonNullable<CertificateOptions['keyType']>): { publicKey: KeyObject; privateKey: KeyObject } {
  if (keyType === 'rsa-1024') return generateKeyPairSync('rsa', { modulusLength: 1_024 });
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** Object identifiers in their encoded form: ecdsa-with-SHA256, sha256WithRSAEncryption, commonName. */
const ECDSA_SHA256 = '2a8648ce3d040302';
const RSA_SHA256 = '2a864886f70d01010b';
const COMMON_NAME = '550403';

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  return bytes < 0x100 ? Buffer.from([0x81, bytes]) : Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text, 'ascii'));
const bits = (bytes: Buffer): Buffer => der(0x03, Buffer.from([0]), bytes);

const pem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
