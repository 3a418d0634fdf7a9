import { readdirSync, readFileSync } from 'node:fs';
import { loadCatalogue } from '../../config/load.io.ts';
import { parseSite } from '../../config/parse.ts';
import type { Site } from '../../config/site.ts';
import { RelightError } from '../../shared/errors.ts';

const FOLDER = new URL('../fixtures/config/', import.meta.url);

export const fixture = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
export const invalidFixtures = (): readonly string[] =>
  readdirSync(FOLDER).filter((name) => name.startsWith('invalid-') && name.endsWith('.yaml'));

export const parse = (text: string): Site => parseSite(text, { file: 'site.yaml', catalogue: loadCatalogue() });

/** What a file is refused with; fails where it is accepted. */
export function refusal(run: () => unknown): Readonly<{ code: string; key: unknown; message: string }> {
  try {
    run();
  } catch (error) {
    if (error instanceof RelightError)
      return { code: error.code, key: error.details.key ?? '', message: error.message };
    throw error;
  }
  throw new Error('it was accepted');
}

/** The small valid site, with some of its text replaced. */
export function small(changes: Readonly<Record<string, string>> = {}, more = ''): string {
  return (
    Object.entries(changes).reduce((text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`the fixture has no ${from}`);
      return text.replace(from, to);
    }, fixture('valid-small.yaml')) + more
  );
}
