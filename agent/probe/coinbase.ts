const VERSION_BYTES = 4;
const INPUTS = 1;
const OUTPOINT = `${'00'.repeat(32)}ffffffff`; // a coinbase spends nothing
const SCRIPT_MAX_BYTES = 100; // consensus
const HEIGHT_MAX_BYTES = 4;

/**
 * The height that a job's block would have (BIP34): the first push in the coinbase's input script, which always
 * lies before the extranonce. Null: `coinb1` does not begin a coinbase transaction.
 */
export function coinbaseHeight(coinb1Hex: string): number | null {
  const bytes = Buffer.from(coinb1Hex, 'hex');
  const outpointAt = VERSION_BYTES + 1;
  const scriptAt = outpointAt + OUTPOINT.length / 2 + 1;
  if (bytes[VERSION_BYTES] !== INPUTS) return null;
  if (bytes.toString('hex', outpointAt, scriptAt - 1) !== OUTPOINT) return null;
  if ((bytes[scriptAt - 1] ?? 0) > SCRIPT_MAX_BYTES) return null;
  const pushed = bytes[scriptAt] ?? 0;
  if (pushed < 1 || pushed > HEIGHT_MAX_BYTES || bytes.length <= scriptAt + pushed) return null;
  return bytes.readUIntLE(scriptAt + 1, pushed);
}
