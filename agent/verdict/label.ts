import type { DownReason, Evidence, Finding } from '../../shared/finding.ts';
import type { VerdictLabel, VerdictState } from '../../shared/verdict.ts';
import {
  commonWhy,
  isByAddress,
  isDown,
  isDownFor,
  isNear,
  isUp,
  NOT_ON_THE_WIRE,
  type PoolView,
  type View,
  whyDown,
} from './view.ts';

/** What is missing, in an operator's words: `whyNot` is `layer.reason`. */
export type Judgement = Readonly<{ state: VerdictState; label: VerdictLabel | null; whyNot: string }>;

export type LabelContext = Readonly<{ lossy: boolean }>;
type Rule = (view: View, context: LabelContext) => Judgement | null;

/** For a round whose job did not pass: the first rule that matches (reachability reference, section 1, rules 3 to 14). */
export function labelOf(view: View, context: LabelContext): Judgement {
  for (const rule of RULES) {
    const judgement = rule(view, context);
    if (judgement !== null) return judgement;
  }
  return nothingPasses(view);
}

const NO_WAY_OUT: readonly DownReason[] = ['noAddress', 'noRoute'];
const PORTAL_LIKE: readonly DownReason[] = ['redirect', 'challengeMissing', 'status511'];
const BY_THE_NETWORK: readonly DownReason[] = ['timeout', 'unreachable', 'noRoute'];
const KNOWN_LAYERS_MIN = 2;

const clockOrJob: Rule = ({ pools, clockIsRight }) => {
  if (clockIsRight) return null;
  const outOfTime = pools.some(({ job }) => isDownFor(job, ['ntimeOutOfRange']));
  // A job that failed for anything that is looked at later has the time of our clock, which settles it.
  const inTime = pools.some(({ job }) => job.is === 'up' || isDownFor(job, IN_TIME));
  return outOfTime && !inTime ? judged('UNKNOWN', 'SELF_FAULT', 'self.clockOrJob') : null;
};
const IN_TIME: readonly DownReason[] = ['tooOld', 'heightDisagrees', 'notCrossChecked'];

/** Nothing is known, and it is we who do not know. */
export const selfFault = (evidence: readonly Evidence[]): Judgement =>
  judged('UNKNOWN', 'SELF_FAULT', selfReason(evidence));

const tooLittleKnown: Rule = ({ all, known }) => {
  const layers = new Set(known.map(({ layer }) => layer));
  return layers.size < KNOWN_LAYERS_MIN ? selfFault(all) : null;
};

const noLink: Rule = ({ link, gateway, known, up, echoed }) => {
  if (up.length > 0 || echoed || gateway?.is === 'up') return null;
  if (isDownFor(link, ['noCarrier', 'noAddress'])) return judged('DOWN', 'NO_LINK', `link.${whyDown(link)}`);
  const findings = gateway?.is === 'down' ? [gateway] : known.map(({ finding }) => finding);
  const none = findings.length > 0 && findings.every((finding) => isDownFor(finding, NO_WAY_OUT));
  return none ? judged('DOWN', 'NO_LINK', `link.${whyDown(findings[0] ?? null)}`) : null;
};

const linkOnly: Rule = ({ gateway, up, echoed }) => {
  if (up.length > 0 || echoed || !isDownFor(gateway, NOT_ON_THE_WIRE)) return null;
  return judged('DOWN', 'LINK_ONLY', 'gateway.noNeighbour');
};

/** A certificate as expected, or a challenge that came back, is what no portal can show. */
const portal: Rule = (view) => {
  if (view.tls.some(isUp)) return null;
  // Whoever reads along on one port may let another pass.
  if (view.tls.some(({ finding }) => isDownFor(finding, ['intercepted']))) {
    return judged('PARTIAL', 'PORTAL', 'tls.intercepted');
  }
  if (view.http.some(isUp)) return null;
  const answer = preferred(view.http).find(({ finding }) => isDownFor(finding, PORTAL_LIKE));
  if (answer !== undefined) return judged('PARTIAL', 'PORTAL', `http.${whyDown(answer.finding)}`);
  return isOthersCertificate(view) ? judged('PARTIAL', 'PORTAL', 'tls.notVerified') : null;
};

/** By address where any is asked so: a name can lead anywhere. */
function preferred(asked: readonly Evidence[]): readonly Evidence[] {
  const byAddress = asked.filter(isByAddress);
  return byAddress.length > 0 ? byAddress : asked;
}

function isOthersCertificate({ tls, foreign, pools }: View): boolean {
  const poolTargets = new Set(pools.map(({ target }) => target));
  const anchors = preferred(tls.filter(({ target }) => !poolTargets.has(target)));
  if (anchors.length > 0 && isMatterOfNames(anchors, foreign)) return false;
  // Where anchors pass, it is the pool.
  const asked = anchors.length > 0 ? anchors : foreign.some(isUp) ? [] : tls;
  return asked.some(({ finding }) => isDownFor(finding, ['notVerified']));
}

/** Names lead astray, and addresses do not. */
const isMatterOfNames = (asked: readonly Evidence[], foreign: readonly Evidence[]): boolean =>
  !asked.some(isByAddress) && foreign.some((one) => isUp(one) && isByAddress(one));

/** Every connection is taken and none is answered: nothing that is lost on the way looks like that. */
const silentPortal: Rule = ({ known, tls, http, foreign }) => {
  const asked = new Map(tls.map(({ target, finding }) => [target, finding]));
  const anchors = known.filter((one) => one.layer === 'tcp' && foreign.some(({ target }) => target === one.target));
  const secured = anchors.filter(({ target }) => asked.has(target));
  if (secured.length === 0 || !secured.every(isUp) || [...tls, ...http].some(isUp)) return null;
  if (isMatterOfNames(secured, foreign)) return null;
  return secured.every(({ target }) => isDownFor(asked.get(target) ?? null, NO_TLS))
    ? judged('PARTIAL', 'PORTAL', 'tls.notVerified')
    : null;
};
const NO_TLS: readonly DownReason[] = ['timeout', 'closed', 'reset', 'notVerified'];

const lossy: Rule = (_, context) => (context.lossy ? judged('PARTIAL', 'LOSSY', 'tcp.loss') : null);

const dnsFault: Rule = ({ dns, http, foreign, pools }) => {
  if (!foreign.some((one) => isUp(one) && isByAddress(one))) return null;
  const pages = http.filter(({ finding }) => isDownFor(finding, PORTAL_LIKE));
  const falseName = pages.some(isByAddress) ? undefined : pages[0];
  if (dns.some(({ finding }) => isDownFor(finding, ['falseAnswer'])) || falseName !== undefined) {
    return dns.some(isUp) && falseName === undefined ? null : judged('PARTIAL', 'DNS_FAULT', 'dns.falseAnswer');
  }
  if (dns.length > 0 && dns.every(isDown)) return judged('PARTIAL', 'DNS_FAULT', `dns.${commonWhy(dns)}`);
  const noNames = pools.length > 0 && pools.every(({ tcp }) => isDownFor(tcp, ['unresolved']));
  return noNames ? judged('PARTIAL', 'DNS_FAULT', 'dns.unresolved') : null;
};

const domesticOnly: Rule = ({ up, domestic, foreign, pools }) => {
  if (!domestic.some(isUp) || foreign.length === 0 || up.some(({ kind }) => kind === 'foreign')) return null;
  const replayed = pools.some(({ job }) => isDownFor(job, ['notCrossChecked']));
  const why = replayed ? 'job.notCrossChecked' : `tcp.foreign${capital(commonWhy(foreign))}`;
  return judged('PARTIAL', 'DOMESTIC_ONLY', why);
};

const portFiltered: Rule = ({ foreign, pools }) => {
  if (!foreign.some(isUp) || pools.length === 0) return null;
  if (!pools.every(({ tcp }) => isDownFor(tcp, BY_THE_NETWORK))) return null;
  return judged('PARTIAL', 'PORT_FILTERED', `tcp.poolPort${capital(whyDown(pools[0]?.tcp ?? null))}`);
};

/** Where no pool could be asked, nobody knows whether it is the pools. */
const poolsUnknown: Rule = ({ all, pools }) =>
  pools.length > 0 && pools.every(({ job }) => job.is === 'unknown')
    ? selfFault(all.filter(({ layer }) => layer === 'job'))
    : null;

const poolDown: Rule = ({ up, pools }) => {
  if (!up.some(({ layer }) => layer !== 'dns')) return null;
  return judged('PARTIAL', 'POOL_DOWN', poolReason(pools));
};

const dnsOnly: Rule = ({ dns, known }) => (dns.some(isUp) ? judged('PARTIAL', 'DNS_ONLY', failing(known)) : null);

const icmpOnly: Rule = ({ echoed, known }) => (echoed ? judged('PARTIAL', 'ICMP_ONLY', failing(known)) : null);

const RULES: readonly Rule[] = [
  clockOrJob,
  tooLittleKnown,
  noLink,
  linkOnly,
  portal,
  lossy,
  silentPortal,
  dnsFault,
  domesticOnly,
  portFiltered,
  poolsUnknown,
  poolDown,
  dnsOnly,
  icmpOnly,
];

/** A silent gateway may well forward: without a word of it, or of the wire, nobody knows how far the path goes. */
export const nothingPasses = ({ gateway, known }: View): Judgement =>
  gateway?.is === 'down'
    ? judged('DOWN', null, `gateway.${gateway.why}`)
    : judged('DOWN', gateway?.is === 'up' ? 'GATEWAY_ONLY' : null, failing(known));

const judged = (state: VerdictState, label: VerdictLabel | null, whyNot: string): Judgement => ({
  state,
  label,
  whyNot,
});

/** TCP first: a path that carries no handshake explains all the rest. */
function failing(known: readonly Evidence[]): string {
  for (const layer of ['tcp', 'tls', 'http', 'stratum', 'job', 'dns'] as const) {
    const failed = known.filter((one) => one.layer === layer);
    // A name that nobody resolves says less of the path than an address that nobody reaches.
    const reached = failed.filter(({ finding }) => !isDownFor(finding, ['unresolved']));
    const why = commonWhy(reached) ?? commonWhy(failed);
    if (why !== null) return `${layer}.${why}`;
  }
  return 'tcp.timeout';
}

const RUNGS = ['job', 'stratum', 'tcp'] as const;
const STRATUM_WHY: Readonly<Partial<Record<DownReason, string>>> = {
  reset: 'resetAfterRequest',
  closed: 'closedAfterSubscribe',
};

/** The pool that came furthest says most about what is wrong. */
function poolReason(pools: readonly PoolView[]): string {
  const reached = (pool: PoolView): number => (pool.tcp.is === 'up' ? (pool.stratum.is === 'up' ? 0 : 1) : 2);
  const [furthest] = [...pools].sort((a, b) => reached(a) - reached(b));
  if (furthest === undefined) return 'job.none';
  if (furthest.tcp.is === 'up' && furthest.tls.is === 'down') return `tls.${furthest.tls.why}`;
  const rung = RUNGS[reached(furthest)] ?? 'tcp';
  const why = whyDown(furthest[rung]);
  if (rung === 'tcp' && furthest.tcp.is === 'unknown') return watchedReason(whyDown(furthest.job));
  if (rung === 'tcp') return `tcp.pool${capital(why)}`;
  if (rung === 'stratum') return `stratum.${(why && STRATUM_WHY[why]) ?? why ?? 'unknown'}`;
  return `job.${why === 'noJob' ? 'none' : (why ?? 'unknown')}`;
}

const OF_THE_PATH: readonly (DownReason | null)[] = [null, ...BY_THE_NETWORK, 'refused', 'noAddress', 'unresolved'];

/** A watch round asks for the job alone, which fails with the reason of the layer below. */
const watchedReason = (why: DownReason | null): string =>
  OF_THE_PATH.includes(why) ? `tcp.pool${capital(why)}` : `job.${why === 'noJob' ? 'none' : why}`;

const capital = (why: string | null): string => (why === null ? 'Unknown' : `${why[0]?.toUpperCase()}${why.slice(1)}`);

const isOwn = (finding: Finding): boolean => finding.is === 'unknown' && finding.why !== 'notConfigured';

/** A late agent explains every other doubt; else the error that most findings name. */
function selfReason(all: readonly Evidence[]): string {
  // Many hosts may not ping, ask for the time or show their links, and that explains nothing.
  const asked = all.filter(
    ({ layer, finding }) => layer !== 'icmp' && layer !== 'ntp' && (!isNear(layer) || isOwn(finding)),
  );
  const unknown = asked.flatMap(({ finding }) => (finding.is === 'unknown' ? [finding] : []));
  if (unknown.some(({ why }) => why === 'lagging')) return 'self.eventLoopLag';
  const [first] = unknown.filter(({ why }) => why !== 'notConfigured').concat(unknown);
  const code = /^E[A-Z]+/.exec(first?.detail ?? '')?.[0];
  return `self.${code ?? first?.why ?? 'nothingKnown'}`;
}
