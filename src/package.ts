import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** "1.2.3": the version in package.json, which lies one folder above both src/ and dist/. */
export function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return version;
}

/** The file of the built CLI: for a Node that is started anew. */
export function cliFile(): string {
  return fileURLToPath(new URL('../dist/cli.js', import.meta.url));
}
