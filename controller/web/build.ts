import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Bundles the page into `outDir`: three files, nothing from elsewhere. */
async function buildPage(outDir: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: { app: join(here, 'main.tsx') },
    outdir: outDir,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome109', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  });
  mkdirSync(outDir, { recursive: true });
  for (const { path, contents } of outputFiles) put(path, contents);
  // Last: whether the page is fresh is judged by this file.
  put(join(outDir, 'index.html'), readFileSync(join(here, 'index.html')));
}

/** Several controllers may start at once: whoever reads finds a whole file, of one build or the other. */
function put(file: string, contents: Uint8Array): void {
  const aside = `${file}.${process.pid}.tmp`;
  writeFileSync(aside, contents);
  renameSync(aside, file);
}

await buildPage(resolve(process.argv[2] ?? join(here, 'dist')));
