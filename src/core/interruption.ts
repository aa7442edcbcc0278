/**
 * That a run is being aborted, as heard by its steps. A thousand of them may listen at once, for which an
 * AbortSignal is the wrong thing: it looks through all of its listeners whenever one comes.
 */
export interface Interruption {
  readonly begun: boolean;
  /** Calls back when it begins; the returned function ends that. */
  listen(run: () => void): () => void;
  begin(): void;
}

/** Nothing is interrupted yet. */
export function createInterruption(): Interruption {
  const listeners = new Set<() => void>();
  let begun = false;
  return {
    get begun() {
      return begun;
    },
    listen(run) {
      listeners.add(run);
      return () => void listeners.delete(run);
    },
    begin() {
      begun = true;
      for (const run of listeners) run();
    },
  };
}
