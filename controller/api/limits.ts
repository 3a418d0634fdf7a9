export type ApiLimits = Readonly<{
  /** Requests a minute from one address. */
  requestsPerMin: number;
  /** Of those, acts: more is a loop in a script, and each costs an audit row. */
  actsPerMin: number;
  bodyMaxBytes: number;
  /** Open live streams. */
  liveClients: number;
  /** What may wait for a live client beyond its whole view, before it is dropped. */
  liveBufferBytes: number;
  /** Real time between comments that keep middle boxes from closing a quiet stream. */
  heartbeatMs: number;
}>;

export const API_LIMITS: ApiLimits = {
  requestsPerMin: 3_000, // a few pages and command lines that ask some times a second
  actsPerMin: 60,
  bodyMaxBytes: 4_096, // the longest legal body has some 2,400 bytes
  liveClients: 32, // at 20,000 miners each may hold a whole view of 5 MB
  liveBufferBytes: 1_048_576,
  heartbeatMs: 10_000,
};
