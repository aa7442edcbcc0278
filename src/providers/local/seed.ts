import { Readable } from 'node:stream';
import { chunksOf } from '../../artifacts/oci/segment.js';
import { tarArchive } from '../../artifacts/oci/tar.js';
import type { Payload } from '../../artifacts/payload.js';
import { KubewrightError } from '../../core/errors.js';
import type { StepContext } from '../../core/step.js';
import type { Engine } from './engine.js';
import { runHelper } from './helper.js';
import type { LocalRun } from './local-run.js';
import { privilegeFlags } from './privileges.js';
import { LOOK_SCRIPT, seedScript } from './seed-script.js';
import { storeFlags } from './store-volume.js';

/**
 * Puts a payload into the store, unless it is there: what is missing is streamed to the engine, so that it may be
 * anywhere, verified there, and the images are unpacked. Errors: `engine-disk-full` before anything is sent.
 */
export async function makeSeed(
  key: string,
  payload: Payload,
  run: LocalRun,
  context: Pick<StepContext, 'emit' | 'line' | 'progress'>,
  signal: AbortSignal,
): Promise<void> {
  const { image } = run;
  const engine = await run.engine(signal);
  const flags = storeFlags(run.settings.storeVolume);
  const store = parseLook(await runHelper(engine, LOOK_SCRIPT, [], { image, flags, signal }));
  if (store.seeds.has(key)) return;
  const missing = onlyOnce([...payload.files, ...payload.images]).filter(({ sha256 }) => !store.files.has(sha256));
  needRoom(payload, missing, store.freeBytes, engine);
  const { privileges } = await run.abilities(signal);
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  const damaged: string[] = [];
  let unseeded: string | undefined;
  await runHelper(engine, seedScript(key, payload, store.files), [], {
    image,
    flags: [...flags, ...privilegeFlags(engine, privileges), '--tmpfs', '/run:exec'],
    signal,
    timeoutMs: 30 * 60_000,
    stdin: streamOf(missing, (sent) => context.progress(sent, total, 'bytes', 'artifacts to the store')),
    onLine(line, stream) {
      const [, kind, rest = ''] = /^(unseeded|damaged) (.*)/.exec(line) ?? [];
      if (kind === 'damaged') damaged.push(rest);
      else if (kind === 'unseeded') unseeded = rest;
      else context.line(line, stream);
    },
  }).catch((error: unknown) => {
    throw damaged.length > 0 ? damagedFiles(damaged, payload) : error;
  });
  if (unseeded === undefined) return;
  const text = `images are unpacked on each node, not once for all: ${unseeded}`;
  context.emit({ type: 'note', level: 'warning', text });
}

interface Store {
  readonly freeBytes: number;
  readonly seeds: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

function parseLook(output: string): Store {
  const lines = output.split('\n').map((line) => line.split(' '));
  const all = (kind: string) => new Set(lines.flatMap(([first, value = '']) => (first === kind ? [value] : [])));
  const [free = '0'] = all('free');
  return { freeBytes: Number(free) * 1024, seeds: all('seed'), files: all('file') };
}

type Piece = Pick<Payload['images'][number], 'sha256' | 'size' | 'path'>;

function onlyOnce(pieces: readonly Piece[]): readonly Piece[] {
  return [...new Map(pieces.map((piece) => [piece.sha256, piece])).values()];
}

function streamOf(pieces: readonly Piece[], onSent: (bytes: number) => void): Readable {
  const archive = tarArchive(
    pieces.map(
      ({ sha256, size, path }) => ({ path: sha256, type: 'file', mode: 0o755, content: [{ path, size }] }) as const,
    ),
  );
  return Readable.from(counted(chunksOf(archive), onSent));
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onSent: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks) {
    yield chunk;
    sent += chunk.length;
    onSent(sent);
  }
}

/** An image lies there three times: its archive, its blobs and its files. The nodes themselves want room, too. */
function needRoom(payload: Payload, missing: readonly Piece[], free: number, { program }: Engine): void {
  const size = (pieces: readonly Piece[]) => pieces.reduce((sum, piece) => sum + piece.size, 0);
  const needed = size(missing) + 2 * size(payload.images) + ROOM_TO_RUN;
  if (free >= needed) return;
  throw new KubewrightError(
    'engine-disk-full',
    `The disk that ${program} keeps its data on has ${mebibytes(free)} free, and the nodes' artifacts need ${mebibytes(needed)}`,
    { hint: `See \`${program} system df\` for what takes it; \`${program} system prune\` frees what is unused.` },
  );
}

const ROOM_TO_RUN = 1024 ** 3;

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}

function damagedFiles(sums: readonly string[], payload: Payload): KubewrightError {
  const paths = [...payload.files, ...payload.images]
    .filter(({ sha256 }) => sums.includes(sha256))
    .map(({ path }) => path);
  return new KubewrightError(
    'artifact-checksum',
    `No longer what was obtained, its sha256 differs: ${paths.join(', ')}`,
    {
      hint: `Remove it and run this again: rm ${paths.join(' ')}`,
    },
  );
}
