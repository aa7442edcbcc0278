import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path/posix';
import { KubewrightError } from '../core/errors.js';
import { sh } from '../transport/command.js';
import { type Disk, diskProbe } from './facts/disk.js';
import { type FileState, filesProbe } from './facts/files.js';
import { gather, valuesOf } from './probe.js';
import type { RemoteHost, Upload, UploadOptions } from './remote-host.js';
import { mebibytes, sendFiles, uploadFailed } from './send-files.js';

/** Implements `RemoteHost.upload`: one round trip to see what is there already, then the rest over a few channels. */
export async function uploadFiles(host: RemoteHost, files: readonly Upload[], options: UploadOptions): Promise<void> {
  if (files.length === 0) return;
  const { files: states, disks } = await survey(host, files, options);
  const missing = files.filter((file) => !isThere(file, states.get(file.destination)));
  for (const file of missing) refuseFolder(host, file, states.get(file.destination));
  await Promise.all(missing.map((file) => checkSource(host, file)));
  refuseFullDisk(host, missing, files, disks);
  await setModes(host, files, states, options);
  await sendAll(host, missing, options);
}

/**
 * Channels for the files of one host: while the checksum of one file is taken there, another is on its way. More would
 * not be faster, and a channel for each file costs 50 ms of processor time.
 */
const CHANNELS = 3;

async function survey(host: RemoteHost, files: readonly Upload[], options: UploadOptions) {
  const paths = files.map((file) => file.destination);
  const context = { signal: options.context.signal, line: () => {} };
  const probes = { files: filesProbe(paths), disks: diskProbe(paths.map((path) => dirname(path))) };
  return valuesOf(host, await gather(host, probes, { context, timeoutMs: options.timeoutMs }));
}

function isThere(file: Upload, state: FileState | undefined): state is FileState & { kind: 'file' } {
  return state?.kind === 'file' && state.sha256 === file.sha256;
}

function refuseFolder(host: RemoteHost, file: Upload, state: FileState | undefined): void {
  if (state?.kind === 'other') {
    throw uploadFailed(host, file, 'something that is not a file is in its place', {
      hint: 'Remove it, then run the same command again.',
    });
  }
}

async function checkSource(host: RemoteHost, file: Upload): Promise<void> {
  const { size } = await stat(file.source).catch((cause: unknown) => {
    throw uploadFailed(host, file, `${file.source} cannot be read: ${cause instanceof Error ? cause.message : cause}`);
  });
  if (size !== file.size) throw uploadFailed(host, file, `${file.source} has ${size} bytes instead of ${file.size}`);
}

function refuseFullDisk(
  host: RemoteHost,
  missing: readonly Upload[],
  files: readonly Upload[],
  disks: readonly Disk[],
): void {
  const needs = new Map<string, { disk: Disk; bytes: number; folder: string }>();
  for (const file of missing) {
    const disk = disks[files.indexOf(file)];
    if (disk === undefined) continue;
    const need = needs.get(disk.mount) ?? { disk, bytes: 0, folder: dirname(file.destination) };
    needs.set(disk.mount, { ...need, bytes: need.bytes + file.size });
  }
  for (const { disk, bytes, folder } of needs.values()) {
    // A file system without a size (proc, autofs) has no room to run out of.
    if (disk.total > 0 && bytes > disk.free) throw diskFull(host, folder, disk, bytes);
  }
}

async function setModes(
  host: RemoteHost,
  files: readonly Upload[],
  states: ReadonlyMap<string, FileState>,
  options: UploadOptions,
): Promise<void> {
  const wrong = files.filter((file) => {
    const state = states.get(file.destination);
    return isThere(file, state) && Number.parseInt(state.mode, 8) !== Number.parseInt(file.mode, 8);
  });
  if (wrong.length === 0) return;
  const pairs = wrong.flatMap((file) => [file.mode, file.destination]);
  await host.script(
    sh`set -- ${pairs}
while [ $# -gt 0 ]; do chmod -- "$1" "$2" || exit; shift 2; done`,
    {
      context: { signal: options.context.signal, line: () => {} },
      timeoutMs: options.timeoutMs,
      title: 'set the modes of files',
      show: false,
    },
  );
}

async function sendAll(host: RemoteHost, files: readonly Upload[], options: UploadOptions): Promise<void> {
  const { context, timeoutMs } = options;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  // The first that fails ends the others: whoever asked for all of them cannot go on anyway.
  const failure = new AbortController();
  const signal = AbortSignal.any([context.signal, failure.signal]);
  let first: { readonly error: unknown } | undefined;
  let done = 0;
  const sending = shares(files).map(async (share) => {
    try {
      await sendFiles(host, share, { signal, timeoutMs }, (bytes, file) => {
        done += bytes;
        context.progress(done, total, 'bytes', basename(file.destination));
      });
    } catch (error) {
      first ??= { error };
      failure.abort();
    }
  });
  await Promise.all(sending);
  if (first !== undefined) throw first.error;
}

/** The files in shares of about the same size, one for each channel. */
function shares(files: readonly Upload[]): readonly (readonly Upload[])[] {
  const parts = Array.from({ length: Math.min(CHANNELS, files.length) }, () => ({ files: [] as Upload[], size: 0 }));
  for (const file of files.toSorted((a, b) => b.size - a.size)) {
    const smallest = parts.reduce((least, part) => (part.size < least.size ? part : least));
    smallest.files.push(file);
    smallest.size += file.size;
  }
  return parts.map((part) => part.files);
}

function diskFull(host: RemoteHost, folder: string, disk: Disk, needed: number): KubewrightError {
  return new KubewrightError(
    'host-disk-full',
    `${host.name} has not enough room for ${folder}: ${mebibytes(needed)} are needed, ${mebibytes(disk.free)} are free on ${disk.mount}.`,
    { host: host.name },
  );
}
