/** No miner, pool or peer nests deeper than a dozen. */
const DEPTH_MAX = 200;

/**
 * JSON that came from outside; undefined where it is none, or nests too deep. INVARIANT: nothing deep reaches
 * `JSON.parse`. That of Node 26 recurses without looking at its stack: `[1,[1,[1,… 1x`, some 25 KB of it, ends the
 * process, and no `catch` helps (seen with 26.10.0).
 */
export function parseJson(text: string): unknown {
  if (opensMany(text) && isDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Nearly no reply has as many brackets as it would take, and they are counted faster than matched. */
function opensMany(text: string): boolean {
  let opened = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++opened > DEPTH_MAX) return true;
    }
  }
  return false;
}

const [QUOTE, BACKSLASH, LIST, LIST_END, OBJECT, OBJECT_END] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Up to the place where the text ceases to be JSON it sees what the parser sees; behind it nobody looks. */
function isDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inText) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === LIST || code === OBJECT) {
      if (++depth > DEPTH_MAX) return true;
    } else if (code === LIST_END || code === OBJECT_END) depth--;
  }
  return false;
}
