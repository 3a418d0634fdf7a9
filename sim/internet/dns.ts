/** What the name server knows. */
export type Zone = Readonly<{
  /** The nonce zone: any label under it that has no address does not exist, and the answer says so. */
  zone: string;
  /** Names to IPv4 addresses, in lower case. */
  addresses: ReadonlyMap<string, string>;
}>;

const HEADER_BYTES = 12;
const NAME_MAX_CHARS = 253;
const LABEL_MAX_BYTES = 63;
const TYPE = { A: 1, SOA: 6, ANY: 255 } as const;
const CLASS_IN = 1;
const RCODE = { ok: 0, format: 1, noSuchName: 3, notImplemented: 4 } as const;
const TTL_S = 0; // an answer from a cache would hide a cut
const RESPONSE_AUTHORITATIVE = 0x8400;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const NAME_OF_QUESTION = 0xc000 | HEADER_BYTES;

/** The answer to one query message; null for what cannot be answered at all. */
export function answer(zone: Zone, query: Uint8Array): Uint8Array | null {
  if (query.length < HEADER_BYTES) return null;
  const view = new DataView(query.buffer, query.byteOffset, query.byteLength);
  const flags = view.getUint16(2);
  if (flags & 0x8000) return null; // an answer, not a question
  const head = { id: view.getUint16(0), flags: flags & RECURSION_DESIRED };
  if (flags & 0x7800) return message(head, { rcode: RCODE.notImplemented });
  const question = view.getUint16(4) === 1 ? readQuestion(query) : null;
  if (question === null) return message(head, { rcode: RCODE.format });
  return message(head, { ...resolve(zone, question), question: question.bytes });
}

type Question = Readonly<{ name: string; type: number; bytes: Uint8Array }>;
type Resolved = Readonly<{ rcode: number; answers?: readonly number[][]; authority?: readonly number[][] }>;

function resolve(zone: Zone, { name, type }: Question): Resolved {
  const address = zone.addresses.get(name);
  if (address !== undefined && (type === TYPE.A || type === TYPE.ANY)) {
    return { rcode: RCODE.ok, answers: [record(pointer(NAME_OF_QUESTION), TYPE.A, address.split('.').map(Number))] };
  }
  const soa = record(encodeName(zone.zone), TYPE.SOA, soaData(zone.zone));
  if (name === zone.zone && type === TYPE.SOA) return { rcode: RCODE.ok, answers: [soa] };
  const exists = address !== undefined || name === zone.zone;
  return { rcode: exists ? RCODE.ok : RCODE.noSuchName, authority: [soa] };
}

function readQuestion(query: Uint8Array): Question | null {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? -1; length !== 0; length = query[at] ?? -1) {
    // A pointer in a question is legal and never sent.
    if (length < 0 || length > LABEL_MAX_BYTES || at + 1 + length > query.length) return null;
    labels.push(String.fromCharCode(...query.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  const end = at + 1 + 4;
  const name = labels.join('.').toLowerCase();
  if (end > query.length || name.length > NAME_MAX_CHARS) return null;
  const type = ((query[at + 1] ?? 0) << 8) | (query[at + 2] ?? 0);
  return { name, type, bytes: query.slice(HEADER_BYTES, end) };
}

type Body = Resolved & Readonly<{ question?: Uint8Array }>;

function message(
  head: { id: number; flags: number },
  { rcode, answers = [], authority = [], question }: Body,
): Uint8Array {
  return Uint8Array.from([
    ...u16(head.id),
    ...u16(RESPONSE_AUTHORITATIVE | RECURSION_AVAILABLE | head.flags | rcode),
    ...u16(question === undefined ? 0 : 1),
    ...u16(answers.length),
    ...u16(authority.length),
    ...u16(0),
    ...(question ?? []),
    ...answers.flat(),
    ...authority.flat(),
  ]);
}

const record = (name: readonly number[], type: number, data: readonly number[]): number[] => [
  ...name,
  ...u16(type),
  ...u16(CLASS_IN),
  ...u32(TTL_S),
  ...u16(data.length),
  ...data,
];

const soaData = (zone: string): number[] => [
  ...encodeName(`ns.${zone}`),
  ...encodeName(`hostmaster.${zone}`),
  ...[1, 3_600, 600, 86_400, TTL_S].flatMap(u32),
];

const encodeName = (name: string): number[] => [
  ...name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)]),
  0,
];

const pointer = (to: number): number[] => u16(to);
const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)];
