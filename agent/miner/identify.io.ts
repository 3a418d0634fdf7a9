import type { PortName } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { millis } from '../../shared/units.ts';
import type { Device } from './device.ts';
import type { DriverDefinition, FrameQuery, HttpQuery } from './driver.ts';
import { identify, mayBeV3, type Probe, probesBelow, type Signs, whatsminerFamily } from './identify.ts';
import { DEFAULT_PORTS } from './line.io.ts';
import type { Target } from './reading.ts';
import { parseChallenge } from './transport/digest.ts';
import type { HttpReply } from './transport/exchange.ts';
import { callRpc } from './transport/rpc.io.ts';
import { callFrame } from './transport/v3.io.ts';
import { callPage } from './way.io.ts';
import { timed } from './web.io.ts';

const ASK_MS = 5_000;
const BODY_CHARS = 65_536;

export type Identified =
  | Readonly<{ ok: true; driver: DriverDefinition }>
  | Readonly<{
      ok: false;
      why: 'silent' | 'refused' | 'garbage' | 'closed_early' | 'unidentified';
      detail: string;
      untried?: true;
    }>;

type Options = Readonly<{
  target: Target;
  device: Device;
  drivers: readonly DriverDefinition[];
  deadlineMs: number;
  spacingMs: number;
  signal?: AbortSignal | undefined;
}>;

/** Rows of the tables from here on are stock firmware; what stands above may wear its page (fact sheet 1.2). */
const STOCK_ROW = 8;
const ALL_ROWS = Number.POSITIVE_INFINITY;

/**
 * Asks an unknown device what it is: its page and its RPC port side by side, each port one request at a time; then, only
 * where that does not settle it, the families' own pages. Only reads, and no password.
 */
export async function identifyDevice(options: Options): Promise<Identified> {
  const { device, drivers } = options;
  const ask = createAsk(options);
  const [rpc, page] = await Promise.all([rpcSigns(ask, drivers), ask.http({ path: '/' })]);
  const signs: Signs = { rpc: rpc.texts, http: pageSigns(page), own: new Map() };
  const first = identify(signs, drivers);
  const asked = first === null ? ALL_ROWS : keepsBitmainsPage(signs) ? STOCK_ROW : 0;
  const gone = rpc.broken?.gone === true && !page.ok && page.gone === true;
  const dead = new Set([
    ...(isDead(page) ? ['http'] : []),
    ...(rpc.broken !== null && isDead(rpc.broken) ? ['rpc'] : []),
  ]);
  const found = asked === 0 || gone ? first : await byOwnPages(ask, { signs, drivers, row: asked, dead });
  const driver = found === null ? null : await generation(ask, found, { rpc: rpc.texts, drivers });
  device.closedMs = realClock.monoMs();
  return driver === null ? nothing({ rpc, page, portOf: ask.portOf }) : { ok: true, driver };
}

type Ask = ReturnType<typeof createAsk>;

function createAsk({ target, device, drivers, deadlineMs, spacingMs, signal }: Options) {
  const abort = signal === undefined ? {} : { signal };
  const timeoutMs = () => millis(Math.max(1, Math.min(ASK_MS, deadlineMs - realClock.monoMs())));
  const tls = drivers.some((driver) => driver.tls === true);
  const at = (name: PortName) => ({ host: target.address, port: target.ports[name] ?? DEFAULT_PORTS[name] });
  return {
    portOf: (name: PortName) => at(name).port,
    timeLeft: () => deadlineMs > realClock.monoMs() && signal?.aborted !== true,
    pause: () => sleep(realClock, millis(spacingMs), signal),
    rpc: (request: object) =>
      callRpc({ ...at('rpc'), text: JSON.stringify(request), timeoutMs: timeoutMs(), ...abort }),
    http: (query: Pick<HttpQuery, 'path' | 'method' | 'body' | 'form' | 'port'>) => {
      const { port, ...call } = timed(query, timeoutMs());
      const page = { device, target, tls, lookFirst: false, name: port, call: { ...call, ...at(port), ...abort } };
      return callPage({ ...page, each: spacedAfterFirst(() => sleep(realClock, millis(spacingMs), signal)) });
    },
    frame: ({ request }: FrameQuery) =>
      callFrame({ ...at('v3'), text: JSON.stringify(request), timeoutMs: timeoutMs(), ...abort }),
  };
}

/** The caller has waited for the first connection. */
function spacedAfterFirst(pause: () => Promise<void>) {
  let first = true;
  return async <T>(connection: () => Promise<T>): Promise<T> => {
    if (!first) await pause();
    first = false;
    return connection();
  };
}

/** The sheet's two; then what those firmwares answer that know neither, the rarest last. */
const RPC_ASKS = [
  { command: 'version' },
  { command: 'devdetails' },
  { command: 'stats' },
  { command: 'summary' },
  { cmd: 'get_version' },
  { command: 'devs' },
  { command: 'pools' },
  { command: 'pools+summary+stats' },
] as const;

type RpcSigns = Readonly<{
  texts: readonly string[];
  broken: Extract<Awaited<ReturnType<typeof callRpc>>, { ok: false }> | null;
}>;

/** Stops at the first reply that names a family. */
async function rpcSigns(ask: Ask, drivers: readonly DriverDefinition[]): Promise<RpcSigns> {
  const texts: string[] = [];
  for (const request of RPC_ASKS) {
    if (request !== RPC_ASKS[0]) await ask.pause();
    const reply = await ask.rpc(request);
    if (!reply.ok) return { texts, broken: reply };
    texts.push(reply.text);
    if (identify({ rpc: texts, http: null, own: new Map() }, drivers) !== null) break;
  }
  return { texts, broken: null };
}

function pageSigns(page: HttpReply): Signs['http'] {
  if (!page.ok) return null;
  const realm = parseChallenge(page.challenge)?.realm ?? null;
  return { status: page.status, realm, location: page.location ?? null, body: page.text.slice(0, BODY_CHARS) };
}

const keepsBitmainsPage = ({ http }: Signs): boolean => http?.realm?.startsWith('antMiner') ?? false;

type Undecided = Readonly<{ signs: Signs; drivers: readonly DriverDefinition[]; row: number; dead: Set<string> }>;

/** Nobody speaks on this port, so it is not asked again. */
const isDead = (reply: Readonly<{ ok: boolean; why?: string }>): boolean =>
  !reply.ok && (reply.why === 'refused' || reply.why === 'silent');

/** One port that refuses or keeps silent is not asked again; one sign is enough. */
async function byOwnPages(ask: Ask, { signs, drivers, row, dead }: Undecided): Promise<DriverDefinition | null> {
  const own = new Map<Probe, string>();
  for (const probe of probesBelow(row, drivers)) {
    const port = probe.via === 'v3' ? 'v3' : (probe.port ?? 'http');
    if (dead.has(port) || !ask.timeLeft()) continue;
    await ask.pause();
    const answer = await askOwn(ask, probe);
    if (answer === 'dead') dead.add(port);
    if (answer === 'dead' || answer === null) continue;
    if (answer.text !== null) own.set(probe, answer.text);
    // A realm that is known already is the question, not an answer to it.
    const http = signs.http?.realm == null ? answer.challenge : null;
    const found = identify({ rpc: [], http, own }, drivers);
    if (found !== null) return found;
  }
  return identify(signs, drivers);
}

type Own = Readonly<{ text: string | null; challenge: Signs['http'] }>;

/** `dead`: nobody on this port. A page that wants a password names its realm, and that is a sign too. */
async function askOwn(ask: Ask, probe: Probe): Promise<Own | 'dead' | null> {
  if (probe.via === 'v3') {
    const frame = await ask.frame(probe);
    if (frame.ok) return { text: frame.text.slice(0, BODY_CHARS), challenge: null };
    return isDead(frame) ? 'dead' : null;
  }
  const page = await ask.http(probe);
  if (!page.ok) return isDead(page) ? 'dead' : null;
  if (page.status === 401) return { text: null, challenge: pageSigns(page) };
  return page.status === 200 ? { text: page.text.slice(0, BODY_CHARS), challenge: null } : null;
}

type Told = Readonly<{ rpc: readonly string[]; drivers: readonly DriverDefinition[] }>;

/** Whatsminers of all generations wear one banner; the firmware's date, and port 4433, tell which this is. */
async function generation(ask: Ask, found: DriverDefinition, { rpc, drivers }: Told): Promise<DriverDefinition> {
  if (!found.family.startsWith('whatsminer') || rpc.length === 0) return found;
  await ask.pause();
  const version = await ask.rpc({ cmd: 'get_version' });
  const versions = version.ok ? [version.text, ...rpc] : rpc;
  const asks = mayBeV3(found.family, versions);
  if (asks) await ask.pause();
  const speaksV3 = asks && (await ask.frame(DEVICE_INFO)).ok;
  const family = whatsminerFamily(found.family, versions, speaksV3);
  return drivers.find((driver) => driver.family === family) ?? found;
}

const DEVICE_INFO: FrameQuery = { via: 'v3', name: 'device info', request: { cmd: 'get.device.info' } };

type Asked = Readonly<{ rpc: RpcSigns; page: HttpReply; portOf(name: PortName): number }>;

/** What an unknown device's silence, or its answers, look like. */
function nothing({ rpc, page, portOf }: Asked): Identified {
  if (rpc.texts.length > 0 || page.ok) {
    return { ok: false, why: 'unidentified', detail: 'answers, with no sign of a family that is known' };
  }
  const broken = [
    ...(rpc.broken === null ? [] : [{ ...rpc.broken, port: portOf('rpc') }]),
    { ...page, port: portOf('http') },
  ];
  const worst = (['garbage', 'closed_early', 'silent', 'refused'] as const).find((why) =>
    broken.some((one) => one.why === why),
  );
  const untried = broken.some(({ exhausted }) => exhausted) ? ({ untried: true } as const) : {};
  return { ok: false, why: worst ?? 'silent', detail: toldOnce(broken), ...untried };
}

/** What befell both ports alike is said once. */
function toldOnce(broken: readonly Readonly<{ detail: string; port: number }>[]): string {
  const [first, ...others] = broken;
  if (first === undefined) return 'no answer';
  if (others.some(({ detail }) => detail !== first.detail)) {
    return broken.map(({ detail, port }) => `port ${port}: ${detail}`).join('; ');
  }
  const ports = [...new Set(broken.map(({ port }) => port))];
  return `${first.detail} (${ports.length === 1 ? 'port' : 'ports'} ${ports.join(' and ')})`;
}
