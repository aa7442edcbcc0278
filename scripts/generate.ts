import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMANDS } from '../src/cli/commands.js';
import { jsonSchema } from '../src/config/json-schema.js';
import { ERROR_CODES } from '../src/core/error-codes.js';
import { eventReference } from '../src/core/event-reference.js';
import { eventJsonSchema } from '../src/core/event-schema.js';
import { cliReference } from './reference/cli.js';
import { configReference } from './reference/config.js';
import { errorReference } from './reference/errors.js';
import { exitCodeReference } from './reference/exit-codes.js';

/**
 * Writes what is derived from the code: the JSON Schemas and docs/reference. With --check it writes nothing
 * and exits with 1 when a file is not what it would write.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

const generated: Readonly<Record<string, string>> = {
  'schema/cluster.v1alpha1.json': json(jsonSchema()),
  'schema/events.v1.json': json(eventJsonSchema()),
  'docs/reference/cli.md': cliReference(COMMANDS),
  'docs/reference/config.md': configReference(jsonSchema(), await examples()),
  'docs/reference/errors.md': errorReference(ERROR_CODES),
  'docs/reference/events.md': eventReference(),
  'docs/reference/exit-codes.md': exitCodeReference(),
};

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [file, content] of Object.entries(generated)) {
  const path = join(root, file);
  if ((await readFile(path, 'utf8').catch(() => undefined)) === content) continue;
  stale.push(file);
  if (check) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
if (stale.length > 0) {
  process.stdout.write(`${check ? 'stale (run npm run generate)' : 'written'}: ${stale.join(', ')}\n`);
  if (check) process.exitCode = 1;
}

/** The files of examples/, the shortest first, each with its first comment line as the title. */
async function examples() {
  const folder = join(root, 'examples');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const all = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      const title = /^# (?!yaml-language-server)(.+)$/m.exec(text)?.[1] ?? file;
      return { title: `${title} (examples/${file})`, text };
    }),
  );
  return all.sort((a, b) => a.text.length - b.text.length);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
