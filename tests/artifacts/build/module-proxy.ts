import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import { onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../../state/folder.js';

/** Why nothing can be compiled here; undefined when it can. */
export const goMissing: string | undefined = missing('go', ['version']);
export const gccMissing: string | undefined = missing('gcc', ['--version']);
export const zstdMissing: string | undefined = missing('zstd', ['--version']);

/** A module of a test: its files by path. go.mod is among them. */
export interface TestModule {
  readonly path: string;
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Lets Go fetch these modules and no others, for the duration of the test: a module proxy in a folder (`go help
 * goproxy`) and a module cache of the test's own. The build cache stays the machine's, which holds Go's library.
 */
export function moduleProxy(modules: readonly TestModule[]): void {
  const folder = temporaryFolder();
  for (const { path, version, files } of modules) {
    const directory = join(folder, path, '@v');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `${version}.info`), JSON.stringify({ Version: version }));
    writeFileSync(join(directory, `${version}.mod`), files['go.mod'] ?? '');
    const entries = Object.entries(files).map(([name, content]) => [`${path}@${version}/${name}`, content] as const);
    writeFileSync(join(directory, `${version}.zip`), zip(entries));
  }
  const cache = temporaryFolder();
  vi.stubEnv('GOPROXY', pathToFileURL(folder).href);
  vi.stubEnv('GONOSUMDB', '*');
  vi.stubEnv('GOTOOLCHAIN', 'local');
  vi.stubEnv('GOMODCACHE', cache);
  onTestFinished(() => {
    // The module cache is read-only, folders included.
    execFileSync('go', ['clean', '-modcache'], { env: { ...process.env, GOMODCACHE: cache } });
    vi.unstubAllEnvs();
  });
}

function missing(program: string, args: readonly string[]): string | undefined {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${program} is not installed`;
  }
}

/** A zip archive without compression (APPNOTE.TXT, the fields that matter). */
function zip(entries: readonly (readonly [string, string])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of entries) {
    const [path, content] = [Buffer.from(name), Buffer.from(text)];
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(content), 0);
    sizes.writeUInt32LE(content.length, 4);
    sizes.writeUInt32LE(content.length, 8);
    const local = Buffer.concat([bytes('504b0304 1400 0000 0000 0000 2100'), sizes, le16(path.length), le16(0), path]);
    directory.push(
      bytes('504b0102 1400 1400 0000 0000 0000 2100'),
      sizes,
      le16(path.length),
      bytes('0000 0000 0000 0000 00000000'),
      le32(offset),
      path,
    );
    parts.push(local, content);
    offset += local.length + content.length;
  }
  const central = Buffer.concat(directory);
  const count = le16(entries.length);
  const end = [bytes('504b0506 0000 0000'), count, count, le32(central.length), le32(offset), le16(0)];
  return Buffer.concat([...parts, central, ...end]);
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function le16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function le32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
