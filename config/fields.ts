import Type from 'typebox';

/** Unknown keys are errors everywhere: a misspelt limit that is silently ignored is no limit. */
export const closed = { additionalProperties: false } as const;

const NAME_MAX = 96; // as long as the link carries

export const Name = Type.String({ minLength: 1, maxLength: NAME_MAX });
export const PositiveW = Type.Integer({ minimum: 1 });
export const LoadW = Type.Integer({ minimum: 0 });
export const DurationMs = Type.Integer({ minimum: 0 });
/** Of something that cannot happen in no time at all. */
export const SpanMs = Type.Integer({ minimum: 1 });
export const Pct = Type.Integer({ minimum: 0, maximum: 100 });
export const Count = Type.Integer({ minimum: 0 });
export const AtLeastOne = Type.Integer({ minimum: 1 });
export const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
export const Probability = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 });
