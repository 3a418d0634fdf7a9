import { EXIT, exitCodeOf, explain } from './failure.ts';
import { createProgram } from './program.ts';

// `relight status | head` closes the pipe while we write: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  const why = error.code === 'ENOSPC' ? 'no space is left' : error.message;
  process.stderr.write(`relight: standard output cannot be written: ${why}\n`);
  process.exit(EXIT.failed);
});

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  const text = explain(error);
  if (text !== null) process.stderr.write(text);
  process.exitCode = exitCodeOf(error);
}
