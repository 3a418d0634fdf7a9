/** Reads what the simulator writes, from the transaction format alone. */
export type Coinbase = Readonly<{ height: number; outputs: number; rest: number }>;

export function readCoinbase(hex: string): Coinbase {
  const bytes = Buffer.from(hex, 'hex');
  let at = 4; // version
  const take = (count: number): Buffer => {
    at += count;
    if (at > bytes.length) throw new RangeError('the transaction is too short');
    return bytes.subarray(at - count, at);
  };
  if (take(1)[0] !== 1) throw new Error('a coinbase has one input');
  if (!take(36).equals(Buffer.from(`${'00'.repeat(32)}ffffffff`, 'hex'))) throw new Error('it spends something');
  const script = take(take(1).readUInt8());
  if (script.length < 2 || script.length > 100) throw new Error('the script has the wrong size');
  const height = script.readUIntLE(1, script.readUInt8());
  take(4); // sequence
  const outputs = take(1).readUInt8();
  for (let index = 0; index < outputs; index++) {
    take(8);
    take(take(1).readUInt8());
  }
  take(4); // lock time
  return { height, outputs, rest: bytes.length - at };
}

/** The number that a prevhash of Stratum V1 stands for. */
export function readPrevHash(hex: string): bigint {
  const words = hex.match(/.{8}/g) ?? [];
  const internal = Buffer.concat(words.map((word) => Buffer.from(word, 'hex').reverse()));
  return BigInt(`0x${internal.reverse().toString('hex')}`);
}

export function targetOf(nbits: string): bigint {
  const compact = BigInt(`0x${nbits}`);
  return (compact & 0x7f_ffffn) << (8n * ((compact >> 24n) - 3n));
}
