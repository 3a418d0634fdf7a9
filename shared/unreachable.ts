/** The end of an exhaustive switch: a forgotten case does not compile, and a bad message at run time is loud. */
export function unreachable(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`);
}
