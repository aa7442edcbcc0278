import { createHash } from 'node:crypto';

/** What lies at a path of a fake disk. */
export interface Entry {
  /** Absent for a file whose content does not matter, such as a binary. */
  readonly content?: string | undefined;
  readonly link?: string | undefined;
  readonly sha256: string;
  readonly size: number;
  /** Octal: "644". */
  readonly mode: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** The files of a fake machine. Folders are there when they were made, or when something is in them. */
export class Disk {
  readonly #entries = new Map<string, Entry>();
  readonly #folders = new Set<string>();
  #time = 1_700_000_000;

  get(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  /** A file's text; empty where there is none. */
  text(path: string): string {
    return this.#entries.get(path)?.content ?? '';
  }

  write(path: string, content: string, mode = '644'): void {
    this.put(path, { content, sha256: sumOf(content), size: Buffer.byteLength(content), mode });
  }

  put(path: string, entry: Omit<Entry, 'time'>): void {
    this.#time += 1;
    this.#entries.set(path, { ...entry, time: this.#time });
  }

  makeFolder(path: string): void {
    this.#folders.add(path);
  }

  move(from: string, to: string): void {
    const entry = this.#entries.get(from);
    if (entry === undefined) return;
    this.#entries.delete(from);
    this.#entries.set(to, entry);
  }

  exists(path: string): boolean {
    return this.#entries.has(path) || this.#folders.has(path) || this.list(path).length > 0;
  }

  /** The paths of all files below a folder. */
  list(folder: string): readonly string[] {
    return [...this.#entries.keys()].filter((path) => path.startsWith(`${folder}/`));
  }

  /** Removes a file, a folder with all that is in it, or what a pattern with stars in its last part matches. */
  remove(pattern: string): void {
    const matches = matcher(pattern);
    for (const path of [...this.#entries.keys(), ...this.#folders]) {
      if (matches(path)) {
        this.#entries.delete(path);
        this.#folders.delete(path);
      }
    }
  }
}

function matcher(pattern: string): (path: string) => boolean {
  if (!pattern.includes('*')) return (path) => path === pattern || path.startsWith(`${pattern}/`);
  const expression = new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]*')}$`,
  );
  return (path) => expression.test(path);
}

/** The same few texts are on every host. */
const sums = new Map<string, string>();

function sumOf(content: string): string {
  const known = sums.get(content);
  if (known !== undefined) return known;
  const sum = createHash('sha256').update(content).digest('hex');
  if (content.length < 20_000) sums.set(content, sum);
  return sum;
}
