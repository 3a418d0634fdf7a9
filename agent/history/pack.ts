import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Evidence, Finding } from '../../shared/finding.ts';
import { uplinkId } from '../../shared/ids.ts';
import { parseJson } from '../../shared/json.ts';
import { millis, type UnixMs, unixMs } from '../../shared/units.ts';

/** What is kept of one round: every finding, without what a success says beside its time. */
export type FoundRound = Readonly<{
  uplink: string;
  kind: 'full' | 'watch';
  /** Wall time of the site at its start. */
  wallMs: UnixMs;
  evidence: readonly Evidence[];
}>;

const Index = Type.Integer({ minimum: 0 });
const Text = Type.String();
const OrNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A success is its milliseconds; anything else the index of its words, with the milliseconds of a `down`. */
const Packed = Type.Object({
  fromMs: Type.Integer(),
  uplinks: Type.Array(Text),
  questions: Type.Array(Type.Tuple([Text, Text, OrNull(Text)])),
  words: Type.Array(Type.Tuple([Type.Enum(['down', 'unknown']), Text, OrNull(Text)])),
  /** Which questions a round answers. */
  shapes: Type.Array(Type.Array(Index)),
  rounds: Type.Array(
    Type.Tuple([
      Index,
      Type.Enum(['full', 'watch']),
      Type.Integer(),
      Index,
      Type.Array(Type.Union([Type.Integer(), Type.Tuple([Index, Type.Integer()])])),
    ]),
  ),
});
type Packed = Static<typeof Packed>;
type Answer = Packed['rounds'][number][4][number];
const packed = Compile(Packed);

const DETAIL_MAX_CHARS = 120;

/**
 * Rounds as one text of about four characters a finding: what repeats from round to round (the questions, the reasons) stands
 * once, and most findings are successes of so many milliseconds.
 */
export function packRounds(rounds: readonly FoundRound[]): string {
  const fromMs = Math.round(rounds[0]?.wallMs ?? 0);
  const [uplinks, questions, words, shapes] = [table(), table(), table(), table()];
  const answerOf = (finding: Finding): Answer => {
    if (finding.is === 'up') return Math.max(0, Math.round(finding.tookMs));
    const word = words.indexOf([finding.is, finding.why, finding.detail?.slice(0, DETAIL_MAX_CHARS) ?? null]);
    return [word, finding.is === 'down' ? Math.max(0, Math.round(finding.tookMs)) : 0];
  };
  const lines = rounds.map(({ uplink, kind, wallMs, evidence }) => {
    const asked = evidence
      .map(({ layer, target, kind: where, finding }) => ({ at: questions.indexOf([layer, target, where]), finding }))
      .sort((a, b) => a.at - b.at);
    const shape = shapes.indexOf(asked.map(({ at }) => at));
    return [
      uplinks.indexOf(uplink),
      kind,
      Math.round(wallMs) - fromMs,
      shape,
      asked.map(({ finding }) => answerOf(finding)),
    ];
  });
  return JSON.stringify({
    fromMs,
    uplinks: uplinks.all(),
    questions: questions.all(),
    words: words.all(),
    shapes: shapes.all(),
    rounds: lines,
  });
}

/** The inverse; null for what no `packRounds` has made. */
export function unpackRounds(text: string): readonly FoundRound[] | null {
  const value = parseJson(text);
  if (!packed.Check(value)) return null;
  return value.rounds.map(([uplink, kind, plusMs, shape, answers]) => ({
    uplink: value.uplinks[uplink] ?? '',
    kind,
    wallMs: unixMs(value.fromMs + plusMs),
    evidence: (value.shapes[shape] ?? []).flatMap((question, i) => evidenceOf(value, { uplink, question }, answers[i])),
  }));
}

type At = Readonly<{ uplink: number; question: number }>;

function evidenceOf(value: Packed, { uplink, question }: At, answer: Answer | undefined): readonly Evidence[] {
  const asked = value.questions[question];
  const finding = answer === undefined ? null : findingOf(value, answer);
  if (asked === undefined || finding === null) return [];
  const [layer, target, kind] = asked;
  // What was written was typed; a newer agent's words are shown as they are.
  return [{ uplink: uplinkId(value.uplinks[uplink] ?? ''), layer, target, kind, finding } as Evidence];
}

function findingOf({ words }: Packed, answer: Answer): Finding | null {
  if (typeof answer === 'number') return { is: 'up', tookMs: millis(answer) };
  const [at, tookMs] = answer;
  const word = words[at];
  if (word === undefined) return null;
  const [is, why, detail] = word;
  const said = detail === null ? { is, why } : { is, why, detail };
  return (is === 'down' ? { ...said, tookMs: millis(tookMs) } : said) as Finding;
}

type Table = Readonly<{ indexOf(value: unknown): number; all(): readonly unknown[] }>;

/** Numbers each different value in the order of its first coming. */
function table(): Table {
  const at = new Map<string, number>();
  const values: unknown[] = [];
  return {
    indexOf(value) {
      const key = JSON.stringify(value);
      const known = at.get(key);
      if (known !== undefined) return known;
      at.set(key, values.length);
      values.push(value);
      return values.length - 1;
    },
    all: () => values,
  };
}
