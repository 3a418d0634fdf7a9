import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { leadsToRoot } from '../../../agent/probe/certificate.ts';
import { type CertificateOf, type Certified, CLIENT_AUTH, certificate } from './certificates.ts';

/*
 * Chains that end for the time alone, judged at another time: what OpenSSL would have found besides has to be found too.
 */
const YEAR_MS = 31_557_600_000;
const NOW_MS = Date.UTC(2026, 10, 24);
const long = { fromMs: NOW_MS - 10 * YEAR_MS, toMs: NOW_MS + 10 * YEAR_MS };
const authority = { authority: { pathLength: null } } as const;
const root = certificate({ subject: 'root', ...authority, ...long });
const other = certificate({ subject: 'root', ...authority, ...long });
const mid = certificate({ subject: 'mid', by: root, authority: { pathLength: 0 }, ...long });
const leafOf = (by: Certified | null, more: Partial<CertificateOf> = {}): Certified =>
  certificate({ subject: 'leaf', by, names: ['a.example'], fromMs: NOW_MS, toMs: NOW_MS + YEAR_MS, ...more });
const leads = (sent: readonly Certified[], atMs = NOW_MS + 1_000, roots: readonly Certified[] = [root]): boolean => {
  const read = (all: readonly Certified[]) => all.map(({ cert }) => new X509Certificate(cert));
  return leadsToRoot({ sent: read(sent), roots: read(roots) }, atMs);
};

describe('a chain at another time', () => {
  test('leads to a root, over an authority that was sent along or none', () => {
    expect(leads([leafOf(mid), mid])).toBe(true);
    expect(leads([leafOf(mid), mid, root])).toBe(true);
    expect(leads([leafOf(root)])).toBe(true);
  });
  test('counts at both ends of its time and not a second further', () => {
    const chain = [leafOf(mid), mid];
    expect([NOW_MS - 1_000, NOW_MS, NOW_MS + YEAR_MS, NOW_MS + YEAR_MS + 1_000].map((ms) => leads(chain, ms))).toEqual([
      ...[false, true, true, false],
    ]);
  });

  const young = certificate({ ...{ subject: 'mid', by: root }, ...authority, fromMs: NOW_MS + 60_000 });
  const constrained = certificate({ ...{ subject: 'mid', by: root, constrained: true }, ...authority, ...long });
  const noAuthority = certificate({ subject: 'mid', by: root, ...long });
  const forClients = certificate({ ...{ subject: 'mid', by: root, uses: [CLIENT_AUTH] }, ...authority, ...long });
  const below = certificate({ ...{ subject: 'below', by: mid }, ...authority, ...long });
  const short = certificate({ ...{ subject: 'mid', by: root, rsaBits: 1_024 }, ...authority, ...long });
  test.each([
    ['has signed itself', [leafOf(null)]],
    ['has nobody behind it', [leafOf(mid)]],
    ['ends at another root of that name', [leafOf(other)]],
    ['goes over an authority that is not valid yet', [leafOf(young), young]],
    ['goes over one that may only vouch for some names, which is not looked at', [leafOf(constrained), constrained]],
    ['goes over one that is no authority', [leafOf(noAuthority), noAuthority]],
    ['goes over one that may only vouch for clients', [leafOf(forClients), forClients]],
    ['goes over more authorities than one of them allows', [leafOf(below), below, mid]],
    ['goes over one with a short key', [leafOf(short), short]],
    ['is of a client', [leafOf(root, { uses: [CLIENT_AUTH] })]],
    ['is signed by a namesake', [leafOf(certificate({ subject: 'mid', by: other, ...authority, ...long })), mid]],
    ['is empty', []],
  ])('does not count where it %s', (_, sent) => expect(leads(sent)).toBe(false));
});
