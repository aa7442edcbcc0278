import { createHash } from 'node:crypto';
import { z } from 'zod';
import { KubewrightError } from '../../core/errors.js';
import type { Arch } from '../../model/cluster.js';
import type { SmallAnswer } from './fetch-text.js';
import type { HttpClient } from './http-client.js';
import { statusFailure } from './http-errors.js';
import { type Mirrors, repositoryUrl } from './mirrors.js';
import { askRegistry, invalidAnswer, parseAnswer, type RegistrySession } from './registry-session.js';

/** An image as a registry describes it: the manifest of one platform, verified. */
export interface RegistryImage {
  readonly ref: string;
  /** Of the platform's manifest. */
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: Buffer;
  /** The config and the layers, in the manifest's order. */
  readonly blobs: readonly RegistryBlob[];
  /** What to send along when fetching a blob. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RegistryBlob {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly url: string;
  readonly role: 'config' | 'layer';
}

export interface RegistryRequest {
  /** "registry.k8s.io/pause:3.10.2" */
  readonly ref: string;
  readonly arch: Arch;
  /** The digest of the platform's manifest, where one is insisted on: then that is asked for and not the tag. */
  readonly digest?: string | undefined;
  readonly mirrors: Mirrors;
  readonly signal: AbortSignal;
}

/**
 * Looks an image up by the OCI distribution specification: a token without a login where the registry wants one, the
 * manifest list, the manifest for linux on `arch`. Every digest is checked against the bytes.
 */
export async function lookUpImage(client: HttpClient, request: RegistryRequest): Promise<RegistryImage> {
  const { ref, signal } = request;
  const { registry, repository, tag } = parseRef(ref);
  const base = repositoryUrl(registry, repository, request.mirrors);
  const session: RegistrySession = { client, base, repository, signal, headers: {} };
  const answer = await getManifest(session, ref, request.digest ?? tag);
  const first = parseAnswer(ManifestOrIndex, answer.text, ref);
  if (first.manifests === undefined) return describe(session, ref, answer, first);

  const wanted = first.manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === request.arch,
  );
  if (wanted === undefined) {
    throw new KubewrightError('artifact-not-found', `${ref} has no image for linux on ${request.arch}`);
  }
  const platformAnswer = await getManifest(session, ref, wanted.digest);
  return describe(session, ref, platformAnswer, parseAnswer(ManifestOrIndex, platformAnswer.text, ref));
}

/** "registry.k8s.io/coredns/coredns:v1.14.2" in its parts. */
export function parseRef(ref: string): { registry: string; repository: string; tag: string } {
  const [, registry, repository, tag] = /^([^/]+)\/(.+):([^:/]+)$/.exec(ref) ?? [];
  if (registry === undefined || repository === undefined || tag === undefined) {
    throw new Error(`"${ref}" is no image name with registry and tag`);
  }
  return { registry, repository, tag };
}

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  OCI_MANIFEST,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const BlobDescriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().nonnegative(),
});

const ManifestOrIndex = z.object({
  mediaType: z.string().optional(),
  manifests: z
    .array(BlobDescriptor.extend({ platform: z.object({ os: z.string(), architecture: z.string() }).optional() }))
    .optional(),
  config: BlobDescriptor.optional(),
  layers: z.array(BlobDescriptor).optional(),
});

async function getManifest(session: RegistrySession, ref: string, reference: string): Promise<SmallAnswer> {
  const url = `${session.base}/manifests/${reference}`;
  const answer = await askRegistry(session, url, ACCEPT);
  if (answer.status !== 200) throw statusFailure(url, answer.status);
  const digest = sha256(answer.text);
  if (!reference.startsWith('sha256:') || digest === reference) return answer;
  throw new KubewrightError('artifact-checksum', `the manifest of ${ref} is ${digest}, expected ${reference}`, {
    hint: 'A proxy or a mirror may have changed it. Try another network or mirror.',
  });
}

function describe(
  session: RegistrySession,
  ref: string,
  answer: SmallAnswer,
  manifest: z.infer<typeof ManifestOrIndex>,
): RegistryImage {
  const { config, layers } = manifest;
  if (config === undefined || layers === undefined) throw invalidAnswer(ref, 'no config and layers');
  const blob = (role: RegistryBlob['role'], from: z.infer<typeof BlobDescriptor>): RegistryBlob => ({
    ...from,
    role,
    url: `${session.base}/blobs/${from.digest}`,
  });
  return {
    ref,
    digest: sha256(answer.text),
    mediaType: manifest.mediaType ?? answer.headers['content-type'] ?? OCI_MANIFEST,
    manifest: Buffer.from(answer.text),
    blobs: [blob('config', config), ...layers.map((layer) => blob('layer', layer))],
    headers: session.headers,
  };
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
