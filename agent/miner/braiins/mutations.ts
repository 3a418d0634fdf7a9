import type { Act } from '../driver.ts';
import { isObject, type Json, objectsOf, pointer, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link } from '../link.ts';
import { flagOf, positive, textOf } from '../normalise.ts';
import type { OrderOf } from '../order.ts';

/** Writes of the GraphQL builds (fact sheet 7.4). HTTP 200 says nothing: an error is one of the reply's branches. */
const WRITE_MS = 20_000;

/** `invalid`: the device does not know the words, so nothing was done. */
type Mutated = Readonly<{ answer: ActAnswer; reply: Json; invalid: boolean }>;

async function mutate(link: Link, words: string, variables?: Readonly<Record<string, Json>>): Promise<Mutated> {
  const delivery = await link.order({
    via: 'http',
    name: 'mutation',
    path: '/graphql',
    method: 'POST',
    body: { query: words, ...(variables === undefined ? {} : { variables }) },
    timeoutMs: WRITE_MS,
  });
  if (!delivery.ok) {
    return {
      answer: actAnswer(delivery),
      reply: null,
      invalid: delivery.sent && /HTTP 4(00|22)/.test(delivery.detail),
    };
  }
  return judged(delivery);
}

function judged({ reply }: Extract<Delivery, { ok: true }>): Mutated {
  if (!isObject(reply ?? undefined)) {
    return { answer: { result: 'no_reply', detail: 'an answer that is not GraphQL' }, reply: null, invalid: false };
  }
  const body = reply ?? {};
  const error = objectsOf(property(body, 'errors')).map((one) => textOf(property(one, 'message')) ?? 'error')[0];
  const said = error ?? branchError(property(body, 'data'));
  const answer: ActAnswer = said === null ? { result: 'sent', detail: null } : { result: 'refused', detail: said };
  return { answer, reply: body, invalid: error !== undefined };
}

const DEPTH_MAX = 4;

/** The branch of an error has a message, or at least a name that says so. */
function branchError(data: Json | undefined, depth = 0): string | null {
  if (!isObject(data) || depth > DEPTH_MAX) return null;
  const [message, name] = [textOf(property(data, 'message')), textOf(property(data, '__typename'))];
  if (message !== null || /Error$/.test(name ?? '')) return message ?? name;
  return Object.values(data).reduce<string | null>((found, value) => found ?? branchError(value, depth + 1), null);
}

const ofProcess =
  (verb: string): Act =>
  async (link) => {
    const words = `mutation { bosminer { ${verb} { ... on VoidResult { void } ... on BosminerError { message } } } }`;
    return (await mutate(link, words)).answer;
  };

export const restart = ofProcess('restart');
/** The process goes, and with it all power of the boards. */
export const stop = ofProcess('stop');
export const start = ofProcess('start');

/** The sheet does not say whether its result has fields; a device refuses the wrong form before it does anything. */
export const reboot: Act = async (link) => {
  const bare = await mutate(link, 'mutation { bos { reboot } }');
  return bare.invalid ? (await mutate(link, 'mutation { bos { reboot { __typename } } }')).answer : bare.answer;
};

const enabled = pointer('/data/bos/setFaultLight/enabled');

export const locate = async (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> => {
  const words = 'mutation ($enable: Boolean!) { bos { setFaultLight(enable: $enable) { enabled } } }';
  const { answer, reply } = await mutate(link, words, { enable: on });
  const now = flagOf(enabled(reply));
  if (answer.result !== 'sent' || now === null || now === on) return answer;
  return { result: 'refused', detail: `its light is ${now ? 'on' : 'off'}, says the device` };
};

const POWER = `mutation ($watts: Int!) { bosminer { config { updateAutotuning(input: { powerTarget: $watts }, apply: true) {
  __typename ... on AutotuningOut { autotuning { powerTarget enabled } } } } } }`;
const target = pointer('/data/bosminer/config/updateAutotuning/autotuning/powerTarget');

export const powerLimit = async (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> => {
  const { answer, reply } = await mutate(link, POWER, { watts: powerW });
  const set = positive(target(reply));
  if (answer.result !== 'sent' || set === null || set === powerW) return answer;
  return { ...answer, detail: `a power target of ${set} W` };
};
