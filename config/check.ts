import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { describe, type Node, resolve, stepsOf } from './describe.ts';
import { type Key, refuse, shown } from './fault.ts';
import { didYouMean, nearest } from './nearest.ts';

/** Compiled when it is first used, since most commands read one kind of file or none. The returned function throws a Fault for the first thing that is wrong. */
export function checker<Schema extends TSchema>(schema: Schema): (value: unknown) => Static<Schema> {
  let compiler: ReturnType<typeof Compile<Schema>> | null = null;
  return (value) => {
    compiler ??= Compile(schema);
    const compiled = compiler;
    if (compiled.Check(value)) return value as Static<Schema>;
    if (value === null || value === undefined) refuse('CONFIG_MISSING', [], 'is empty');
    return explain(schema as Node, value, compiled.Errors(value));
  };
}

type Problem = TLocalizedValidationError;

function explain(schema: Node, value: unknown, problems: readonly Problem[]): never {
  // An unknown key often explains a missing one (`capKw` for `capW`), and never the other way round.
  const own = problems.filter(({ keyword }) => keyword !== 'boolean');
  const problem = own.find(({ keyword }) => keyword === 'additionalProperties') ?? own[0];
  if (problem === undefined) return refuse('CONFIG_VALUE', [], 'is not what was expected');
  const key = keyOf(problem.instancePath, value);
  const node = resolve(schema, stepsOf(problem.schemaPath));
  if (problem.keyword === 'additionalProperties') return unknownKey(node, at(value, key), { problem, key });
  if (problem.keyword === 'required') return missingKey(node, problem, key);
  const wrong = at(value, key);
  const hint = typeof wrong === 'string' ? hintFor(wrong, node) : '';
  return refuse('CONFIG_VALUE', key, `is ${shown(wrong)}, expected ${describe(node, key.at(-1))}${hint}`);
}

function hintFor(wrong: string, node: Node): string {
  if (node.enum) return didYouMean(wrong, node.enum);
  // `controller: ws://…` for a list of one.
  return node.type === 'array' && node.items?.type === 'string' ? `: [${wrong.slice(0, LISTED_MAX)}]` : '';
}

const LISTED_MAX = 120;
const SECRET = /pass(?:word|wd|phrase)|secret|token|api_?key|private_?key|credential/i;

function unknownKey(node: Node, holder: unknown, { problem, key }: { problem: Problem; key: Key }): never {
  const [wrong = ''] = names(problem, 'additionalProperties');
  const here = [...key, wrong];
  if (SECRET.test(wrong)) {
    refuse(
      'CONFIG_UNKNOWN_KEY',
      here,
      'looks like a secret, and none may stand here: name an environment variable (`passwordEnv`) or use `credentialsFile`',
    );
  }
  const properties = node.properties ?? {};
  const meant = nearest(wrong, Object.keys(properties));
  const hint = meant === null ? '' : `; the nearest is ${meant}: ${describe(properties[meant], meant)}`;
  return refuse('CONFIG_UNKNOWN_KEY', here, `is ${shown(at(holder, [wrong]))}, but no such key is known here${hint}`);
}

function missingKey(node: Node, problem: Problem, key: Key): never {
  const [name = ''] = names(problem, 'requiredProperties');
  return refuse('CONFIG_MISSING', [...key, name], `is missing, expected ${describe(node.properties?.[name], name)}`);
}

const names = (problem: Problem, param: string): readonly string[] =>
  ((problem.params as Readonly<Record<string, unknown>>)[param] as readonly string[] | undefined) ?? [];

function at(value: unknown, key: Key): unknown {
  return key.reduce<unknown>((inner, part) => (inner as Readonly<Record<string, unknown>>)?.[String(part)], value);
}

/** A pointer does not say whether `0` is a place in a list or a name; the value does. */
function keyOf(pointer: string, value: unknown): Key {
  let inner = value;
  return stepsOf(pointer).map((step) => {
    const part = Array.isArray(inner) ? Number(step) : step;
    inner = at(inner, [part]);
    return part;
  });
}
