import protobuf from 'protobufjs';
import type { Json } from '../json.ts';

/** Messages in both directions, by the path of the method that has them. */
export type Codec = Readonly<{
  /** Throws where the declarations know no such method, or the request is none of its: a driver's own mistake. */
  encode(path: string, request: Readonly<Record<string, Json>>): Uint8Array;
  /** null: the bytes are no such message. Never throws for what a device sends. */
  decode(path: string, message: Uint8Array): Json | null;
}>;

const made = new Map<readonly string[], Codec>();

/** From declarations in proto3, one text a package; made once for each list. */
export function codecOf(messages: readonly string[]): Codec {
  const known = made.get(messages);
  if (known !== undefined) return known;
  const codec = newCodec(messages);
  made.set(messages, codec);
  return codec;
}

function newCodec(messages: readonly string[]): Codec {
  const root = new protobuf.Root();
  for (const text of messages) protobuf.parse(text, root, { keepCase: true });
  root.resolveAll();
  return {
    encode(path, request) {
      const { resolvedRequestType: type } = methodOf(root, path);
      const problem = type?.verify(request);
      if (type == null || problem != null) throw new Error(`${path}: ${problem ?? 'no request is declared'}`);
      return type.encode(type.fromObject(request)).finish();
    },
    decode(path, message) {
      const { resolvedResponseType: type } = methodOf(root, path);
      try {
        return type == null ? null : (plain(type.toObject(type.decode(message), AS_JSON)) ?? null);
      } catch {
        return null;
      }
    },
  };
}

function methodOf(root: protobuf.Root, path: string): protobuf.Method {
  const [service = '', name = ''] = path.split('/').slice(1);
  const method = root.lookupService(service).methods[name];
  if (method === undefined) throw new Error(`${path} is not declared`);
  method.resolve();
  return method;
}

/** 0, false and "" are not on the wire: they are told all the same, but for fields that are declared `optional`. */
const AS_JSON = { longs: Number, bytes: String, defaults: true } as const;

/** Without messages that did not come, and numbers that are none. */
function plain(value: unknown): Json | undefined {
  if (Array.isArray(value)) return value.map((one) => plain(one) ?? null);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => [key, plain(inner)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}
