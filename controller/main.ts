import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../config/site.ts';
import { createApi } from './api/api.io.ts';
import { type DaemonOptions, openDaemon } from './daemon.io.ts';

export type ControllerOptions = DaemonOptions;

export type Controller = Readonly<{
  agentsAt: Endpoint;
  pageAt: Endpoint;
  /** Says goodbye to the agents and ends within two seconds. The restart goes on where it is at the next start. */
  stop(): Promise<void>;
}>;

const PAGE_DIR = fileURLToPath(new URL('./web/dist', import.meta.url));

/**
 * Starts one site's controller: store, link, restart, API and page. Throws RelightError CONFIG_NOT_LOOPBACK, LOCKED,
 * STATE_DIR, STORE, PORT_IN_USE or CONFIG_*; then nothing is left open.
 */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const { config, log } = options;
  const daemon = await openDaemon(options);
  try {
    const api = await createApi({ port: daemon.port, listen: config.listen.page, log, pageDir: PAGE_DIR });
    const stop = async (): Promise<void> => {
      await Promise.all([api.close(), daemon.stop()]);
    };
    daemon.announce();
    return { agentsAt: daemon.agentsAt, pageAt: api.at, stop };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}
