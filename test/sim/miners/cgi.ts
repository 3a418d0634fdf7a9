import { createHash } from 'node:crypto';
import type { Place } from '../../../sim/index.ts';
import { type Page, type PageRequest, request } from './raw.ts';

/** A client of the firmwares that have a digest in front of their pages, each with its own realm and login. */
export type Login = Readonly<{ user: string; password: string }>;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** The page as somebody gets it who answers the challenge with this login, or with one for a realm of its own. */
export async function pageAs(
  place: Place,
  { user, password }: Login,
  { realm: own, ...asked }: PageRequest & { realm?: string },
): Promise<Page> {
  const { headers } = await request(place, asked);
  const [, realm = own ?? ''] = (own === undefined && /realm="([^"]*)"/.exec(headers)) || [];
  const [, nonce = ''] = /nonce="([^"]*)"/.exec(headers) ?? [];
  const { path, method = 'GET' } = asked;
  const [nc, cnonce] = ['00000001', '0a4f113b'];
  const ha1 = md5(`${user}:${realm}:${password}`);
  const response = md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${path}`)}`);
  const authorization = `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${path}", response="${response}", qop=auth, nc=${nc}, cnonce="${cnonce}"`;
  return request(place, { ...asked, authorization });
}
