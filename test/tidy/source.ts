import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

/** One source file as the house rules see it. Paths are relative to the project, with forward slashes. */
export type SourceFile = Readonly<{
  path: string;
  lines: number;
  /** Project paths (`shared/units.ts`) and package names as written (`node:fs`, `kysely`). */
  imports: readonly Readonly<{ from: string; typeOnly: boolean }>[];
  functions: readonly Readonly<{ name: string; line: number; lines: number; parameters: number }>[];
  /** Names of ambient things that touch the world: `Date.now`, `setTimeout`, `process` … */
  ambient: readonly Readonly<{ name: string; line: number }>[];
  text: string;
}>;

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Every TypeScript file that git tracks or would track. */
export function readProject(): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], { cwd: ROOT });
  return [...new Set(listed.toString().split('\n').filter(Boolean))].flatMap((path) => {
    const text = readIfThere(join(ROOT, path));
    return text === null ? [] : [parseSource(path, text)];
  });
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null; // deleted, and not committed yet
    throw error;
  }
}

type Node = Readonly<Record<string, unknown>> & { readonly type?: string };

export function parseSource(path: string, text: string): SourceFile {
  // Spans count on from the last file parsed; an empty statement in front shows where this one begins.
  const module = parseSync(`;${text}`, { syntax: 'typescript', tsx: path.endsWith('.tsx'), target: 'es2024' });
  const bytes = Buffer.from(text);
  const base = module.span.start + 1;
  const lineAt = (offset: number): number => countLines(bytes, offset - base);
  const found = { imports: [], functions: [], ambient: [] } as Found;
  walk(module as unknown as Node, (node, parent) => collect({ node, parent, path, lineAt, found }));
  return { path, text, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0), ...found };
}

type Mutable<T> = T extends readonly (infer Item)[] ? Item[] : never;
type Found = {
  imports: Mutable<SourceFile['imports']>;
  functions: Mutable<SourceFile['functions']>;
  ambient: Mutable<SourceFile['ambient']>;
};
type Visit = Readonly<{
  node: Node;
  parent: Node | null;
  path: string;
  lineAt(offset: number): number;
  found: Found;
}>;

function countLines(bytes: Buffer, offset: number): number {
  let lines = 1;
  for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}

function walk(node: Node, visit: (node: Node, parent: Node | null) => void, parent: Node | null = null): void {
  if (typeof node.type === 'string') visit(node, parent);
  for (const value of Object.values(node)) {
    const children = Array.isArray(value) ? value : [value];
    for (const child of children) {
      if (child === null || typeof child !== 'object') continue;
      walk(child as Node, visit, typeof node.type === 'string' ? node : parent);
    }
  }
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'MethodProperty',
  'Constructor',
]);
const AMBIENT = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
  'performance',
  'fetch',
  'WebSocket',
  'console',
]);
const AMBIENT_MEMBERS = new Set(['Date.now', 'Math.random', 'crypto.randomUUID', 'crypto.getRandomValues']);

function collect(visit: Visit): void {
  const { node, path, found } = visit;
  if (isImport(node)) {
    const source = node.source as { value: string } | null;
    if (source) found.imports.push({ from: resolveFrom(path, source.value), typeOnly: node.typeOnly === true });
  }
  if (FUNCTIONS.has(node.type ?? '')) addFunction(visit);
  addAmbient(visit);
}

const isImport = (node: Node): boolean =>
  node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration';

function resolveFrom(path: string, source: string): string {
  return source.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), source)) : source;
}

function addFunction({ node, parent, lineAt, found }: Visit): void {
  const { start, end } = node.span as { start: number; end: number };
  const parameters = (node.params ?? (node.function as Node | undefined)?.params ?? []) as unknown[];
  const own = (node.identifier ?? node.key ?? parent?.id ?? parent?.key) as { value?: string } | undefined;
  const line = lineAt(start);
  found.functions.push({
    name: own?.value ?? 'anonymous',
    line,
    lines: lineAt(end) - line + 1,
    parameters: parameters.length,
  });
}

function addAmbient({ node, parent, lineAt, found }: Visit): void {
  const at = node.span as { start: number } | undefined;
  if (!at) return;
  const add = (name: string): void => {
    found.ambient.push({ name, line: lineAt(at.start) });
  };
  if (node.type === 'MemberExpression') {
    const { object, property } = node as unknown as { object: Node; property: Node };
    const name = `${String(object.value)}.${String(property.value)}`;
    if (object.type === 'Identifier' && AMBIENT_MEMBERS.has(name)) add(name);
    if (object.type === 'Identifier' && AMBIENT.has(String(object.value))) add(String(object.value));
  }
  if (node.type === 'CallExpression') {
    const callee = node.callee as Node;
    if (callee.type === 'Identifier' && AMBIENT.has(String(callee.value))) add(String(callee.value));
  }
  if (node.type === 'NewExpression' && parent !== undefined) {
    const callee = node.callee as Node;
    const argumentCount = ((node.arguments ?? []) as unknown[]).length;
    if (callee.type === 'Identifier' && callee.value === 'Date' && argumentCount === 0) add('new Date()');
  }
}
