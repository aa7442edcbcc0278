import type { Rig } from './rig.js';

/** How the API answered while something else went on. */
export interface Watched extends AsyncDisposable {
  /** Ends the watch. `longestMs`: how long it was from an answer to the next one, at most. */
  end(): Promise<{ readonly asked: number; readonly failed: number; readonly longestMs: number }>;
}

/** Asks the API for its nodes, through the user's kubeconfig, again and again until it is told to end. */
export function watchApi(rig: Rig): Watched {
  let ended = false;
  let asked = 0;
  let failed = 0;
  let longestMs = 0;
  const watching = (async () => {
    let answered = Date.now();
    while (!ended) {
      asked += 1;
      try {
        await rig.kubectl('--request-timeout=2s', 'get', 'nodes', '-o', 'name');
        longestMs = Math.max(longestMs, Date.now() - answered);
        answered = Date.now();
      } catch {
        failed += 1;
      }
    }
    longestMs = Math.max(longestMs, Date.now() - answered);
  })();
  const end = async () => {
    ended = true;
    await watching;
    return { asked, failed, longestMs };
  };
  return { end, [Symbol.asyncDispose]: async () => void (await end()) };
}
