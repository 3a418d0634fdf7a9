import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, createApi } from '../../../controller/api/api.io.ts';
import type { ApiLimits } from '../../../controller/api/limits.ts';
import { silentLog } from '../../../shared/log.ts';
import { type TestPort, testPort } from './port.ts';
import { aView } from './view.ts';

export type Served = Readonly<{ api: Api; port: TestPort; url: string; stop(): Promise<void> }>;

/** The API on a free port of loopback, with a page of one line. */
export async function serve(limits: Partial<ApiLimits> = {}, port = testPort(aView(24))): Promise<Served> {
  const pageDir = mkdtempSync(join(tmpdir(), 'relight-page-'));
  writeFileSync(join(pageDir, 'index.html'), '<!doctype html><title>Relight</title>');
  const api = await createApi({ port, listen: { host: '127.0.0.1', port: 0 }, log: silentLog, pageDir, limits });
  const stop = async (): Promise<void> => {
    await api.close();
    rmSync(pageDir, { recursive: true });
  };
  return { api, port, url: `http://127.0.0.1:${api.at.port}`, stop };
}

export type Reply = Readonly<{
  status: number;
  headers: Readonly<Record<string, unknown>>;
  text: string;
  json: () => unknown;
}>;
export type Ask = Readonly<{ method?: string; headers?: Readonly<Record<string, string>>; body?: string }>;

/** A plain request, with any header that a browser would not let a page set. */
export function ask({ api }: Served, path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...api.at, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text) as unknown,
        }),
      );
    });
    asked.on('error', reject).end(body);
  });
}

export const act = (
  served: Served,
  name: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  ask(served, `/api/v1/restart/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
