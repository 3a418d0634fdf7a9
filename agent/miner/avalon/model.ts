import { type Json, pointer } from '../json.ts';
import { type Read, textOf } from '../normalise.ts';
import { item, modulesOf } from './module.ts';

const product = pointer('/VERSION/0/PROD');
const modelKey = pointer('/VERSION/0/MODEL');

/** Names of several models: MODEL tells which (fact sheet 1.4). "10xx" is one too, and says no more in MODEL. */
const VAGUE = /^(avalonnano|avalon0o|avalonminer 15)$/i;
const CLASS_ONLY = /\dxx\b/i;

/** "AvalonMiner 1346-116": what stands before the "-" is the model, the number behind it the bin. */
export const model: Read<string> = (reply) => {
  const name = beforeDash(product(reply));
  const own = beforeDash(modelKey(reply));
  if (name !== null && !VAGUE.test(name) && !CLASS_ONLY.test(name)) return spaced(name);
  return own === null || CLASS_ONLY.test(own) ? null : named(own);
};

const VERSION = /^(?:(\d{3})\d{4}-|([A-Za-z0-9]+)-)/;

/** "1066-19101244_fe411a8_71edeca"; the first generations write the month behind the number: "7411706-3162860". */
export const moduleModel: Read<string> = (reply) => {
  const [, old, newer] = VERSION.exec(versionText(reply)) ?? [];
  const name = old ?? newer;
  return name === undefined ? null : named(name);
};

/** `VERSION`, or on home models one for each part of the firmware. */
export const firmware: Read<string> = (reply) =>
  ['VERSION', 'LVERSION', 'CGVERSION']
    .map((key) => textOf(pointer(`/VERSION/0/${key}`)(reply)))
    .find((one) => one !== null) ?? null;

export const moduleFirmware: Read<string> = (reply) => {
  const text = versionText(reply);
  return text === '' ? null : (/-(\d{8}_\w+)$/.exec(text)?.[1] ?? text);
};

const versionText = (reply: Json): string => {
  const [module] = modulesOf(reply);
  return module === undefined ? '' : (textOf(item(module, 'Ver')) ?? '');
};

const beforeDash = (value: Json | undefined): string | null => textOf(value)?.split('-')[0]?.trim() || null;
const named = (model: string): string => spaced(/^\d/.test(model) ? `AvalonMiner ${model}` : `Avalon ${model}`);
/** "Nano3s" is listed as "Nano 3S", and "1166Pro" as "1166 Pro". */
const spaced = (name: string): string => name.replace(/\b(nano|mini)(?=\d)/i, '$1 ').replace(/(\d)(?=pro\b)/i, '$1 ');
