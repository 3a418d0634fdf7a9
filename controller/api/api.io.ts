import type { AddressInfo } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import staticFiles from '@fastify/static';
import swagger from '@fastify/swagger';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import fastify from 'fastify';
import Type from 'typebox';
import type { Endpoint } from '../../config/site.ts';
import { RelightError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { failureOf } from './failure.ts';
import { refuse, SECURITY_HEADERS } from './guard.ts';
import { API_LIMITS, type ApiLimits } from './limits.ts';
import { createLive } from './live.io.ts';
import { preparePage } from './page.io.ts';
import type { ControllerPort } from './port.ts';
import { type App, actRoutes, liveRoute, readRoutes } from './routes.io.ts';

export type ApiOptions = Readonly<{
  port: ControllerPort;
  /** Whether it may be more than loopback is the caller's to decide. */
  listen: Endpoint;
  log: Log;
  /** Where the built page is; built here from the sources beside it when missing or older than they are. */
  pageDir: string;
  limits?: Partial<ApiLimits>;
}>;

export type Api = Readonly<{ at: Endpoint; close(): Promise<void> }>;

/** Serves API and page. Throws RelightError PORT_IN_USE, or CONFIG_VALUE for an address that cannot be listened on. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { port, listen, log, pageDir } = options;
  const limits = { ...API_LIMITS, ...options.limits };
  const app: App = fastify({
    bodyLimit: limits.bodyMaxBytes,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  }).withTypeProvider<TypeBoxTypeProvider>();
  const live = createLive(port, limits);
  const close = async (): Promise<void> => {
    live.close();
    await app.close();
  };
  try {
    await preparePage(pageDir, log);
    harden(app, listen, log);
    await app.register(rateLimit, { max: limits.requestsPerMin, timeWindow: 60_000 });
    await app.register(swagger, { openapi: { openapi: '3.1.0', info: { title: 'Relight controller', version: '1' } } });
    readRoutes(app, port);
    actRoutes(app, port, limits);
    liveRoute(app, live);
    app.get('/openapi.json', { schema: { summary: 'this document', response: { 200: Type.Object({}) } } }, () =>
      app.swagger(),
    );
    await app.register(staticFiles, { root: pageDir, cacheControl: false });
    await listenOn(app, listen);
    return { at: { host: listen.host, port: (app.server.address() as AddressInfo).port }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function harden(app: App, listen: Endpoint, log: Log): void {
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // The schemas of the answers are for readers; what the controller says goes out whole.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  // A form of another site can post text without asking; JSON it cannot.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async ({ method, headers, url }, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'cache-control': url.startsWith('/api/') ? 'no-store' : 'no-cache' });
    const { host, origin, 'sec-fetch-site': site } = headers;
    const fetchSite = typeof site === 'string' ? site : undefined;
    const refusal = refuse({ method, host, origin, fetchSite }, listen.host);
    if (refusal) return reply.code(refusal.status).send({ code: refusal.code, reason: refusal.reason });
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, code, reason } = failureOf(error);
    if (status >= 500) log.error({ err: error, method: request.method, url: request.url }, 'a request failed');
    return reply.code(status).send({ code, reason });
  });
  app.setNotFoundHandler((request, reply) => {
    const reason = `nothing is at ${request.method} ${request.url.slice(0, 100)}; see /openapi.json`;
    return reply.code(404).send({ code: 'NOT_FOUND', reason });
  });
}

async function listenOn(app: App, { host, port }: Endpoint): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
    if (code === 'EADDRINUSE') {
      throw new RelightError('PORT_IN_USE', `listen.page: ${host}:${port} is taken by another process`, { host, port });
    }
    throw new RelightError('CONFIG_VALUE', `listen.page: cannot listen on ${host}:${port} (${code})`, { host, port });
  }
}
