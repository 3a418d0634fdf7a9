import Type from 'typebox';

/** Unknown keys are errors everywhere: a misspelt limit that is silently ignored is no limit. */
export const closed = { additionalProperties: false } as const;

const NAME_MAX = 96; // as long as the link carries

export const Name = Type.String({ minLength: 1, maxLength: NAME_MAX });

const LOAD_MAX_W = 10_000_000_000; // 10 GW: no site draws as much, and sums of so many watts are still whole numbers
const TIME_MAX_MS = 366 * 24 * 3_600_000; // nothing here waits longer than a year
const COUNT_MAX = 1_000_000_000;

export const PositiveW = Type.Integer({ minimum: 1, maximum: LOAD_MAX_W });
export const LoadW = Type.Integer({ minimum: 0, maximum: LOAD_MAX_W });
export const DurationMs = Type.Integer({ minimum: 0, maximum: TIME_MAX_MS });
/** Of something that cannot happen in no time at all. */
export const SpanMs = Type.Integer({ minimum: 1, maximum: TIME_MAX_MS });
export const Pct = Type.Integer({ minimum: 0, maximum: 100 });
export const Count = Type.Integer({ minimum: 0, maximum: COUNT_MAX });
export const AtLeastOne = Type.Integer({ minimum: 1, maximum: COUNT_MAX });
export const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
export const Probability = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 });
