import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createApi } from '../../../controller/api/api.io.ts';
import { RelightError } from '../../../shared/errors.ts';
import { silentLog } from '../../../shared/log.ts';
import { testPort } from './port.ts';
import { act, ask, type Reply, type Served, serve } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await serve();
});
afterEach(() => served.stop());

const by = { actor: 'ann', reason: 'transformer 1 hums' };
const code = (reply: Reply): unknown => (reply.json() as { code: unknown }).code;

describe('reading', () => {
  test('gives the whole view as the controller has it', async () => {
    const reply = await ask(served, '/api/v1/site');
    expect([reply.status, reply.json()]).toEqual([200, served.port.view()]);
  });

  test.each([
    ['/api/v1/restarts', ['restarts', 100]],
    ['/api/v1/restarts?limit=5', ['restarts', 5]],
    ['/api/v1/outages?limit=1000', ['outages', 1_000]],
    ['/api/v1/verdicts', ['verdicts', 100]],
    ['/api/v1/audit', ['audit', 100]],
    ['/api/v1/restarts/r-1/log?after=40&limit=2', ['log', 'r-1', 40, 2]],
    ['/api/v1/restarts/a%2Fb/log', ['log', 'a/b', 0, 100]],
  ])('asks the store for no more than wanted: %s', async (path, question) => {
    const reply = await ask(served, path);
    expect([reply.status, served.port.asked]).toEqual([200, [question]]);
    expect(reply.json()).toHaveLength(1);
  });

  test.each([
    ['/api/v1/audit?limit=0', 'limit'],
    ['/api/v1/audit?limit=1001', 'limit'],
    ['/api/v1/audit?limit=many', 'limit'],
    ['/api/v1/audit?page=2', 'page'],
    ['/api/v1/restarts/r-1/log?after=-1', 'after'],
  ])('refuses %s and names the key', async (path, key) => {
    const reply = await ask(served, path);
    expect([reply.status, reply.json()]).toEqual([400, { code: 'BAD_REQUEST', reason: expect.stringContaining(key) }]);
  });

  test('says that it is healthy, and what is not', async () => {
    expect((await ask(served, '/api/v1/health')).json()).toMatchObject({ ok: true, agents: 2, agentsLinked: 2 });
    served.port.show({ ...served.port.view(), degraded: ['disk full'] });
    expect((await ask(served, '/api/v1/health')).json()).toMatchObject({ ok: false, degraded: ['disk full'] });
  });

  test('answers a code to who asks for what is not there', async () => {
    expect(await statusAndCode(ask(served, '/api/v2/site'))).toEqual([404, 'NOT_FOUND']);
    expect(await statusAndCode(ask(served, '/api/v1/site', { method: 'DELETE' }))).toEqual([404, 'NOT_FOUND']);
    expect(await statusAndCode(ask(served, '/../../package.json'))).toEqual([403, 'FORBIDDEN']);
  });

  test('tells a store that fails from a fault of its own, and neither in detail', async () => {
    served.port.failWith(new RelightError('STORE', 'disk I/O error at /var/lib/secret'));
    const store = await ask(served, '/api/v1/audit');
    served.port.failWith(new TypeError('secret is undefined'));
    const fault = await ask(served, '/api/v1/audit');
    expect([store.status, code(store), fault.status, code(fault)]).toEqual([503, 'STORE', 500, 'INTERNAL']);
    expect(`${store.text}${fault.text}`).not.toContain('secret');
  });
});

const statusAndCode = async (asked: Promise<Reply>): Promise<unknown[]> => {
  const reply = await asked;
  return [reply.status, code(reply)];
};

describe('acting', () => {
  test.each(['start', 'approve', 'pause', 'resume', 'abort'])('hands %s on with who and why', async (name) => {
    const reply = await act(served, name, by);
    expect([reply.status, reply.json()]).toEqual([200, { ok: true, restart: 'r-1' }]);
    expect(served.port.acts).toEqual([{ act: name, ...by }]);
  });

  test('passes a refusal on with its code', async () => {
    served.port.answerWith({ ok: false, code: 'NO_RESTART', reason: 'no restart is open' });
    const reply = await act(served, 'pause', by);
    expect([reply.status, reply.json()]).toEqual([409, { code: 'NO_RESTART', reason: 'no restart is open' }]);
  });

  test.each([
    ['no reason', { actor: 'ann' }, 'reason'],
    ['a blank name', { actor: '  ', reason: 'x' }, 'actor'],
    ['an unknown key', { ...by, force: true }, 'force'],
    ['a number for a name', { actor: 7, reason: 'x' }, 'actor'],
    ['a reason without end', { actor: 'ann', reason: 'x'.repeat(501) }, 'reason'],
    ['a list', [by], 'body'],
  ])('refuses %s, names it, and does nothing', async (_, body, key) => {
    const reply = await act(served, 'abort', body);
    expect([reply.status, reply.json()]).toEqual([400, { code: 'BAD_REQUEST', reason: expect.stringContaining(key) }]);
    expect(served.port.acts).toEqual([]);
  });

  test.each([
    ['broken JSON', 'application/json', '{"actor":', 400, 'BAD_REQUEST'],
    ['an empty body', 'application/json', '', 400, 'BAD_REQUEST'],
    ['a form', 'application/x-www-form-urlencoded', 'actor=ann&reason=x', 415, 'UNSUPPORTED_MEDIA'],
    ['plain text, which a form of another site can post', 'text/plain', JSON.stringify(by), 415, 'UNSUPPORTED_MEDIA'],
    ['a body of a megabyte', 'application/json', `{"actor":"${'x'.repeat(1_000_000)}"}`, 413, 'TOO_LARGE'],
    ['a key that would change every object', 'application/json', '{"__proto__":{"x":1}}', 400, 'BAD_REQUEST'],
  ])('refuses %s', async (_, type, body, status, wanted) => {
    const headers = { 'content-type': type };
    const asked = ask(served, '/api/v1/restart/pause', { method: 'POST', headers, body });
    expect(await statusAndCode(asked)).toEqual([status, wanted]);
    expect(served.port.acts).toEqual([]);
  });
});

describe('who is let in', () => {
  test.each([
    ['evil.example', 421],
    ['relight.evil.example:80', 421],
    ['127.0.0.1.evil.example', 421],
    ['127.0.0.1:1', 200],
    ['localhost:8080', 200],
    ['[::1]:8080', 200],
    ['10.0.0.7:8080', 200],
  ])('a name made to point here is not: Host %s gets %i', async (host, status) => {
    expect((await ask(served, '/api/v1/health', { headers: { host } })).status).toBe(status);
  });

  test.each([
    ['another site', { origin: 'http://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['a form of another site, by its Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a command line', {}, 200],
  ])('a post from %s gets its answer', async (_, headers, status) => {
    expect((await act(served, 'pause', by, headers)).status).toBe(status);
    expect(served.port.acts).toHaveLength(status === 200 ? 1 : 0);
  });

  test('a post from our own page is', async () => {
    expect((await act(served, 'pause', by, { origin: served.url, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('who asks too often must wait, and acts sooner than reads', async () => {
    await served.stop();
    served = await serve({ requestsPerMin: 6, actsPerMin: 2 });
    const acts = [await act(served, 'pause', by), await act(served, 'resume', by), await act(served, 'pause', by)];
    expect(acts.map(({ status }) => status)).toEqual([200, 200, 429]);
    const reads = [];
    for (let count = 0; count < 7; count++) reads.push(await ask(served, '/api/v1/health'));
    expect(reads.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 429]);
    expect(code(reads[6] as Reply)).toBe('RATE_LIMITED');
  });
});

describe('serving', () => {
  test('sends the page with a policy that allows nothing from elsewhere', async () => {
    const reply = await ask(served, '/');
    expect([reply.status, reply.text]).toEqual([200, expect.stringContaining('<title>Relight</title>')]);
    expect(reply.headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
  });

  test('lists every route in the OpenAPI document', async () => {
    const { paths } = (await ask(served, '/openapi.json')).json() as { paths: Record<string, object> };
    expect(
      Object.entries(paths)
        .map(([path, methods]) => `${Object.keys(methods)} ${path}`)
        .sort(),
    ).toEqual([
      'get /api/v1/audit',
      'get /api/v1/health',
      'get /api/v1/live',
      'get /api/v1/outages',
      'get /api/v1/plan',
      'get /api/v1/restarts',
      'get /api/v1/restarts/{id}/log',
      'get /api/v1/site',
      'get /api/v1/verdicts',
      'get /openapi.json',
      'post /api/v1/restart/abort',
      'post /api/v1/restart/approve',
      'post /api/v1/restart/pause',
      'post /api/v1/restart/resume',
      'post /api/v1/restart/start',
    ]);
  });

  test('says whose the port is not', async () => {
    const again = createApi({ port: testPort(), listen: served.api.at, log: silentLog, pageDir: import.meta.dirname });
    await expect(again).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });

  test('refuses an address that this machine does not have', async () => {
    const listen = { host: '192.0.2.1', port: 0 };
    const failed = createApi({ port: testPort(), listen, log: silentLog, pageDir: import.meta.dirname });
    await expect(failed).rejects.toMatchObject({ code: 'CONFIG_VALUE' });
  });
});
