import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { liveViews, merge } from '../../cli/live.ts';
import { ACTOR_MAX_CHARS, REASON_MAX_CHARS } from '../../controller/api/schemas.ts';
import type { SiteView } from '../../shared/view.ts';
import { aMiner, aView, contractServer, json, type Replies } from './controller.ts';
import { refusedInProcess } from './in-process.ts';
import { ONE_LINE, relight } from './relight.ts';

let close: (() => Promise<void>) | null = null;
afterEach(async () => {
  await close?.();
  close = null;
});

async function serve(replies: Replies) {
  const server = await contractServer(replies);
  close = server.close;
  return server;
}

describe('status', () => {
  test('shows how the site stands', async () => {
    const { url } = await serve({ '/api/v1/site': json(200, aView()) });
    const { code, out } = await relight(['status', '--controller', url]);
    expect(code).toBe(0);
    expect(out).toContain('PARTIAL/HOLDING, hold.running, hold 3 min left  (2 of 2 known votes up, 2 needed)');
    expect(out).toContain('suppressed  for 10 min no miner is pushed, whoever asks (hold.running: a pool serves work;');
    expect(out).toContain('outage 1 for 10 min; what it cost was not counted');
    expect(out).toContain('2 miners: 2 waiting');
    expect(out).toContain('no restart');
  });

  test('says what an outage has cost, what became of the power, and whether a restart fits', async () => {
    const cost = {
      toMs: 0,
      hashLostEh: 72,
      idleKwh: 12,
      minerHours: 10,
      hashUnknownMinerHours: 2,
      idleUnknownMinerHours: 0,
    };
    const power = { state: 'back' as const, sinceMs: null, backMs: 500_000, begun: 2, read: 2 };
    const outage = { outage: 3, startedMs: 400_000, endedMs: null, windows: [], cost, power };
    const forecast = {
      openSinceMs: 940_000,
      windowsHere: 1,
      windowsBefore: 4,
      medianMs: 600_000,
      longestMs: 7_200_000,
      needMs: 1_500_000,
      needIs: 'ideal' as const,
      reached: 5,
      lasted: 2,
      chance: 3 / 7,
      fits: false,
      why: null,
    };
    const { url } = await serve({ '/api/v1/site': json(200, aView({ outage, forecast })) });
    const { out } = await relight(['status', '--controller', url]);
    expect(out).toContain('outage 3 for 10 min; at least 72 EH not computed (20 PH/s for an hour), 12 kWh drawn');
    expect(out).toContain('not known: the hash rate of 20 % of the miner-hours');
    expect(out).toContain('power  came back at 1970-01-01 00:08 UTC, before the internet: 2 of 2 miners');
    expect(out).toContain('forecast  a window has been open for 1 min; half of the 5 that are over (1 in this outage)');
    expect(out).toContain('a restart from now takes 25 min: it probably does not fit; 2 of 5 windows that got so old');
  });

  test('is the whole view with --json', async () => {
    const { url } = await serve({ '/api/v1/site': json(200, aView()) });
    const { code, out, err } = await relight(['status', '--json'], { env: { RELIGHT_CONTROLLER: `${url}/` } });
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toEqual(aView());
  });

  test.each([
    ['a page', (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi')],
    ['another document', json(200, { hello: 1 })],
    ['null', (response: ServerResponse) => response.writeHead(200).end('null')],
    ['a 404 of its own', (response: ServerResponse) => response.writeHead(404).end('no')],
  ])('says in one line that %s comes from no controller', async (_, reply) => {
    const { url } = await serve({ '/api/v1/site': (response) => void reply(response) });
    const { code, err } = await refusedInProcess(['status', '--controller', url]);
    expect([code, err]).toEqual([1, expect.stringMatching(ONE_LINE)]);
    expect(err).toContain(`what answers at ${url} is no Relight controller`);
  });

  test('ends with 1 and one line where nobody listens', async () => {
    const { url, close: leave } = await contractServer({});
    await leave();
    const { code, out, err } = await relight(['status', '--json', '--controller', url]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(ONE_LINE);
    expect(err).toContain(`no controller answers at ${url}: ECONNREFUSED`);
  });
});

describe('restart', () => {
  test('sends who and why, and prints what the controller answers', async () => {
    const server = await serve({ '/api/v1/restart/abort': json(200, { ok: true, restart: 'r-7' }) });
    const args = ['restart', 'abort', '--reason', 'smoke', '--actor', 'ana', '--controller', server.url, '--json'];
    const { code, out } = await relight(args);
    expect([code, JSON.parse(out)]).toEqual([0, { ok: true, restart: 'r-7' }]);
    expect(server.asked).toEqual([
      { method: 'POST', path: '/api/v1/restart/abort', body: { actor: 'ana', reason: 'smoke' } },
    ]);
  });

  test('says after a start what it waits for', async () => {
    const restart = { waitingFor: 'a person to approve it: relight restart approve' } as SiteView['restart'];
    const { url } = await serve({
      '/api/v1/restart/start': json(200, { ok: true, restart: 'r-7' }),
      '/api/v1/site': json(200, aView({ restart })),
    });
    const { code, out } = await relight(['restart', 'start', '--controller', url]);
    expect([code, out]).toEqual([
      0,
      'restart r-7: start taken; it now waits for a person to approve it: relight restart approve\n',
    ]);
  });

  test.each([
    ['an empty reason', ['--reason', '']],
    ['a reason of blanks', ['--reason', '  ']],
    ['a long reason', ['--reason', 'x'.repeat(REASON_MAX_CHARS + 1)]],
    ['a long actor', ['--actor', 'x'.repeat(ACTOR_MAX_CHARS + 1)]],
  ])('refuses %s before anything is asked', async (_, flags) => {
    const { code, err } = await refusedInProcess(['restart', 'resume', '--controller', 'http://127.0.0.1:1', ...flags]);
    expect(code).toBe(2);
    expect(err).toMatch(ONE_LINE);
    expect(err).toContain('for the audit');
  });

  test('ends with 1 and the controller’s own reason when it refuses', async () => {
    const refused = json(409, { code: 'NOT_RESTORED', reason: 'no pool serves work' });
    const { url } = await serve({ '/api/v1/restart/start': refused });
    const { code, out, err } = await relight(['restart', 'start', '--controller', url]);
    expect([code, out, err]).toEqual([1, '', 'relight: the controller refused: no pool serves work (NOT_RESTORED)\n']);
  });
});

describe('the live stream', () => {
  test('gives whole views, however its bytes are cut', async () => {
    const messages = [
      { kind: 'whole', view: aView({ degraded: ['диск полон'] }) },
      { kind: 'change', view: { nowMs: 1_000_250 }, miners: [aMiner('10.1.1.2', 'hashing')] },
    ];
    const bytes = Buffer.from(`: hello\n\n${messages.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')}`);
    const cut = bytes.indexOf('диск') + 1; // inside a character
    const { url } = await serve({
      '/api/v1/live': (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)));
      },
    });
    const views: SiteView[] = [];
    for await (const view of liveViews(url, new AbortController().signal)) views.push(view);
    expect(views.map(({ nowMs, degraded }) => [nowMs, degraded])).toEqual([
      [1_000_000, ['диск полон']],
      [1_000_250, ['диск полон']],
    ]);
    expect(views[1]?.miners.map(({ look }) => look)).toEqual(['waiting', 'hashing']);
  });

  test('of a server that is no controller is refused, not asked for ever', async () => {
    const { url } = await serve({ '/api/v1/live': json(200, {}) });
    const views = liveViews(url, new AbortController().signal);
    await expect(views.next()).rejects.toThrow('is no Relight controller');
  });

  test('says nothing before its first whole view', () => {
    expect(merge(null, { kind: 'change', view: { nowMs: 1 }, miners: [] })).toBeNull();
  });
});
