/** A parsed reply. Nothing about its shape is known before it is looked at. */
export type Json = null | boolean | number | string | readonly Json[] | Readonly<{ [key: string]: Json }>;
export type JsonObject = Readonly<{ [key: string]: Json }>;

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** Own properties only: a device that names a key `__proto__` gets nothing for it. */
export function property(value: Json | undefined, key: string): Json | undefined {
  if (isObject(value)) return Object.hasOwn(value, key) ? value[key] : undefined;
  return isArray(value) ? value[Number(key)] : undefined;
}

/** Follows `/SUMMARY/0/Elapsed`; undefined where the way ends. */
export function pointer(path: string): (reply: Json) => Json | undefined {
  const keys = path.split('/').slice(1);
  return (reply) => keys.reduce<Json | undefined>(property, reply);
}

export const arrayOf = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : []);
export const objectsOf = (value: Json | undefined): readonly JsonObject[] => arrayOf(value).filter(isObject);
