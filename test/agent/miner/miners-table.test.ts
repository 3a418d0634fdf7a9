import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { drivers } from '../../../agent/miner/catalogue.ts';
import { FAMILIES } from '../../../sim/miners/families.ts';
import { CAPTURES } from './captures.ts';
import { type Evidence, minersTable } from './miners-table.ts';

const DOC = join(import.meta.dirname, '../../../docs/miners.md');
const virtual = new Set(FAMILIES.map(({ family }) => family));

/** As written in the document, which is made where the captures are. */
function evidenceIn(doc: string): ReadonlyMap<string, Evidence> {
  const rows = [
    ...doc.matchAll(/^\| `([^`]+)` \| [^|]* \| (?:(\d+) real)? ?(?:\+? ?(\d+) shape)?(?:sheet only)? \|/gm),
  ];
  return new Map(
    rows.flatMap(([, family = '', real, shape]) =>
      real === undefined && shape === undefined
        ? []
        : [[family, { real: Number(real ?? 0), shape: Number(shape ?? 0) }] as const],
    ),
  );
}

/** As the captures' own descriptions have it; null where they are absent. */
function evidenceOnDisk(): ReadonlyMap<string, Evidence> | null {
  if (!existsSync(CAPTURES)) return null;
  const families = readdirSync(CAPTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(
    families.map(({ name }) => {
      const devices = readdirSync(join(CAPTURES, name)).map((device) => {
        const text = readFileSync(join(CAPTURES, name, device, 'device.json'), 'utf8');
        return (JSON.parse(text) as { authenticity?: string }).authenticity ?? '';
      });
      const real = devices.filter((word) => /^captured(?!-edited)/.test(word)).length;
      return [name, { real, shape: devices.length - real }];
    }),
  );
}

test('docs/miners.md is what the drivers say', () => {
  const before = existsSync(DOC) ? readFileSync(DOC, 'utf8') : '';
  const onDisk = evidenceOnDisk();
  if (process.env.RELIGHT_WRITE_DOCS !== undefined && onDisk !== null) {
    writeFileSync(DOC, minersTable(drivers, onDisk, virtual));
    return;
  }
  expect(before).toBe(minersTable(drivers, evidenceIn(before), virtual));
});

test('docs/miners.md claims no capture that is not there', () => {
  const onDisk = evidenceOnDisk();
  if (onDisk === null) return console.warn(`SKIPPED: no captures under ${CAPTURES}; set RELIGHT_SHARED`);
  for (const [family, { real, shape }] of evidenceIn(readFileSync(DOC, 'utf8'))) {
    const have = onDisk.get(family);
    expect([family, (have?.real ?? 0) >= real, (have?.shape ?? 0) >= shape]).toEqual([family, true, true]);
  }
});
