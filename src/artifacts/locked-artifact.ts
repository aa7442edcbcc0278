import { z } from 'zod';

/** One line of artifacts.lock: what was accepted once, and is insisted on from then on. */
export const LockedArtifact = z.strictObject({
  name: z.string().min(1),
  version: z.string().min(1),
  arch: z.string().min(1),
  source: z.enum(['upstream', 'build']),
  /** Upstream's address (never a mirror's). */
  url: z.string().optional(),
  /** Of a build: the compiler and what it linked against. Another toolchain may rightly give another sum. */
  toolchain: z.string().optional(),
  /** Hex, of a file. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Of an image's manifest. */
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
});

export type LockedArtifact = z.infer<typeof LockedArtifact>;

/** What tells two entries apart: everything but the sums and where it came from. */
export type ArtifactIdentity = Pick<LockedArtifact, 'name' | 'version' | 'arch' | 'source' | 'toolchain'>;

/** Are these two the same artifact, whatever their sums? */
export function sameArtifact(a: ArtifactIdentity, b: ArtifactIdentity): boolean {
  return (
    a.name === b.name &&
    a.version === b.version &&
    a.arch === b.arch &&
    a.source === b.source &&
    a.toolchain === b.toolchain
  );
}

/** "sha256:…", whichever kind it is. */
export function sumOf(artifact: LockedArtifact): string {
  return artifact.digest ?? `sha256:${artifact.sha256}`;
}

/** "kubeadm 1.36.3 for amd64 (upstream)" */
export function describeArtifact(artifact: ArtifactIdentity): string {
  return `${artifact.name} ${artifact.version} for ${artifact.arch} (${artifact.source})`;
}
