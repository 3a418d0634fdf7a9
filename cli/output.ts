import { styleText } from 'node:util';
import { Option } from 'commander';

export const jsonOption = (): Option => new Option('--json', 'one JSON document on standard output');

/** The one place that writes a command's result. `text` is only made where it is wanted. */
export function print({ json }: { json?: boolean }, document: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${text()}\n`);
}

type Tone = 'good' | 'warn' | 'bad' | 'dim' | 'bold';
const STYLES = { good: 'green', warn: 'yellow', bad: 'red', dim: 'dim', bold: 'bold' } as const;

/** Colour only where standard output is a terminal that may have it (NO_COLOR is respected). */
export const paint = (tone: Tone, text: string): string => styleText(STYLES[tone], text, { stream: process.stdout });
