/**
 * Every code an operator may meet. Expected refusals are values that carry one; a RelightError means a wrong
 * configuration, a world that does not let us run, or a broken assumption. Tests assert codes, never wording.
 */
export const ERROR_CODES = {
  USAGE: 'the command line is wrong',
  CONFIG_READ: 'a configuration file cannot be read',
  CONFIG_SYNTAX: 'a configuration file is not YAML',
  CONFIG_UNKNOWN_KEY: 'a key that Relight does not know',
  CONFIG_VALUE: 'a value of the wrong type, unit or range',
  CONFIG_MISSING: 'a required key is missing',
  CONFIG_FEED_CAP: 'a cap that cannot carry its own load',
  CONFIG_FEED_TWICE: 'a feed named twice',
  CONFIG_MINER_TWICE: 'a miner in two places',
  CONFIG_REFERENCE: 'a name that nothing in the file has',
  CONFIG_PERMISSIONS: 'a secret file that others can read',
  CONFIG_NOT_LOOPBACK: 'a listener on the network without --insecure-lan',
  PORT_IN_USE: 'an address is taken by another process',
  STATE_DIR: 'the state directory cannot be written',
  STORE: 'the store cannot be opened or written',
  LOCKED: 'another process has this state directory',
  PLAN_INFEASIBLE: 'the miners do not fit under a feed',
  LINK_REFUSED: 'the other side of the link refused us',
  MINER_UNREADABLE: 'a miner gave nothing usable',
  API_UNREACHABLE: 'no controller answers',
  API_REFUSED: 'the controller refused the request',
  INTERNAL: 'a broken assumption of Relight itself',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export class RelightError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'RelightError';
    this.code = code;
    this.details = details;
  }
}
