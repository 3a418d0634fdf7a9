import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, RawServerDefault } from 'fastify';
import type Type from 'typebox';
import type { ApiLimits } from './limits.ts';
import type { Live } from './live.io.ts';
import { ACTS, type ControllerPort } from './port.ts';
import {
  ActAnswer,
  ActBody,
  AuditRows,
  ErrorSchema,
  Health,
  ListQuery,
  LiveSchema,
  LogQuery,
  LogRows,
  OutageRows,
  PlanSchema,
  RestartParams,
  RestartRows,
  rows,
  SiteSchema,
  VerdictRows,
} from './schemas.ts';

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyLog, TypeBoxTypeProvider>;
type FastifyLog = FastifyInstance['log'];

const failures = { 400: ErrorSchema, 429: ErrorSchema, 500: ErrorSchema, 503: ErrorSchema };

export function readRoutes(app: App, port: ControllerPort): void {
  const read = (summary: string, shape: Type.TSchema) => ({ summary, response: { 200: shape, ...failures } });
  app.get('/api/v1/site', { schema: read('everything, as it is now', SiteSchema) }, () => port.view());
  app.get('/api/v1/plan', { schema: read('what a restart would be like now', PlanSchema) }, () => port.plan());
  app.get(
    '/api/v1/restarts',
    { schema: { ...read('the newest restarts', RestartRows), querystring: ListQuery } },
    ({ query }) => port.restarts(rows(query.limit)),
  );
  app.get(
    '/api/v1/restarts/:id/log',
    {
      schema: {
        ...read('the log of one restart, oldest first', LogRows),
        params: RestartParams,
        querystring: LogQuery,
      },
    },
    ({ params, query }) => port.log(params.id, query.after ?? 0, rows(query.limit)),
  );
  app.get(
    '/api/v1/outages',
    { schema: { ...read('the newest outages with their windows', OutageRows), querystring: ListQuery } },
    ({ query }) => port.outages(rows(query.limit)),
  );
  app.get(
    '/api/v1/verdicts',
    { schema: { ...read('what agents said of their uplinks, newest first', VerdictRows), querystring: ListQuery } },
    ({ query }) => port.verdicts(rows(query.limit)),
  );
  app.get(
    '/api/v1/audit',
    { schema: { ...read('who did what, newest first', AuditRows), querystring: ListQuery } },
    ({ query }) => port.audit(rows(query.limit)),
  );
  app.get('/api/v1/health', { schema: read('whether the controller does its work', Health) }, () => health(port));
}

export function actRoutes(app: App, port: ControllerPort, { actsPerMin }: ApiLimits): void {
  // One count for all acts; a limit in a route's own configuration would count each by itself.
  const limited = app.rateLimit({ max: actsPerMin, timeWindow: 60_000 });
  for (const act of ['start', ...ACTS] as const) {
    app.post(
      `/api/v1/restart/${act}`,
      {
        config: { rateLimit: false },
        onRequest: limited,
        schema: {
          summary: act === 'start' ? 'plan and arm a restart' : `${act} the restart that is open`,
          body: ActBody,
          response: {
            200: ActAnswer,
            403: ErrorSchema,
            409: ErrorSchema,
            413: ErrorSchema,
            415: ErrorSchema,
            ...failures,
          },
        },
      },
      async ({ body }, reply) => {
        const answer = await (act === 'start' ? port.start(body) : port.act(act, body));
        if (answer.ok) return answer;
        return reply.code(409).send({ code: answer.code, reason: answer.reason });
      },
    );
  }
}

export function liveRoute(app: App, live: Live): void {
  const stream = {
    description: 'server-sent events; each data is one message',
    content: { 'text/event-stream': { schema: LiveSchema } },
  };
  app.get(
    '/api/v1/live',
    { schema: { summary: 'a whole view, then what changes', response: { 200: stream, ...failures } } },
    async (_, reply) => {
      if (live.full()) return reply.code(503).send({ code: 'LIVE_FULL', reason: 'too many live views are open' });
      const headers = Object.fromEntries(
        Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
      );
      reply.hijack();
      live.open(reply.raw, headers);
    },
  );
}

function health(port: ControllerPort): Type.Static<typeof Health> {
  const { site, nowMs, degraded, agents } = port.view();
  const agentsLinked = agents.filter(({ linked }) => linked).length;
  return { ok: degraded.length === 0, site, nowMs, degraded: [...degraded], agentsLinked, agents: agents.length };
}
