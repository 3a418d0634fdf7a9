import { createHash } from 'node:crypto';
import type { Account } from '../family.ts';

/** HTTP digest as the stock web page asks for it: MD5, qop `auth` (protocol sheet, 19b). */
export const REALM = 'antMiner Configuration';

/** `realm`: firmwares that have the page from here name themselves in it. */
export type Asked = Readonly<{ method: string; uri: string; authorization: string | undefined; realm?: string }>;

export const challenge = (nonce: string, realm: string = REALM): string =>
  `Digest realm="${realm}", nonce="${nonce}", qop="auth"`;

/** Whether this request proves that its sender knows the password, with a nonce that was given out. */
export function authorised(asked: Asked, account: Account, knows: (nonce: string) => boolean): boolean {
  const fields = parse(asked.authorization ?? '');
  if (fields === null || fields.username !== account.user) return false;
  if (fields.realm !== (asked.realm ?? REALM)) return false;
  if (fields.uri !== asked.uri || !knows(fields.nonce ?? '')) return false;
  return fields.response === responseOf(fields, asked.method, account.password);
}

type Fields = Readonly<Record<string, string | undefined>>;

function parse(header: string): Fields | null {
  if (!/^digest /i.test(header)) return null;
  const pairs = header.slice('digest '.length).matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g);
  return Object.fromEntries([...pairs].map(([, key, quoted, bare]) => [key, quoted ?? bare ?? '']));
}

export function responseOf(fields: Fields, method: string, password: string): string {
  const ha1 = md5(`${fields.username}:${fields.realm}:${password}`);
  const ha2 = md5(`${method}:${fields.uri}`);
  const { nonce, nc, cnonce, qop } = fields;
  return md5(qop === undefined ? `${ha1}:${nonce}:${ha2}` : `${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`);
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
