/** What a caller is told when a request failed. */
export type Failure = Readonly<{ status: number; code: string; reason: string }>;

/** The parts of fastify's errors that are looked at. */
type Known = Readonly<{
  statusCode?: unknown;
  code?: unknown;
  message?: unknown;
  validationContext?: unknown;
  validation?: unknown;
}>;

const CODES: Readonly<Record<number, readonly [code: string, reason: string]>> = {
  400: ['BAD_REQUEST', 'the request is not what this route takes'],
  403: ['FORBIDDEN', 'nothing to be had here'],
  404: ['NOT_FOUND', 'nothing is here'],
  413: ['TOO_LARGE', 'the body is larger than any legal one'],
  415: ['UNSUPPORTED_MEDIA', 'a JSON body is wanted'],
  429: ['RATE_LIMITED', 'too many requests from this address; wait a minute'],
};
const REASON_MAX_CHARS = 300;

/** An unknown fault says nothing of itself: it is the log's. */
export function failureOf(error: unknown): Failure {
  const known: Known = typeof error === 'object' && error !== null ? error : {};
  if (known.code === 'STORE') {
    return { status: 503, code: 'STORE', reason: 'the store cannot be read or written right now' };
  }
  if (Array.isArray(known.validation)) {
    return { status: 400, code: 'BAD_REQUEST', reason: validationText(known).slice(0, REASON_MAX_CHARS) };
  }
  const status = typeof known.statusCode === 'number' ? known.statusCode : 500;
  const [code, reason] = CODES[status] ?? [];
  if (code !== undefined && reason !== undefined) return { status, code, reason };
  if (status >= 400 && status < 500)
    return { status, code: 'BAD_REQUEST', reason: `${known.message}`.slice(0, REASON_MAX_CHARS) };
  return { status: 500, code: 'INTERNAL', reason: 'a fault of the controller; its log says more' };
}

type Fault = Readonly<{
  instancePath?: string;
  keyword?: string;
  message?: string;
  params?: Readonly<Record<string, unknown>>;
}>;

/** `body.reason: must have required properties` and the like: names the key. */
function validationText({ validation, validationContext }: Known): string {
  const faults = (Array.isArray(validation) ? validation : []) as readonly Fault[];
  return faults.map((fault) => `${where(validationContext, fault)}: ${fault.message}${named(fault)}`).join('; ');
}

const where = (context: unknown, { instancePath = '' }: Fault): string =>
  `${context ?? 'request'}${instancePath.replaceAll('/', '.')}`;

function named({ params = {} }: Fault): string {
  const names = [params.additionalProperties, params.requiredProperties]
    .flat()
    .filter((name) => typeof name === 'string');
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}
