import { unjoined } from '../cgminer/joined.ts';
import { isObject, type Json, type JsonObject, objectsOf, property } from '../json.ts';
import { numberOf } from '../normalise.ts';

/**
 * One mining module: what the statistics say of it as `Key[value]` items in one long text (fact sheet 6.3). Chains of
 * the first generations list several, and several chains (captures A7xx, A8xx); everything since is one module.
 */
export type Module = Readonly<{ items: JsonObject; boards: readonly JsonObject[] }>;

/** Statistics with the texts of their modules taken apart, under MODULES; the rest stays as it is. */
export function asModules(reply: Json): Json {
  const flat = unjoined(reply);
  if (!isObject(flat)) return flat;
  const found = objectsOf(flat.STATS).flatMap(modulesIn);
  return { ...flat, MODULES: found };
}

export const modulesOf = (reply: Json): readonly Module[] =>
  objectsOf(property(reply, 'MODULES')).map((one) => {
    const items = property(one, 'items');
    return { items: isObject(items) ? items : {}, boards: objectsOf(property(one, 'boards')) };
  });

/** "MM ID0", and of the home models "MM ID0:Summary" with "HBinfo" beside it. */
const MODULE = /^MM ID(\d+)(?::(?!HBinfo).*)?$/;

/** Chains have ten at most (capture A7xx). */
const MODULES_MAX = 64;

function modulesIn(entry: JsonObject): Module[] {
  const texts = Object.entries(entry).flatMap(([key, text]) => {
    const id = MODULE.exec(key)?.[1];
    return id !== undefined && typeof text === 'string' ? [{ id, text }] : [];
  });
  const byId = [...Map.groupBy(texts, ({ id }) => id).values()].slice(0, MODULES_MAX);
  const boards = boardsIn(entry);
  return byId.map((own) => ({
    items: itemsIn(own.map(({ text }) => text).join(' ')),
    boards: byId.length === 1 ? boards : [],
  }));
}

/** `'HB0':{…} 'HB1':{…}` */
const boardsIn = (entry: JsonObject): JsonObject[] =>
  Object.entries(entry).flatMap(([key, text]) =>
    /HBinfo$/.test(key) && typeof text === 'string'
      ? [...closed(text, '}').matchAll(/'HB\d+'\s*:\s*\{([^}]*)\}/g)].map(([, items = '']) => itemsIn(items))
      : [],
  );

/** Up to its last closing sign: an open one without would be followed to the end of the text, again and again. */
const closed = (text: string, sign: ']' | '}'): string => text.slice(0, text.lastIndexOf(sign) + 1);

/** No JSON: values hold commas, colons and spaces. A key that stands twice is what it was first. */
const itemsIn = (text: string): JsonObject =>
  Object.fromEntries(
    [...closed(text, ']').matchAll(/\b(\w+)\[([^\]]*)\]/g)].map(([, key = '', value = '']) => [key, value]).reverse(),
  );

export const item = ({ items }: Module, key: string): Json | undefined => property(items, key);

/** More than a board has chips. */
const NUMBERS_MAX = 1_024;

/** "16645.36 16761.64"; what is no number is null at its place. */
export const numbersOf = (value: Json | undefined): readonly (number | null)[] =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().split(/\s+/, NUMBERS_MAX).map(numberOf) : [];

export const numbers = (module: Module, key: string): readonly (number | null)[] => numbersOf(item(module, key));
