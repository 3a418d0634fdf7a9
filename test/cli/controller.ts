import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SiteView } from '../../shared/view.ts';

export type Asked = Readonly<{ method: string; path: string; body: unknown }>;
export type Replies = Readonly<Record<string, (response: ServerResponse) => void>>;

/** An HTTP server that answers as the contract of the controller's API says, and keeps what it was asked. */
export async function contractServer(replies: Replies) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      asked.push({ method: request.method ?? '', path: request.url ?? '', body });
      const reply = replies[request.url ?? ''];
      if (reply) reply(response);
      else json(404, { code: 'NOT_FOUND', reason: 'no such route' })(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? null : JSON.parse(text);
}

export const json = (status: number, body: object) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** A site that waits for its first hold. */
export const aView = (changes: Partial<SiteView> = {}): SiteView => ({
  site: 'small',
  nowMs: 1_000_000,
  rate: 1,
  epoch: 1,
  connectivity: {
    state: 'PARTIAL',
    label: 'HOLDING',
    whyNot: 'hold.running',
    sinceMs: 900_000,
    holdRemainingMs: 200_000,
    votes: { configured: 2, known: 2, up: 2, needed: 2 },
    uplinks: [],
  },
  suppressed: { why: 'hold.running', sinceMs: 400_000 },
  forecast: null,
  outage: { outage: 1, startedMs: 400_000, endedMs: null, windows: [], cost: null, power: null },
  outages: [],
  timeline: [],
  agents: [{ agent: 'a1', linked: true, lastSeenMs: 999_000, miners: 2, degraded: [] }],
  feeds: [
    {
      feed: 'site',
      parent: null,
      capW: 40_000,
      committedW: 12_345,
      drawW: 6_136,
      booting: 1,
      maxBooting: 2,
      miners: 2,
      refusal: null,
    },
  ],
  miners: [aMiner('10.1.1.1'), aMiner('10.1.1.2')],
  restart: null,
  degraded: [],
  ...changes,
});

export const aMiner = (miner: string, look: SiteView['miners'][number]['look'] = 'waiting') => ({
  miner,
  feed: 'site',
  model: 'Antminer S19j Pro 104T',
  family: 'antminer-stock',
  look,
  why: null,
  hashrateThs: null,
  powerW: null,
  seenMs: null,
  job: null,
  wave: null,
  rung: null,
});
