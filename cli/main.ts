import { exitCodeOf, explain } from './failure.ts';
import { createProgram } from './program.ts';

// `relight status | head` closes the pipe while we write: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  const text = explain(error);
  if (text !== null) process.stderr.write(text);
  process.exitCode = exitCodeOf(error);
}
