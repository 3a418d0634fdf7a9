import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import type { BoardDetail } from '../boards.ts';
import { type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import { countOf, flagOf, hottest, notNegative, numberOf, positive, type Read, scaled, textOf } from '../normalise.ts';

/** GH/s, or MH/s as in the boards' entries. */
function rateOf(of: Json | undefined, window: string): number | null {
  const ghs = scaled(notNegative(property(of, `GHS ${window}`)), 1e-3);
  return ghs ?? scaled(notNegative(property(of, `MHS ${window}`)), 1e-6);
}

const first = <T>(values: readonly (T | null)[]): T | null => values.find((value) => value !== null) ?? null;

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0
    ? null
    : scaled(
        known.reduce((all, one) => all + one, 0),
        1,
      );
}

const NOW = ['5s', '1m', '5m'];
const rateNow = (of: Json | undefined): number | null => first(NOW.map((window) => rateOf(of, window)));

const summary = pointer('/SUMMARY/0');
export const rate: Read<number> = (reply) => rateNow(summary(reply));
export const rateAverage: Read<number> = (reply) => rateOf(summary(reply), 'av');

const devices = (reply: Json): readonly JsonObject[] => objectsOf(property(reply, 'DEVS'));

export const devicesRate: Read<number> = (reply) => sum(devices(reply).map(rateNow));
/** What its boards make of their present profile. */
export const devicesNominal: Read<number> = (reply) => {
  const total = sum(devices(reply).map((device) => scaled(positive(property(device, 'Nominal MHS')), 1e-6)));
  return positive(total ?? undefined);
};

const config = (key: string): ((reply: Json) => Json | undefined) => pointer(`/CONFIG/0/${key}`);
const [curtailMode, nameplate, redLed, profileName] = ['CurtailMode', 'NameplateTHS', 'RedLed', 'Profile'].map(
  config,
) as [Find, Find, Find, Find];
type Find = (reply: Json) => Json | undefined;

/** "None" while it is awake; any other word is a sleep (fact sheet, section 8). */
export const asleep: Read<boolean> = (reply) => {
  const mode = textOf(curtailMode(reply));
  return mode === null ? null : !/^none$/i.test(mode);
};

export const nameplateRate: Read<number> = (reply) => scaled(positive(nameplate(reply)), 1);

/** "auto" is the light's normal life. */
export const locating: Read<boolean> = (reply) => {
  const light = textOf(redLed(reply))?.toLowerCase() ?? null;
  return light === null ? null : light === 'blink';
};

/** False while a board still ramps up. */
export const ready: Read<boolean> = (reply) => {
  const ramps = devices(reply)
    .map((device) => flagOf(property(device, 'IsRamping')))
    .filter((flag) => flag !== null);
  return ramps.length === 0 ? null : !ramps.includes(true);
};

/** A board's place is counted from 0, as its orders count it. */
const placeOf = (entry: JsonObject, position: number): number =>
  first(['ASC', 'ID', 'Board'].map((key) => countOf(property(entry, key)))) ?? position;

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const list = devices(reply);
  return list.length === 0 ? null : list.map(boardOf);
};

const boardOf = (device: JsonObject, position: number): MinerSnapshot['boards'][number] => ({
  index: placeOf(device, position),
  hashrateThs: rateNow(device),
  chips: null,
  chipsExpected: null,
  boardTempC: hottest([property(device, 'Temperature')]),
  chipTempC: null,
  serial: textOf(property(device, 'SerialNumber')),
  state: flagOf(property(device, 'IsUserShutdown')) === true ? 'switched off' : textOf(property(device, 'Status')),
});

/** Keys of a board's temperatures that are none: its numbers. */
const NUMBERS: ReadonlySet<string> = new Set(['ID', 'TEMP', 'ASC', 'Board']);

const sensors = (entry: JsonObject): readonly (readonly [name: string, value: Json])[] =>
  Object.entries(entry).filter(([key, value]) => !NUMBERS.has(key) && !/chip/i.test(key) && numberOf(value) !== null);

const tempList = (reply: Json): readonly JsonObject[] => objectsOf(property(reply, 'TEMPS'));

/** The sensors sit at the boards' corners: they tell the board's heat, not the chips'. */
export const boardTemps: Read<readonly BoardDetail[]> = (reply) => {
  const list = tempList(reply).filter((entry) => sensors(entry).length > 0);
  if (list.length === 0) return null;
  return list.map((entry, position) => ({
    index: placeOf(entry, position),
    boardTempC: hottest(sensors(entry).map(([, value]) => value)),
  }));
};

export const chips: Read<readonly BoardDetail[]> = (reply) => {
  const list = objectsOf(property(reply, 'DEVDETAILS')).map((entry, position) => ({
    index: placeOf(entry, position),
    chips: countOf(property(entry, 'Chips')),
  }));
  return list.some((one) => one.chips !== null) ? list : null;
};

/** The corners that METADATA calls by such a word, whichever way round it tells key and label. */
function labelled(reply: Json, word: RegExp): readonly Json[] {
  const keys = new Set(objectsOf(property(reply, 'METADATA')).flatMap((entry) => keysCalled(entry, word)));
  return tempList(reply).flatMap((entry) =>
    sensors(entry)
      .filter(([key]) => keys.has(key) || word.test(key))
      .map(([, value]) => value),
  );
}

const keysCalled = (entry: JsonObject, word: RegExp): readonly string[] => {
  const labels = Object.entries(entry).filter(([, value]) => word.test(textOf(value) ?? ''));
  if (labels.length === 0) return [];
  return [...labels.map(([key]) => key), ...Object.values(entry).map((value) => textOf(value) ?? '')];
};

export const inlet: Read<number> = (reply) => {
  const temps = labelled(reply, /intake|inlet/i)
    .map(numberOf)
    .filter((temp) => temp !== null && temp !== 0);
  return temps.length === 0 ? null : hottest([Math.min(...(temps as number[]))]);
};
export const outlet: Read<number> = (reply) => hottest(labelled(reply, /exhaust|outlet/i));

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const list = objectsOf(property(reply, 'FANS'));
  if (list.length === 0) return null;
  return list.map((fan, position) => ({
    index: countOf(property(fan, 'ID')) ?? countOf(property(fan, 'FAN')) ?? position,
    rpm: notNegative(property(fan, 'RPM')),
  }));
};

const powerEntry = pointer('/POWER/0');
export const power: Read<number> = (reply) => notNegative(property(powerEntry(reply), 'Watts'));

/** There are no watts to set, but a profile has an estimate of them: that of the present one is the limit. */
export const profileWatts: Read<number> = (reply) => {
  const name = textOf(profileName(reply));
  const own = profilesOf(reply).find((profile) => profile.name === name);
  return name === null ? null : (own?.watts ?? null);
};

export type Profile = Readonly<{ name: string; watts: number; rateThs: number; tuned: boolean | null }>;

export const profilesOf = (reply: Json): readonly Profile[] =>
  objectsOf(property(reply, 'PROFILES')).flatMap((entry) => {
    const [name, watts] = [textOf(property(entry, 'Profile Name')), positive(property(entry, 'Watts'))];
    if (name === null || watts === null) return [];
    const rateThs = notNegative(property(entry, 'Hashrate')) ?? 0;
    return [{ name, watts, rateThs, tuned: flagOf(property(entry, 'IsTuned')) }];
  });

export const errors: Read<MinerSnapshot['errors']> = (reply) => {
  const given = property(reply, 'EVENTS');
  if (given === undefined) return null;
  const told = objectsOf(given).map((event) => {
    const [words, target] = [textOf(property(event, 'Description')), textOf(property(event, 'Target'))];
    return {
      code: textOf(property(event, 'Code')),
      message: [target, words].filter((word) => word !== null).join(': '),
    };
  });
  return [...new Map(told.map((one) => [JSON.stringify([one.code, one.message]), one])).values()];
};
