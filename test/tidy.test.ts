import { describe, expect, test } from '@jest/globals';
import {
  anyType,
  arrows,
  cycles,
  FILE_MAX_LINES,
  FILE_MEDIAN_LINES,
  FUNCTION_MEDIAN_LINES,
  leftovers,
  median,
  PER_FILE,
  purity,
  sizes,
} from './tidy/rules.ts';
import { parseSource, readProject } from './tidy/source.ts';

const files = readProject();
const production = files.filter(({ path }) => /^(agent|controller|shared|config|sim|cli)\//.test(path));

// Over the ceiling when the rule came. Entries may only shrink or go.
const MAY_EXCEED: Readonly<Record<string, readonly string[]>> = {};

describe('the house rules', () => {
  test('hold in every file', () => {
    const found = files.flatMap((file) => PER_FILE.flatMap((rule) => rule(file)));
    const open = found.filter(({ path, detail }) => !(MAY_EXCEED[path] ?? []).includes(detail));
    expect(open.map(({ path, detail }) => `${path} ${detail}`)).toEqual([]);
  });

  test('leave no import cycle', () => {
    expect(cycles(files).map(({ detail }) => detail)).toEqual([]);
  });

  test('keep the median file and function small', () => {
    expect(median(production.map(({ lines }) => lines))).toBeLessThanOrEqual(FILE_MEDIAN_LINES);
    const lengths = production.flatMap(({ functions }) => functions.map(({ lines }) => lines));
    expect(median(lengths)).toBeLessThanOrEqual(FUNCTION_MEDIAN_LINES);
  });

  test('name no exception that is no longer needed', () => {
    const found = new Set(
      files.flatMap((file) => PER_FILE.flatMap((rule) => rule(file)).map((v) => `${v.path} ${v.detail}`)),
    );
    const stale = Object.entries(MAY_EXCEED).flatMap(([path, details]) => details.map((detail) => `${path} ${detail}`));
    expect(stale.filter((entry) => !found.has(entry))).toEqual([]);
  });
});

describe('the tidy test itself', () => {
  test('finds a pure file that imports node:fs', () => {
    const file = parseSource(
      'agent/verdict/judge.ts',
      "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
    );
    expect(purity(file)).toMatchObject([{ rule: 'world', detail: 'imports node:fs' }]);
  });

  test('lets an io file import node:fs', () => {
    expect(purity(parseSource('agent/keys.io.ts', "import 'node:fs';\n"))).toEqual([]);
  });

  test('finds a pure file that reads the clock, rolls dice or sets a timer', () => {
    const text = 'export const f = () => [Date.now(), new Date(), Math.random(), setTimeout(f, 1), process.pid];\n';
    const names = purity(parseSource('shared/x.ts', text)).map(({ detail }) => detail);
    expect(names.sort()).toEqual(
      ['Date.now', 'Math.random', 'new Date()', 'process', 'setTimeout'].map((name) => `line 1 uses ${name}`),
    );
  });

  test('finds a pure file that imports an io file, but not one that takes its types', () => {
    const value = parseSource('shared/x.ts', "import { realClock } from './clock.io.ts';\nexport default realClock;\n");
    const type = parseSource('shared/x.ts', "import type { A } from './clock.io.ts';\nexport type B = A;\n");
    expect(purity(value)).toMatchObject([{ detail: 'imports shared/clock.io.ts' }]);
    expect(purity(type)).toEqual([]);
  });

  test('finds an agent that imports the controller', () => {
    const file = parseSource('agent/main.ts', "import { x } from '../controller/store/store.ts';\nexport default x;\n");
    expect(arrows(file)).toMatchObject([
      { rule: 'arrow', detail: expect.stringContaining('agent may not know controller') },
    ]);
  });

  test('finds neighbours that may not know each other, also by their types', () => {
    const file = parseSource(
      'agent/probe/plan.ts',
      "import type { J } from '../verdict/judge.ts';\nexport type K = J;\n",
    );
    expect(arrows(file)).toMatchObject([{ detail: expect.stringContaining('agent/probe may not know agent/verdict') }]);
  });

  test('finds a way into the agent beside its index', () => {
    const file = parseSource('cli/x.ts', "import { m } from '../agent/miner/miners.io.ts';\nexport default m;\n");
    expect(arrows(file)).toMatchObject([{ detail: expect.stringContaining('entered by its index.ts') }]);
  });

  test('finds production that imports a test', () => {
    const file = parseSource('cli/x.ts', "import { m } from '../test/contract/store.ts';\nexport default m;\n");
    expect(arrows(file)).toMatchObject([{ detail: expect.stringContaining('production does not know tests') }]);
  });

  test('finds a file of more than 400 lines, and not one of 400', () => {
    const lines = (count: number) => parseSource('shared/x.ts', 'export {};\n'.repeat(count));
    expect(sizes(lines(FILE_MAX_LINES))).toEqual([]);
    expect(sizes(lines(FILE_MAX_LINES + 1))).toMatchObject([{ rule: 'size', detail: 'has 401 lines' }]);
  });

  test('finds a function of more than 60 lines and one with four parameters', () => {
    const long = `export function f() {\n${'  f();\n'.repeat(59)}}\n`;
    const wide = 'export const g = (a: 1, b: 2, c: 3, d: 4) => [a, b, c, d];\n';
    expect(sizes(parseSource('shared/x.ts', long))).toMatchObject([{ detail: 'f has 61 lines' }]);
    expect(sizes(parseSource('shared/x.ts', wide))).toMatchObject([{ detail: 'g takes 4 parameters' }]);
  });

  test('finds a cycle', () => {
    const a = parseSource('shared/a.ts', "import './b.ts';\n");
    const b = parseSource('shared/b.ts', "import './a.ts';\n");
    expect(cycles([a, b])).toMatchObject([{ detail: 'shared/a.ts → shared/b.ts → shared/a.ts' }]);
  });

  test('finds any, and what was left for later', () => {
    expect(anyType(parseSource('shared/x.ts', 'export const f = (a: any) => a;\n'))).toHaveLength(1);
    expect(anyType(parseSource('shared/x.ts', '// any of them\nexport const many = (anyone: 1) => anyone;\n'))).toEqual(
      [],
    );
    expect(leftovers(parseSource('shared/x.ts', `// ${'TO'}${'DO'} later\n`))).toHaveLength(1);
  });
});
