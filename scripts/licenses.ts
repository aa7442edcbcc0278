import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The licences of every package that was bundled, as their authors wrote them. Throws where a package
 * declares none: it must not be shipped then.
 */
export async function thirdPartyLicenses(root: string, bundledFiles: readonly string[]): Promise<string> {
  const folders = new Set(bundledFiles.flatMap((file) => packageFolder(file) ?? []));
  const entries = await Promise.all([...folders].sort().map((folder) => licenseOf(root, folder)));
  const head = 'kubewright contains these packages, each under its own licence.\n';
  return [head, ...entries].join(`\n${'-'.repeat(80)}\n\n`);
}

/** "node_modules/a/node_modules/@b/c" of "node_modules/a/node_modules/@b/c/index.js". */
function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

async function licenseOf(root: string, folder: string): Promise<string> {
  const manifest: Manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  // The second is how it was written before npm 2.
  const name = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' or ');
  if (name === undefined) throw new Error(`${folder}: package.json declares no licence`);
  const file = (await readdir(join(root, folder))).find((entry) => /^(licen[cs]e|copying)(\.|-|$)/i.test(entry));
  const text =
    file === undefined
      ? 'The package brings no licence text of its own.\n'
      : await readFile(join(root, folder, file), 'utf8');
  return `${manifest.name} ${manifest.version}: ${name}\n\n${text}`;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly licenses?: readonly { readonly type: string }[];
}
