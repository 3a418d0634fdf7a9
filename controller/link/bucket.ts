/** A token bucket that holds one second's worth. */
export type Bucket = Readonly<{ perS: number; tokens: number; atMs: number | null }>;

export const newBucket = (perS: number): Bucket => ({ perS, tokens: perS, atMs: null });

/** Takes if there is enough (`waitMs` 0); otherwise takes nothing and says when there will be. */
export function take(bucket: Bucket, amount: number, nowMs: number): Readonly<{ bucket: Bucket; waitMs: number }> {
  const filled = refill(bucket, nowMs);
  // What is larger than a whole second's worth passes a full bucket, or it would never pass.
  const needed = Math.min(amount, bucket.perS);
  if (filled.tokens < needed) {
    return { bucket: filled, waitMs: Math.ceil(((needed - filled.tokens) * 1_000) / bucket.perS) };
  }
  return { bucket: { ...filled, tokens: filled.tokens - amount }, waitMs: 0 };
}

/** Takes in any case and says how long to wait before the next. */
export function charge(bucket: Bucket, amount: number, nowMs: number): Readonly<{ bucket: Bucket; waitMs: number }> {
  const filled = refill(bucket, nowMs);
  const tokens = filled.tokens - amount;
  return { bucket: { ...filled, tokens }, waitMs: tokens >= 0 ? 0 : Math.ceil((-tokens * 1_000) / bucket.perS) };
}

function refill(bucket: Bucket, nowMs: number): Bucket {
  const passedMs = bucket.atMs === null ? 0 : Math.max(0, nowMs - bucket.atMs);
  return { ...bucket, atMs: nowMs, tokens: Math.min(bucket.perS, bucket.tokens + (passedMs * bucket.perS) / 1_000) };
}
