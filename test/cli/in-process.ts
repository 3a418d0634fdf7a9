import { jest } from '@jest/globals';
import { exitCodeOf, explain } from '../../cli/failure.ts';
import { createProgram } from '../../cli/program.ts';

/** For what must be refused before anything starts: as `cli/main.ts`, without a process for each. */
export async function refusedInProcess(args: readonly string[]): Promise<Readonly<{ code: number; err: string }>> {
  let err = '';
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    return { code: exitCodeOf(error), err: err + (explain(error) ?? '') };
  } finally {
    stderr.mockRestore();
  }
  throw new Error(`it was accepted: ${args.join(' ')}`);
}
