import { UNREADABLE, type Unreadable } from '../../shared/sighting.ts';
import type { MissingRead } from '../../shared/snapshot.ts';
import { type Device, keepAnswer, keptAnswer } from './device.ts';
import type { DriverDefinition, Query } from './driver.ts';
import type { DeviceLink } from './link.io.ts';
import type { Answer, Fault } from './link.ts';
import { createResolution, type Found, type Missed, type Resolution } from './resolve.ts';
import { works } from './state.ts';

/** What one pass over a driver's declaration came to. */
export type Pass = Readonly<{
  found: Found;
  missing: readonly MissingRead[];
  processDown: boolean;
  unreadable: Unreadable | null;
  detail: string | null;
  /** It failed for this host's sake, which had no socket to ask with. */
  untried: boolean;
  /** Who answered is not known, and may be another than before. */
  unsure?: true;
}>;

type Seen = Readonly<{ query: Query; answer: Answer }>;
type Failed = Readonly<{ query: Query; answer: Extract<Answer, { ok: false }> }>;

/** The line is dead or closed to us: other queries on the same port would only wait for the same. */
const CLOSES_PORT: ReadonlySet<Fault> = new Set(['silent', 'refused', 'auth_failed', 'no_credentials', 'unidentified']);

/** Reads one device through its link, one query after the other. Never throws. */
export async function readDevice(driver: DriverDefinition, link: DeviceLink, device: Device): Promise<Pass> {
  const resolution = createResolution(driver.fields);
  // What was asked now: a kept reply shows nothing of how the device is.
  const asked: Seen[] = [];
  const closed = new Map<string, Failed>();
  let gone: Answer | null = null;
  for (let query = resolution.next(); query !== null; query = resolution.next()) {
    const ready: Answer | null = gone ?? closed.get(laneOf(query))?.answer ?? keptAnswer(device, query, link.monoMs());
    const answer: Answer = ready ?? (await link.ask(query));
    resolution.answer(query, answer);
    if (ready !== null) continue;
    // What was not asked says nothing of the device, now or later.
    if (answer.ok || !(answer.exhausted || answer.unasked)) keepAnswer(device, query, { answer, atMs: link.monoMs() });
    if (!answer.ok && isExtra(query)) continue;
    asked.push({ query, answer });
    // Nobody is there: the other ports would only be waited for as well. A single port that is filtered is another thing.
    if (!answer.ok && answer.gone && !asked.some((one) => speaks(one.answer))) gone = answer;
    if (!answer.ok && closes(asked, { query, answer })) closed.set(laneOf(query), { query, answer });
  }
  const found = resolution.found();
  if (gone === null && driver.process !== undefined && found.asleep !== true && !works(found) && !tried(asked, 'rpc')) {
    asked.push({ query: driver.process, answer: await link.ask(driver.process) });
  }
  const processDown = await isProcessDown(driver, link, asked);
  return judgedPass({ resolution, asked, processDown });
}

const isExtra = (query: Query): boolean => query.via === 'http' && query.extra === true;

/** Queries that fare alike: the same port, with or without a password. */
function laneOf(query: Query): string {
  if (query.via === 'http') return `http ${query.port ?? 'http'} ${query.open === true}`;
  return query.via === 'grpc' ? `grpc ${query.open === true}` : query.via;
}

const tried = (asked: readonly Seen[], via: Query['via']): boolean => asked.some(({ query }) => query.via === via);

/** Where nothing sensible has come yet, it will not come for a third question. */
const PATIENCE = 2;

function closes(asked: readonly Seen[], { query, answer }: Failed): boolean {
  if (answer.why === 'auth_failed') return true;
  const lane = laneOf(query);
  if (asked.some((one) => laneOf(one.query) === lane && speaks(one.answer))) return false;
  return CLOSES_PORT.has(answer.why) || failures(asked).filter((one) => laneOf(one.query) === lane).length >= PATIENCE;
}

/** Something on this port has answered, if only to say no. */
const speaks = (answer: Answer): boolean => answer.ok || SAYS_NO.has(answer.why);
/** A page that is absent is one that any device lacks: it shows nobody of this family. */
const answered = (asked: readonly Seen[], via: Query['via']): boolean =>
  asked.some(({ query, answer }) => query.via === via && speaks(answer) && (answer.ok || answer.why !== 'absent'));
const SAYS_NO: ReadonlySet<Fault> = new Set(['absent', 'denied', 'process_down']);

const failures = (asked: readonly Seen[]): readonly Failed[] =>
  asked.flatMap(({ query, answer }) => (answer.ok ? [] : [{ query, answer }]));

/** The web page answers and the API refuses (fact sheet 18.5), or the page says so itself. */
async function isProcessDown(driver: DriverDefinition, link: DeviceLink, asked: readonly Seen[]): Promise<boolean> {
  const failed = failures(asked);
  if (failed.some(({ answer }) => answer.why === 'process_down')) return true;
  if (!failed.some(({ query, answer }) => query.via === 'rpc' && answer.why === 'refused')) return false;
  if (answered(asked, 'http')) return true;
  return !tried(asked, 'http') && driver.page !== undefined && (await link.knock(driver.page.path));
}

type Judged = Readonly<{ resolution: Resolution; asked: readonly Seen[]; processDown: boolean }>;

function judgedPass({ resolution, asked, processDown }: Judged): Pass {
  const found = resolution.found();
  const missing = resolution.missed().map(missingRead);
  const why = reasonOf(asked, found, processDown);
  const untried = why !== null && asked.some(({ answer }) => !answer.ok && answer.exhausted);
  const { unreadable = null, detail = null } = why ?? {};
  return { found, missing, processDown, unreadable, detail, untried };
}

const missingRead = ({ query, why }: Missed): MissingRead => ({ read: query.name, why });

type Reason = Readonly<{ unreadable: Unreadable; detail: string }>;

/** null when there is a reading, if only in part. */
function reasonOf(asked: readonly Seen[], found: Found, processDown: boolean): Reason | null {
  const failed = failures(asked);
  const hard = failed.find(({ answer }) => answer.why === 'auth_failed' || answer.why === 'unidentified');
  if (hard !== undefined) return reason(hard);
  const told = asked.some(({ answer }) => answer.ok) && Object.keys(found).length > 0;
  if (told || processDown) return null;
  const worst = FIRST_TOLD.flatMap((why) => failed.filter(({ answer }) => answer.why === why))[0];
  // It refuses one port and knows no page on another: the device is there, and is none of the family.
  const stranger = worst?.answer.why === 'refused' && failed.some(({ answer }) => answer.why === 'absent');
  if (worst !== undefined && !stranger) return reason(worst);
  if (failed.length > 0) return { unreadable: 'unidentified', detail: 'knows nothing that its family is asked' };
  return { unreadable: 'garbage', detail: 'answers, but says nothing of a miner' };
}

/** The more a failure says about the device, the earlier it is told. */
const FIRST_TOLD: readonly Fault[] = ['no_credentials', 'garbage', 'closed_early', 'silent', 'refused', 'denied'];

const isUnreadable = (why: Fault): why is Fault & Unreadable => (UNREADABLE as readonly string[]).includes(why);

function reason({ query, answer }: Failed): Reason {
  const { why } = answer;
  const unreadable = isUnreadable(why) ? why : why === 'absent' ? 'unidentified' : 'auth_failed';
  return { unreadable, detail: `${query.name}: ${answer.detail}` };
}
