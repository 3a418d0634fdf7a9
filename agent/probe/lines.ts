const NEWLINE = 10;

/**
 * Cuts a stream into its lines. The returned function takes bytes as they come, however a network cuts them up, and
 * answers false when a line grows past `maxBytes`: then the stream is not worth reading on.
 */
export function readLines(maxBytes: number, take: (line: string) => void): (bytes: Buffer) => boolean {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  return (bytes) => {
    let rest = bytes;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      if (pendingBytes + at > maxBytes) return false;
      const line = Buffer.concat([...pending, rest.subarray(0, at)]).toString('utf8');
      [pending, pendingBytes] = [[], 0];
      rest = rest.subarray(at + 1);
      if (line.trim() !== '') take(line);
    }
    if (rest.length > 0) pending.push(rest);
    pendingBytes += rest.length;
    return pendingBytes <= maxBytes;
  };
}
