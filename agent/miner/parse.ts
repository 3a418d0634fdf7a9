import { parseJson } from '../../shared/json.ts';
import { withoutEnding } from './ending.ts';
import type { Json } from './json.ts';
import type { Answer } from './link.ts';
import { plainText } from './plain-text.ts';
import { REPAIRS } from './repair.ts';
import { isBalanced } from './transport/frame.ts';

const SAMPLE_CHARS = 80;

/** A reply's text to JSON: parsed as it is, and only if that fails mended step by step. */
export function parseReply(raw: string): Answer {
  const text = withoutEnding(raw, /\0/);
  if (/^\s*Socket connect failed/i.test(text)) {
    return { ok: false, why: 'process_down', detail: 'the web page cannot reach the mining process' };
  }
  const parsed = parsedOf(text);
  if (parsed !== undefined) return { ok: true, reply: parsed, repaired: false };
  const plain = plainText(raw);
  if (plain !== null) return { ok: true, reply: plain, repaired: false };
  const mended = mend(raw);
  if (mended !== undefined) return { ok: true, reply: mended, repaired: true };
  const cut = /^\s*[{[]/.test(text) && !isBalanced(text);
  return cut
    ? { ok: false, why: 'closed_early', detail: `closed in the middle of a reply (${raw.length} characters)` }
    : { ok: false, why: 'garbage', detail: `not JSON: ${sample(raw)}` };
}

/** Every step is tried on what the steps before have left, so that a reply with two faults is mended too. */
function mend(raw: string): Json | undefined {
  let text = raw;
  for (const repair of REPAIRS) {
    const next = repair(text);
    if (next === text) continue;
    text = next;
    const parsed = parsedOf(text);
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

/** Only objects and lists: a bare word or number is no reply. */
function parsedOf(text: string): Json | undefined {
  const value = parseJson(text) as Json | undefined;
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** Enough of it to recognise, without control characters. */
export const sample = (raw: string): string => raw.slice(0, SAMPLE_CHARS).replace(/\p{Cc}/gu, '·');
