import { InvalidArgumentError, Option } from 'commander';
import { PAGE_AT } from '../config/defaults.ts';
import { RelightError } from '../shared/errors.ts';
import type { SiteView } from '../shared/view.ts';

const ANSWER_WITHIN_MS = 10_000;

export const controllerOption = (): Option =>
  new Option('--controller <url>', 'where the controller serves its page')
    .env('RELIGHT_CONTROLLER')
    .default(`http://${PAGE_AT.host}:${PAGE_AT.port}`)
    .argParser(parseBase);

function parseBase(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
  throw new InvalidArgumentError('expected http://host:port');
}

/** GET, or POST with a body. Throws API_UNREACHABLE, or API_REFUSED with the controller's own code and reason. */
export async function ask<Answer>(base: string, path: string, body?: object): Promise<Answer> {
  const response = await reach(base, path, {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    ...(body === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return (await response.json().catch(() => {
    throw noController(base);
  })) as Answer;
}

/** How the site stands. Errors as `ask`. */
export async function askSite(base: string): Promise<SiteView> {
  const view = await ask<SiteView | null>(base, 'site');
  if (typeof view?.site !== 'string' || !Array.isArray(view.miners)) throw noController(base);
  return view;
}

export const noController = (base: string): RelightError =>
  new RelightError(
    'API_UNREACHABLE',
    `what answers at ${base} is no Relight controller: expected the address of its page`,
    { base },
  );

/** An open answer, for what is read as it comes. */
export async function reach(base: string, path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`${base}/api/v1/${path}`, init).catch((error: Error) => {
    const { code } = (error.cause ?? {}) as { code?: string };
    throw new RelightError('API_UNREACHABLE', `no controller answers at ${base}: ${code ?? error.message}`, { base });
  });
  if (response.ok) return response;
  const { code, reason } = await refusal(response);
  if (typeof code !== 'string' || typeof reason !== 'string') throw noController(base);
  throw new RelightError('API_REFUSED', `the controller refused: ${reason} (${code})`, { code });
}

async function refusal(response: Response): Promise<{ code?: unknown; reason?: unknown }> {
  try {
    return ((await response.json()) ?? {}) as { code?: unknown; reason?: unknown };
  } catch {
    return {}; // something else listens there
  }
}
