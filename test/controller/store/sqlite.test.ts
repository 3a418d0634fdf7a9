import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
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

describe.each(stores)('$name store', ({ make }) => storeContract(make));
