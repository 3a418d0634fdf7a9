import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
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

describe.each(stores)('$name store', ({ make }) => storeContract(make));
