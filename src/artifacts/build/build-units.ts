import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arch } from '../../model/cluster.js';
import { adoptBlob, fileSha256, type Seal } from '../blobs.js';
import type { ComponentVersions } from '../component-versions.js';
import type { LockedArtifact } from '../locked-artifact.js';
import type { ImageContent } from '../oci/image.js';
import { imagePlacements } from '../placement.js';
import type { Unit, UnitContext, UnitResult } from '../unit.js';
import { compileC, compileGo } from './compile.js';
import type { Component, ImageRecipe } from './component.js';
import { BUILD_FORMAT, components } from './components.js';
import { haproxyUnit } from './haproxy-unit.js';
import { packetFilterLayer } from './packet-filter.js';
import { storeImage } from './store-image.js';
import type { SystemLayer } from './system-files.js';
import { findToolchain, type Toolchain } from './toolchain.js';

/**
 * A payload as units that are built from Go modules on this machine, and of a few of its own programs. Looks for the
 * whole toolchain first and rejects with `build-prerequisites` before anything is compiled.
 */
export async function buildUnits(
  versions: ComponentVersions,
  arch: Arch,
  signal: AbortSignal,
): Promise<readonly Unit[]> {
  const toolchain = await findToolchain(arch, signal);
  const packetFilter = await packetFilterLayer(signal);
  const refs = new Map(imagePlacements(versions).map((image) => [image.name, image.ref]));
  const haproxy = await haproxyUnit(refs.get('haproxy') ?? 'haproxy', { arch, zstd: toolchain.zstd, signal });
  const workshop: Workshop = { toolchain, packetFilter, refs, arch };
  return [haproxy, ...components(versions).map((component) => buildUnit(component, workshop))];
}

/** What a component takes in Go's module and build caches and here, in bytes: measured 5 GB, 2 GB and 0.5 GB for all. */
const SPACE = 500_000_000;
const SPACE_OF_KUBERNETES = 4_000_000_000;

interface Workshop {
  readonly toolchain: Toolchain;
  readonly packetFilter: SystemLayer;
  readonly refs: ReadonlyMap<string, string>;
  readonly arch: Arch;
}

function buildUnit(component: Component, workshop: Workshop): Unit {
  const { toolchain, packetFilter, arch, refs } = workshop;
  const ofComponent = usedToolchain(component, toolchain);
  const imageToolchain = (recipe: ImageRecipe) =>
    [ofComponent, toolchain.zstd, ...(recipe.packetFilter ? [packetFilter.description] : [])].join(', ');
  return {
    title: `${component.name} ${component.version}`,
    key: {
      format: BUILD_FORMAT,
      component,
      arch,
      toolchain: ofComponent,
      images: component.images.map((image) => [refs.get(image.name), imageToolchain(image)]),
    },
    space: component.name === 'kubernetes' ? SPACE_OF_KUBERNETES : SPACE,
    async make(context) {
      const programs = await compile(component, arch, context);
      const images: UnitResult['images'] = {};
      const locked: LockedArtifact[] = [];
      for (const recipe of component.images) {
        context.onStep(`image ${recipe.name}`);
        const ref = refs.get(recipe.name) ?? recipe.name;
        const image = await storeImage(recipe.name, await contentOf(recipe, ref, programs, workshop), context);
        images[recipe.name] = image;
        locked.push({
          name: recipe.name,
          version: ref.slice(ref.lastIndexOf(':') + 1),
          arch,
          source: 'build',
          toolchain: imageToolchain(recipe),
          digest: image.digest,
        });
      }
      const files: UnitResult['files'] = {};
      for (const [name, program] of Object.entries(component.files)) {
        files[name] = await storeProgram(join(programs, program), context);
        locked.push({
          name,
          version: component.version,
          arch,
          source: 'build',
          toolchain: ofComponent,
          sha256: files[name].sha256,
        });
      }
      return { files, images, locked };
    },
  };
}

async function compile(component: Component, arch: Arch, context: UnitContext): Promise<string> {
  const directory = join(context.directory, 'compile');
  await mkdir(directory);
  const compileContext = {
    directory,
    os: 'linux',
    arch,
    signal: context.signal,
    onLine(line: string) {
      context.onStep(line);
      context.onLine(line);
    },
  };
  return component.compile.kind === 'go'
    ? compileGo(component.compile, compileContext)
    : compileC(component.compile, compileContext);
}

/** What of the toolchain shapes this component's bytes. */
function usedToolchain(component: Component, toolchain: Toolchain): string {
  if (component.compile.kind === 'c') return toolchain.c;
  return component.compile.libraries.length > 0 ? `${toolchain.go}, ${toolchain.c}` : toolchain.go;
}

async function contentOf(
  recipe: ImageRecipe,
  ref: string,
  programs: string,
  workshop: Workshop,
): Promise<ImageContent> {
  const entries = await Promise.all(
    Object.entries(recipe.programs).map(async ([path, program]) => {
      const source = join(programs, program);
      const content = [{ path: source, size: (await stat(source)).size }];
      return { path: path.slice(1), type: 'file', mode: 0o755, content } as const;
    }),
  );
  const layers = recipe.packetFilter ? [workshop.packetFilter.entries, entries] : [entries];
  const { entrypoint, user } = recipe;
  return { ref, arch: workshop.arch, layers, entrypoint, user };
}

async function storeProgram(path: string, context: UnitContext): Promise<Seal> {
  const sha256 = await fileSha256(path, context.signal);
  return adoptBlob(context.cacheDirectory, path, sha256, 0o555);
}
