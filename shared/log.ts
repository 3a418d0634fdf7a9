/** What a shell logs through (pino has this shape). Pure code never logs: it returns reasons. */
export type Log = Readonly<{
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}>;

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
