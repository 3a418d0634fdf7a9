import { mhs } from '../cgminer.ts';
import { type Device, whole } from '../device.ts';
import { parseObject } from '../envelope.ts';
import { jsonReply, type Outcome, type WebReply, type WebRequest } from '../family.ts';
import { modelOf, OLD_FIRMWARE, target, troubleOf } from './reads.ts';

/** `POST /graphql` of builds up to 25.05 (protocol sheet, 7.4): what anybody may read. Of its mutations it has none. */
export function answerGraphql(device: Device, asked: WebRequest): Outcome<WebReply> {
  const query = parseObject(asked.body)?.query;
  const tokens = typeof query === 'string' ? query.match(/\.\.\.|[{}]|\([^)]*\)|\w+/g) : null;
  if (tokens === null) return { reply: jsonReply({ errors: [{ message: 'no query' }] }, 400) };
  if (tokens[0] === 'mutation') return { reply: jsonReply({ data: null, errors: [{ message: 'no mutations' }] }) };
  const words: string[] = tokens.slice(tokens[0] === 'query' ? 2 : 1);
  try {
    return { reply: jsonReply({ data: selected(words, dataOf(device)) }) };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'not understood';
    return { reply: jsonReply({ data: null, errors: [{ message }] }) };
  }
}

type Tree = Readonly<{ [key: string]: unknown }>;

/** What a selection picks, up to its closing brace, which is taken from the words. */
function selected(words: string[], from: unknown): unknown {
  if (Array.isArray(from)) {
    const every = from.length === 0 ? [null] : from;
    const before = [...words];
    const picked = every.map((one) => {
      words.splice(0, words.length, ...before);
      return selected(words, one);
    });
    return picked.slice(0, from.length);
  }
  const picked: Record<string, unknown> = {};
  for (let word = words.shift(); word !== undefined && word !== '}'; word = words.shift()) {
    if (word === '...') {
      // `on`, a type, and what is wanted where it is of that type: here there is only one.
      words.splice(0, 3);
      Object.assign(picked, selected(words, from));
      continue;
    }
    if (from !== null && !Object.hasOwn(from as Tree, word)) throw new Error(`Unknown field "${word}"`);
    const value = from === null ? null : (from as Tree)[word];
    if (words[0]?.startsWith('(')) words.shift();
    const opens = words[0] === '{';
    if (opens) words.shift();
    picked[word] = opens ? selected(words, value) : value;
  }
  return from === null ? null : picked;
}

function dataOf(device: Device): Tree {
  const { look, blink } = device;
  const bos = {
    hostname: 'Antminer',
    faultLight: blink,
    uptime: { durationS: look.uptimeS },
    info: { mode: 'NAND', version: { full: OLD_FIRMWARE } },
  };
  const trouble = troubleOf(device);
  const appeals = trouble === null ? [] : [{ id: '1', kind: 'ERROR', message: trouble.message, timestamp: '' }];
  return {
    __typename: 'Query',
    bos,
    bosminer: { info: infoOf(device), config: configOf(device) },
    events: { appeals },
  };
}

function infoOf(device: Device): Tree {
  const { look } = device;
  const nominalMhs = mhs(look.traits.nominalThs);
  const childSolvers = look.boards.flatMap((board, at) => {
    const temperatures = [
      { name: 'Board', degreesC: whole(board.boardC) },
      { name: 'Chip', degreesC: whole(board.chipC) },
    ];
    const hwDetails = { chips: 110, frequencyMhz: 486, voltageV: 12.9 };
    const rates = { realHashrate: { mhs5S: mhs(board.rateThs) }, nominalMhs: nominalMhs / look.boards.length };
    return board.there ? [{ name: String(at + 1), ...rates, hwDetails, temperatures }] : [];
  });
  return {
    modelName: modelOf(device),
    workSolver: { realHashrate: { mhs5S: mhs(look.rateThs) }, nominalMhs, childSolvers },
    fans: [0, 1, 2, 3].map((name) => ({ name: String(name), speed: 80, rpm: look.fanRpm })),
    summary: { power: { limitW: target(device).watt, approxConsumptionW: whole(look.powerW) } },
    poolGroups: [{ name: 'group', pools: poolsOf(device) }],
  };
}

const poolsOf = ({ look, pools }: Device): readonly Tree[] =>
  pools.flatMap(({ url, user }, at) => {
    const shares = { acceptedSolutions: at === 0 ? look.accepted : 0, rejectedSolutions: 0 };
    const state = { status: look.poolAlive ? 'ALIVE' : 'DEAD', active: look.poolAlive && at === 0 };
    return url === '' ? [] : [{ url, user, ...state, shares }];
  });

const configOf = (device: Device): Tree => ({
  groups: [{ id: 0, strategy: { quota: 1 } }],
  autotuning: { mode: 'POWER_TARGET', powerTarget: target(device).watt, hashrateTarget: null },
});
