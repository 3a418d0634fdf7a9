import { arrayOf, isObject, type Json, objectsOf } from '../json.ts';

/**
 * The reply to a joined command such as `pools+summary+stats` as if one command had given it all: its parts stand in
 * lists under their own names (fact sheet, section 2). Any other reply stays as it is.
 */
export function unjoined(reply: Json): Json {
  if (!isObject(reply)) return reply;
  const parts = Object.entries(reply)
    .filter(([name, part]) => /^[a-z]+$/.test(name) && name !== 'id' && arrayOf(part).length > 0)
    .flatMap(([, part]) => objectsOf(part));
  return Object.assign({}, reply, ...parts);
}
