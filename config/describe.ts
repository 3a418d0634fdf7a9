/** As much of a JSON schema as the configuration uses. */
export type Node = Readonly<{
  type?: string;
  $ref?: string;
  $defs?: Readonly<Record<string, Node>>;
  enum?: readonly string[];
  properties?: Readonly<Record<string, Node>>;
  items?: Node;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
}>;

/** The steps of a JSON pointer, with or without its leading `#`. */
export const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The schema at the end of the pointer; definitions on the way are followed. */
export function resolve(schema: Node, steps: readonly string[]): Node {
  let definitions: Readonly<Record<string, Node>> = schema.$defs ?? {};
  let node: unknown = schema;
  for (const step of steps) {
    node = follow((node as Readonly<Record<string, unknown>> | undefined)?.[step] as Node | undefined);
  }
  return (node as Node | undefined) ?? {};

  function follow(next: Node | undefined): Node | undefined {
    definitions = { ...definitions, ...next?.$defs };
    return next?.$ref === undefined ? next : definitions[next.$ref];
  }
}

const UNITS: readonly Readonly<{ end: RegExp; unit: string }>[] = [
  { end: /WPerMin$/, unit: 'watts a minute' },
  { end: /W$/, unit: 'watts' },
  { end: /Ms$/, unit: 'milliseconds' },
  { end: /Pct$|^percent$|^pct$/, unit: 'percent' },
  { end: /Ths$/, unit: 'TH/s' },
  { end: /Days$/, unit: 'days' },
];

const KINDS: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
};

/** What is expected under a key, in words: `a whole number of watts, at least 1, without a unit`. */
export function describe(node: Node | undefined, key: string | number | undefined): string {
  if (node === undefined) return 'something else';
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  const kind = KINDS[node.type ?? 'object'] ?? 'something else';
  const numeric = node.type === 'integer' || node.type === 'number';
  const unit = numeric ? UNITS.find(({ end }) => end.test(String(key)))?.unit : undefined;
  const of = unit === undefined ? kind : `${kind} of ${unit}, without a unit`;
  return [of, ...bounds(node)].join(', ');
}

function bounds(node: Node): readonly string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, minItems, maxItems, maxLength } = node;
  if (minimum !== undefined && maximum !== undefined) return [`from ${minimum} to ${maximum}`];
  return [
    minimum === undefined ? '' : `at least ${minimum}`,
    maximum === undefined ? '' : `at most ${maximum}`,
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
    minItems === undefined ? '' : `with at least ${minItems}`,
    maxItems === undefined ? '' : `of at most ${maxItems}`,
    maxLength === undefined ? '' : `of 1 to ${maxLength} characters`,
  ].filter((text) => text !== '');
}
