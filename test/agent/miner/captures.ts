import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type Exchange = Readonly<{
  transport: string;
  port?: number;
  status?: number;
  request: Readonly<{
    command?: string;
    cmd?: string;
    raw?: string;
    param?: unknown;
    method?: string;
    path?: string;
    body?: unknown;
  }>;
  response?: unknown;
  response_text?: string;
}>;
type Foreman = Readonly<{
  hashrate_hs: number;
  hashrate_ths: number;
  hashrate_ideal_hs?: number;
  boards: number;
  fans_rpm?: readonly number[];
  temps_c?: readonly number[];
  power_mode?: string;
  miner_type?: string;
  compile_time?: string;
}>;
/** The union of what the sources assert; see the README beside the captures. */
export type Expected = Readonly<{
  pools?: readonly Readonly<{
    host_port: string;
    worker: string;
    up: boolean;
    accepted_shares: number;
    rejected_shares: number;
  }>[];
  asics?: readonly Foreman[];
  chain_hashrates_ghs?: Readonly<Record<string, number>>;
  total_ideal_hashrate_ghs?: number;
  fans_rpm?: Readonly<Record<string, number>>;
  temps_c?: Readonly<Record<string, number>>;
  hashrate_ths?: number;
  expected_hashrate_ths?: number;
  power_w?: number;
  power_limit_w?: number;
  uptime_s?: number;
  is_mining?: boolean;
  fans_count?: number;
  hashboards_count?: number;
  pools_count?: number;
  firmware_version?: string;
  api_version?: string;
  hostname?: string;
  mac?: string;
  model?: string;
  error_codes?: readonly number[];
}>;
export type Capture = Readonly<{
  family: string;
  name: string;
  model: string;
  exchanges: readonly Exchange[];
  expected: Expected | null;
}>;

const SHARED = process.env.RELIGHT_SHARED ?? resolve(import.meta.dirname, '../../../../shared');
export const CAPTURES = join(SHARED, 'reference/captures');

/** Empty, and said so, where the captures are absent. */
export function capturesOf(...families: readonly string[]): readonly Capture[] {
  const missing = families.filter((family) => !existsSync(join(CAPTURES, family)));
  if (missing.length > 0) {
    console.warn(`SKIPPED: no captures of ${missing.join(', ')} under ${CAPTURES}; set RELIGHT_SHARED`);
  }
  return families.filter((family) => !missing.includes(family)).flatMap(ofFamily);
}

const ofFamily = (family: string): readonly Capture[] =>
  readdirSync(join(CAPTURES, family)).map((name) => {
    const read = (file: string): unknown => JSON.parse(readFileSync(join(CAPTURES, family, name, file), 'utf8'));
    const expected = existsSync(join(CAPTURES, family, name, 'expected.json'))
      ? (read('expected.json') as Expected)
      : null;
    const { model } = read('device.json') as { model: string };
    return { family, name, model, exchanges: read('exchanges.json') as Exchange[], expected };
  });
