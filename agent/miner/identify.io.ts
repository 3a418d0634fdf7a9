import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { millis } from '../../shared/units.ts';
import type { Device } from './device.ts';
import type { DriverDefinition } from './driver.ts';
import { type Identity, identify, type Signs } from './identify.ts';
import type { Target } from './reading.ts';
import { parseChallenge } from './transport/digest.ts';
import type { HttpReply } from './transport/exchange.ts';
import { callHttp } from './transport/http.io.ts';
import { callRpc } from './transport/rpc.io.ts';

const ASK_MS = 5_000;
const BODY_CHARS = 65_536;

export type Identified =
  | Readonly<{ ok: true; identity: Identity }>
  | Readonly<{ ok: false; why: 'silent' | 'refused' | 'garbage' | 'closed_early' | 'unidentified'; detail: string }>;

type Options = Readonly<{
  target: Target;
  device: Device;
  drivers: readonly DriverDefinition[];
  deadlineMs: number;
  spacingMs: number;
  signal?: AbortSignal | undefined;
}>;

/**
 * Asks an unknown device what it is: its page and its RPC port side by side, each port one request at a time (fact
 * sheet 1.2). Only reads, and no password.
 */
export async function identifyDevice(options: Options): Promise<Identified> {
  const { device, drivers } = options;
  const ask = createAsk(options);
  const [rpc, page] = await Promise.all([rpcSigns(ask, drivers), ask.http('/')]);
  const signs: Signs = { rpc: rpc.texts, http: pageSigns(page), kaonsu: false, vnishApi: false };
  const identity = identify(signs, drivers);
  const told =
    identity?.driver !== null && keepsBitmainsPage(signs) ? await aftermarket(ask, signs, drivers) : identity;
  device.closedMs = realClock.monoMs();
  if (told !== null) return { ok: true, identity: told };
  return nothing(rpc, page);
}

type Ask = ReturnType<typeof createAsk>;

function createAsk({ target, deadlineMs, spacingMs, signal }: Options) {
  const abort = signal === undefined ? {} : { signal };
  const timeoutMs = () => millis(Math.max(1, Math.min(ASK_MS, deadlineMs - realClock.monoMs())));
  const host = target.address;
  return {
    pause: () => sleep(realClock, millis(spacingMs), signal),
    rpc: (request: object) =>
      callRpc({
        host,
        port: target.ports.rpc ?? 4028,
        text: JSON.stringify(request),
        timeoutMs: timeoutMs(),
        ...abort,
      }),
    http: (path: string) => {
      const call = { host, port: target.ports.http ?? 80, path, method: 'GET', headers: {}, body: null } as const;
      return callHttp({ ...call, timeoutMs: timeoutMs(), ...abort });
    },
  };
}

/** The sheet's two; then what those firmwares answer that know neither. */
const RPC_ASKS = [
  { command: 'version' },
  { command: 'devdetails' },
  { command: 'stats' },
  { command: 'summary' },
  { cmd: 'get_version' },
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
    if (identify({ rpc: texts, http: null, kaonsu: false, vnishApi: false }, drivers) !== null) break;
  }
  return { texts, broken: null };
}

function pageSigns(page: HttpReply): Signs['http'] {
  if (!page.ok) return null;
  const realm = parseChallenge(page.challenge)?.realm ?? null;
  return { status: page.status, realm, location: page.location ?? null, body: page.text.slice(0, BODY_CHARS) };
}

const keepsBitmainsPage = ({ http }: Signs): boolean => http?.realm?.startsWith('antMiner') ?? false;

async function aftermarket(ask: Ask, signs: Signs, drivers: readonly DriverDefinition[]): Promise<Identity | null> {
  const isJson = (reply: HttpReply): boolean =>
    reply.ok && reply.status === 200 && reply.text.trimStart().startsWith('{');
  await ask.pause();
  const kaonsu = isJson(await ask.http('/kaonsu/v1/brief'));
  await ask.pause();
  const vnishApi = isJson(await ask.http('/api/v1/info'));
  return identify({ ...signs, kaonsu, vnishApi }, drivers);
}

/** What an unknown device's silence, or its answers, look like. */
function nothing(rpc: RpcSigns, page: HttpReply): Identified {
  if (rpc.texts.length > 0 || page.ok) {
    return { ok: false, why: 'unidentified', detail: 'answers, with no sign of a family that is known' };
  }
  const broken = [rpc.broken, page.ok ? null : page].filter((one) => one !== null);
  const worst = (['garbage', 'closed_early', 'silent', 'refused'] as const).find((why) =>
    broken.some((one) => one.why === why),
  );
  return { ok: false, why: worst ?? 'silent', detail: broken.map(({ detail }) => detail).join('; ') };
}
