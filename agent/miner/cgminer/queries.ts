import type { RpcQuery } from '../driver.ts';

/** One of cgminer's own commands; "rpc …" beside a family's pages. */
export const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name: `rpc ${name}`,
  request: { command: name },
  ...more,
});

export const summary = command('summary');
export const devices = command('devs');
export const pools = command('pools');
export const statistics = command('stats');
