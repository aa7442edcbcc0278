/** The way to a value in a config: names of fields and indexes of lists. */
export type Path = readonly (string | number)[];

/** Something wrong with a config, before its place in the file is looked up. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly path: Path;
  /** What of the path is pointed at: its key or its value. A path that the file lacks is pointed at by its nearest parent. */
  readonly at: 'key' | 'value';
  /**
   * All paths that the problem follows from, where that is not `path` alone. A problem is left out when one of them
   * has a problem of its own already: it may be no more than a consequence.
   */
  readonly because?: readonly Path[] | undefined;
}

/** "nodes.workers.hosts[0].address", as messages write it; "" for the whole config. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z0-9_-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/** May a problem be no more than a consequence of something wrong at one of these paths, or above? */
export function isConsequence({ path, because = [path] }: Problem, causes: readonly Path[]): boolean {
  return because.some((one) => causes.some((cause) => cause.every((part, index) => part === one[index])));
}
