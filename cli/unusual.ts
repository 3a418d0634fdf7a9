import type { Site } from '../config/site.ts';
import { unusualOf } from '../config/unusual.ts';

/** On standard error: the document stays what it is. */
export function warnOfUnusual(site: Site): void {
  for (const line of unusualOf(site)) process.stderr.write(`relight: warning: ${line}\n`);
}
