/** Whether brackets balance, that is, whether a reply without an end mark can be complete. */
export function isBalanced(text: string): boolean {
  let depth = 0;
  let seen = false;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inText) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inText = false;
    } else if (code === 0x22) inText = true;
    else if (code === 0x7b || code === 0x5b) {
      depth++;
      seen = true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return seen && depth <= 0;
}
