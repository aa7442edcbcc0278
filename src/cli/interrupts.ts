/**
 * Ctrl-C, three times over: the first one stops (nothing new is started, what runs may finish), the second
 * aborts (what runs is ended), the third leaves at once. SIGTERM counts the same.
 */
export interface Interrupts extends Disposable {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/** What is said or done at each Ctrl-C, and where they come from. */
export interface InterruptOptions {
  readonly subscribe: (listener: () => void) => () => void;
  readonly onStop: () => void;
  readonly onAbort: () => void;
  readonly onExit: () => void;
}

/** Listens until disposed. */
export function listenForInterrupts(options: InterruptOptions): Interrupts {
  const stop = new AbortController();
  const abort = new AbortController();
  const unsubscribe = options.subscribe(() => {
    if (!stop.signal.aborted) {
      stop.abort();
      options.onStop();
    } else if (!abort.signal.aborted) {
      abort.abort();
      options.onAbort();
    } else {
      options.onExit();
    }
  });
  return { stop: stop.signal, abort: abort.signal, [Symbol.dispose]: unsubscribe };
}
