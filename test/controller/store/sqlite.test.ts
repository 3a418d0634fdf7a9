import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Kysely, sql } from 'kysely';
import { sqliteDialect } from '../../../controller/store/sqlite/dialect.io.ts';
import { localPort, openEngine } from '../../../controller/store/sqlite/engine.io.ts';
import { MIGRATIONS, migrate } from '../../../controller/store/sqlite/migrate.io.ts';
import { openSqliteStore } from '../../../controller/store/sqlite/open.io.ts';
import { storeContract } from '../../contract/store.ts';

const stores = [
  {
    name: 'sqlite',
    make: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'relight-store-'));
      return {
        open: () => openSqliteStore({ file: join(directory, 'relight.db') }),
        remove: () => rm(directory, { recursive: true, force: true }),
      };
    },
  },
];

test('its files can be read by their user alone, wherever they stand', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'relight-store-'));
  const store = await openSqliteStore({ file: join(directory, 'foo') });
  const modes = await Promise.all(['foo', 'foo-wal'].map(async (name) => (await stat(join(directory, name))).mode));
  await store.close();
  await rm(directory, { recursive: true });
  expect(modes.map((mode) => mode & 0o777)).toEqual([0o600, 0o600]);
});

test('reads outages of a store from before costs were counted, and keeps those of today beside them', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'relight-store-'));
  const file = join(directory, 'relight.db');
  const port = localPort(openEngine({ file, maxBytes: 10_000_000, lockWaitMs: 0 }));
  const db = new Kysely<unknown>({ dialect: sqliteDialect(port) });
  await migrate(db, MIGRATIONS.slice(0, 1));
  await sql`insert into outages (site, outage, started_ms, ended_ms, windows) values ('s', 1, 10, 20, '[]')`.execute(
    db,
  );
  await db.destroy();
  const store = await openSqliteStore({ file });
  const old = { site: 's', outage: 1, startedMs: 10, endedMs: 20, windows: [], cost: null, power: null };
  const power = { state: 'away' as const, sinceMs: 30, silent: 9, miners: 10 };
  await store.saveOutage({ ...old, outage: 2, power });
  expect(await store.outages('s', 9)).toEqual([{ ...old, outage: 2, power }, old]);
  await store.close();
  await rm(directory, { recursive: true });
});

describe.each(stores)('$name store', ({ make }) => storeContract(make));
