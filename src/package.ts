import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the installed package (or of the checkout): src/ and dist/ lie equally deep in it. */
export function packageDirectory(): string {
  return fileURLToPath(new URL('..', import.meta.url));
}

/** "1.2.3": the version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
