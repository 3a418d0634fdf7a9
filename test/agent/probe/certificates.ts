import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A key and a certificate in PEM, and who can sign with it. Made at test time: Node reads certificates and makes none. */
export type Certified = Readonly<{ key: string; cert: string; privateKey: KeyObject; subject: string }>;

export type CertificateOf = Readonly<{
  subject: string;
  /** Null: signs itself. */
  by?: Certified | null;
  /** An authority, with at most so many below it; null: any number. */
  authority?: Readonly<{ pathLength: number | null }>;
  names?: readonly string[];
  addresses?: readonly string[];
  fromMs?: number;
  toMs?: number;
  /** Object identifiers of extended key usage, encoded. */
  uses?: readonly string[];
  constrained?: boolean;
  rsaBits?: number;
}>;

const DAY_MS = 86_400_000;
const SERVER_AUTH = '2b06010505070301';
export const CLIENT_AUTH = '2b06010505070302';
const ECDSA_SHA256 = '2a8648ce3d040302';
const RSA_SHA256 = '2a864886f70d01010b';

/** X.509 v3 (RFC 5280) with as few fields as a TLS client asks for. */
export function certificate(of: CertificateOf): Certified {
  const { subject, by = null, fromMs = Date.now() - DAY_MS, toMs = Date.now() + DAY_MS } = of;
  const { publicKey, privateKey } =
    of.rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: of.rsaBits });
  const signer = by?.privateKey ?? privateKey;
  const rsa = signer.asymmetricKeyType === 'rsa';
  const algorithm = rsa ? sequence(oid(RSA_SHA256), der(0x05)) : sequence(oid(ECDSA_SHA256));
  const body = sequence(
    der(0xa0, integer(2)),
    der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)])),
    algorithm,
    nameOf(by?.subject ?? subject),
    sequence(utcTime(fromMs), utcTime(toMs)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions(of))),
  );
  const whole = sequence(body, algorithm, bits(sign('sha256', body, signer)));
  return { key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), cert: pem(whole), privateKey, subject };
}

export const pinOf = ({ cert }: Certified): string =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');

function extensions({ authority, names = [], addresses = [], uses, constrained }: CertificateOf): readonly Buffer[] {
  const length = authority?.pathLength ?? null;
  const basic =
    authority === undefined ? [] : [der(0x01, Buffer.from([0xff])), ...(length === null ? [] : [integer(length)])];
  const alternatives = [
    ...names.map((name) => der(0x82, Buffer.from(name, 'latin1'))),
    ...addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  const usedFor = uses ?? (authority === undefined ? [SERVER_AUTH] : []);
  return [
    extension('551d13', sequence(...basic)),
    ...(alternatives.length === 0 ? [] : [extension('551d11', sequence(...alternatives))]),
    ...(usedFor.length === 0 ? [] : [extension('551d25', sequence(...usedFor.map(oid)))]),
    ...(constrained ? [extension('551d1e', sequence(der(0xa0, sequence(der(0x82, Buffer.from('example'))))))] : []),
  ];
}

const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(0x04, value));
const nameOf = (text: string): Buffer => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text)))));
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const bits = (bytes: Buffer): Buffer => der(0x03, Buffer.from([0]), bytes);
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const utcTime = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`, 'ascii'));

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const pem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
