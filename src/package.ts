import { readFileSync } from 'node:fs';

/** "1.2.3": the version in package.json, which lies one folder above both src/ and dist/. */
export function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return version;
}
