import type { SourceFile } from './source.ts';

export type Violation = Readonly<{ path: string; rule: string; detail: string }>;

export const FILE_MAX_LINES = 400;
export const FILE_MEDIAN_LINES = 100;
export const FUNCTION_MAX_LINES = 60;
export const FUNCTION_MEDIAN_LINES = 10;
export const PARAMETERS_MAX = 3;

// What only computes. Everything else from `node:` or npm is the world, and belongs into a file that says so.
const PURE_PACKAGES = new Set([
  'node:buffer',
  'node:crypto',
  'fastest-levenshtein',
  'immutable',
  'protobufjs',
  'typebox',
  'yaml',
]);
const PURE_SUBPATHS = ['ping/lib/builder/', 'ping/lib/parser/', 'typebox/', '@fastify/type-provider-typebox'];

const top = (path: string): string => path.split('/')[0] ?? '';
const PRODUCTION = new Set(['agent', 'controller', 'shared', 'config', 'sim', 'cli']);

const isWeb = (path: string): boolean => path.startsWith('controller/web/');
/** Where the world may be touched can be seen in the file name. */
export function isPure(path: string): boolean {
  if (!PRODUCTION.has(top(path)) || top(path) === 'cli' || isWeb(path)) return false;
  return !/\.io\.tsx?$/.test(path) && !/(^|\/)(main|index)\.ts$/.test(path);
}

export function purity(file: SourceFile): Violation[] {
  if (!isPure(file.path)) return [];
  const ambient = file.ambient.map(({ name, line }) => fault(file, 'world', `line ${line} uses ${name}`));
  const imports = file.imports
    .filter(({ from, typeOnly }) => !typeOnly && (isProject(from) ? /\.io\.ts$/.test(from) : !isPurePackage(from)))
    .map(({ from }) => fault(file, 'world', `imports ${from}`));
  return [...ambient, ...imports];
}

const isProject = (from: string): boolean => /\.(ts|tsx|json|css)$/.test(from);
const isPurePackage = (from: string): boolean =>
  PURE_PACKAGES.has(from) || PURE_SUBPATHS.some((prefix) => from.startsWith(prefix));

/** Top folders and what each may import. `agent` and `controller` are reached from outside by their index alone. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  config: ['shared'],
  agent: ['config', 'shared'],
  controller: ['config', 'shared'],
  sim: ['config', 'shared', 'agent', 'controller'],
  cli: ['config', 'shared', 'agent', 'controller', 'sim'],
};

/** Inside agent and controller: what a folder may import of its neighbours; what is not here is forbidden. */
const INSIDE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  agent: {},
  controller: {
    restart: ['site'],
    connectivity: ['site'],
    ingest: ['site'],
    api: ['store', 'site'],
  },
};
/** Folders that only join, or whose files stand directly under agent or controller. */
const JOINERS: ReadonlySet<string> = new Set(['main.ts', 'index.ts']);

export function arrows(file: SourceFile): Violation[] {
  const from = top(file.path);
  if (!PRODUCTION.has(from)) return [];
  return file.imports
    .filter(({ from: to }) => isProject(to))
    .flatMap(({ from: to, typeOnly }) => {
      const why = forbidden(file.path, to, typeOnly);
      return why === null ? [] : [fault(file, 'arrow', `imports ${to}: ${why}`)];
    });
}

function forbidden(path: string, to: string, typeOnly: boolean): string | null {
  const [here, there] = [top(path), top(to)];
  if (there === 'test' || there === 'bench') return 'production does not know tests';
  if (here !== there) return crossing(path, to);
  if (here !== 'agent' && here !== 'controller') return null;
  return inside(here, path, { to, typeOnly });
}

function crossing(path: string, to: string): string | null {
  const [here, there] = [top(path), top(to)];
  if (!PRODUCTION.has(there)) return null;
  if (!(ARROWS[here] ?? []).includes(there)) return `${here} may not know ${there}`;
  const guarded = there === 'agent' || there === 'controller';
  if (guarded && to !== `${there}/index.ts`) return `${there} is entered by its index.ts`;
  return null;
}

function inside(half: string, path: string, { to, typeOnly }: { to: string; typeOnly: boolean }): string | null {
  const [mine, theirs] = [path.split('/')[1] ?? '', to.split('/')[1] ?? ''];
  const joins = JOINERS.has(mine) || path.split('/').length === 2 || JOINING_ROOMS.has(`${half}/${mine}`);
  if (mine === theirs || joins) return null;
  if (half === 'controller' && mine === 'web') return 'the page knows no server code';
  if (to.split('/').length === 2) return `${half}/${mine} does not know what joins it`;
  const allowed = INSIDE[half]?.[mine] ?? [];
  if (!allowed.includes(theirs)) return `${half}/${mine} may not know ${half}/${theirs}`;
  if (mine === 'api' && theirs === 'store' && !typeOnly) return 'api takes only types of the store';
  return null;
}

/** Rooms that are part of main, split by size. */
const JOINING_ROOMS: ReadonlySet<string> = new Set(['controller/runner', 'controller/join', 'agent/join']);

export function sizes(file: SourceFile): Violation[] {
  const long = file.lines > FILE_MAX_LINES ? [fault(file, 'size', `has ${file.lines} lines`)] : [];
  if (!PRODUCTION.has(top(file.path))) return long;
  const functions = file.functions.flatMap((one) => [
    ...(one.lines > FUNCTION_MAX_LINES ? [fault(file, 'size', `${one.name} has ${one.lines} lines`)] : []),
    ...(one.parameters > PARAMETERS_MAX ? [fault(file, 'size', `${one.name} takes ${one.parameters} parameters`)] : []),
  ]);
  return [...long, ...functions];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Import cycles of what remains at run time; a type that two files share is no cycle. */
export function cycles(files: readonly SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'done'>();
  const found: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const file = byPath.get(path);
    if (!file || state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      found.push(fault(file, 'cycle', [...trail.slice(trail.indexOf(path)), path].join(' → ')));
      return;
    }
    state.set(path, 'open');
    for (const { from, typeOnly } of file.imports) if (!typeOnly) visit(from, [...trail, path]);
    state.set(path, 'done');
  };
  for (const file of files) visit(file.path, []);
  return found;
}

const LEFT = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'].join('|')})\\b`);

export function leftovers(file: SourceFile): Violation[] {
  return LEFT.test(file.text) ? [fault(file, 'leftover', `says ${LEFT.exec(file.text)?.[0]}`)] : [];
}

export function anyType(file: SourceFile): Violation[] {
  if (!PRODUCTION.has(top(file.path))) return []; // biome sees to the tests
  return /[:<,|&(]\s*any\b(?!\w)(?=\s*[\])>;,=|&)}]|\[)/.test(stripComments(file.text))
    ? [fault(file, 'any', 'uses any')]
    : [];
}

const stripComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

const fault = (file: SourceFile, rule: string, detail: string): Violation => ({ path: file.path, rule, detail });

export const PER_FILE = [purity, arrows, sizes, leftovers, anyType] as const;
