/** Time, so that tests can bring their own. */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
}

/** The real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    // Node fires a longer timer at once.
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
};

/** 24.8 days: what fits into Node's 32 bits. */
const LONGEST_TIMER = 2 ** 31 - 1;
