import { type Document, LineCounter, parseDocument, type ScalarTag, type Tags } from 'yaml';
import { RelightError } from '../shared/errors.ts';
import { asError, Fault, type Key } from './fault.ts';

export type Parsed = Readonly<{
  value: unknown;
  /** 1 for the first; of the key, or of the nearest thing around it that the file has. */
  lineOf(key: Key): number | null;
}>;

// YAML 1.2 takes `12_000_000` for text, and nobody counts the zeros of 12000000.
const groupedInteger: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?[0-9]+(?:_[0-9]+)+$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
};
const customTags = (tags: Tags): Tags => [groupedInteger, ...tags];

/** Throws CONFIG_SYNTAX with the line. */
export function parseYaml(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, customTags, prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const { line } = lines.linePos(problem.pos[0]);
    throw new RelightError('CONFIG_SYNTAX', `${file}:${line}: is not YAML: ${oneLine(problem.message)}`, {
      file,
      line,
    });
  }
  return { value: readValue(document, file), lineOf: (key) => lineOf(document, lines, key) };
}

const oneLine = (text: string): string => text.split('\n')[0] ?? text;

function readValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases that multiply, or that name nothing.
    throw new RelightError('CONFIG_SYNTAX', `${file}: is not YAML: ${oneLine(String(error))}`, { file });
  }
}

function lineOf(document: Document, lines: LineCounter, key: Key): number | null {
  for (let length = key.length; length > 0; length -= 1) {
    const node = document.getIn(key.slice(0, length), true) as { range?: readonly number[] } | undefined;
    const offset = node?.range?.[0];
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return null;
}

/** Runs what reads a parsed file; a fault becomes an error with the file's name and the line. */
export function placed<T>(parsed: Parsed, file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) throw asError(error, { file, line: parsed.lineOf(error.key) });
    throw error;
  }
}
