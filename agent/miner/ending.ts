/**
 * A text without such signs at its end. By hand, for `/\s+$/` looks at a run of them in the middle once from each of its
 * places: a megabyte of spaces before a stray sign would hold the agent up for a quarter of an hour.
 */
export function withoutEnding(text: string, sign: RegExp): string {
  let end = text.length;
  while (end > 0 && sign.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
