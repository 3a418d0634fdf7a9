import { type Bucket, newBucket, take } from './bucket.ts';

export type Admission = Readonly<{
  /** Null: come in, and call `release` exactly once. Otherwise the reason and the seconds after which to try again. */
  admit(ip: string, nowMs: number): Readonly<{ why: string; retryAfterS: number }> | null;
  /** The peer has proven itself or is gone. */
  release(ip: string): void;
}>;

export type AdmissionLimits = Readonly<{ admitPerS: number; halfOpenPerIpMax: number }>;

const RETRY_AFTER_S = 1;

/** Who may begin a connection: so many a second in all, and so many unproven ones from one address. */
export function createAdmission({ admitPerS, halfOpenPerIpMax }: AdmissionLimits): Admission {
  const halfOpen = new Map<string, number>();
  let bucket: Bucket = newBucket(admitPerS);
  return {
    admit(ip, nowMs) {
      const open = halfOpen.get(ip) ?? 0;
      if (open >= halfOpenPerIpMax) return { why: 'too many unproven connections', retryAfterS: RETRY_AFTER_S };
      const taken = take(bucket, 1, nowMs);
      bucket = taken.bucket;
      if (taken.waitMs > 0) return { why: 'too many at once', retryAfterS: RETRY_AFTER_S };
      halfOpen.set(ip, open + 1);
      return null;
    },
    release(ip) {
      const open = halfOpen.get(ip) ?? 0;
      if (open <= 1) halfOpen.delete(ip);
      else halfOpen.set(ip, open - 1);
    },
  };
}
