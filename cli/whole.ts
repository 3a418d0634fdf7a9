import { InvalidArgumentError } from 'commander';

/** For an option or argument that is a whole number within bounds. */
export const whole =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`a whole number from ${low} to ${high} is wanted`);
  };
