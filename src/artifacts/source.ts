import { KubewrightError } from '../core/errors.js';
import type { ArtifactsSpec } from '../model/cluster.js';
import type { Report } from './report.js';
import { openHttpClient } from './upstream/http-client.js';
import { statusFailure } from './upstream/http-errors.js';
import { mirrored, registryUrl } from './upstream/mirrors.js';

export interface SourceRequest {
  readonly source: ArtifactsSpec['source'];
  readonly mirrors: ArtifactsSpec['mirrors'];
  readonly kubernetesVersion: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * Where what is not in the cache shall come from. `auto` asks every server of upstream with a short deadline: if all
 * answer, upstream; else it is built, and a note says which one did not answer and why.
 */
export async function chooseSource(request: SourceRequest): Promise<'upstream' | 'build'> {
  if (request.source !== 'auto') {
    const how = request.source === 'build' ? 'building from source' : 'downloading from upstream';
    request.report({ kind: 'note', text: `artifacts: ${how}, as artifacts.source asks for` });
    return request.source;
  }
  const problem = await unreachable(request);
  request.report({
    kind: 'note',
    text:
      problem === undefined
        ? 'artifacts: downloading from upstream'
        : `artifacts: upstream does not answer (${problem}): building from source`,
  });
  return problem === undefined ? 'upstream' : 'build';
}

const PROBE_MS = 3_000;

/** Where the images of a payload come from. */
const REGISTRIES = ['registry.k8s.io', 'ghcr.io', 'docker.io'];

/** Why upstream cannot be used, in a few words; undefined where every server answers. */
async function unreachable(request: SourceRequest): Promise<string | undefined> {
  const { mirrors, kubernetesVersion, signal } = request;
  const urls = [
    mirrored(`https://dl.k8s.io/release/v${kubernetesVersion}/bin/linux/amd64/kubeadm.sha256`, mirrors),
    ...REGISTRIES.map((registry) => `${registryUrl(registry, mirrors)}/v2/`),
    mirrored('https://github.com/', mirrors),
  ];
  await using client = openHttpClient();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  const problems = await Promise.all(
    urls.map(async (url) => {
      try {
        const { status, body } = await client.get(url, { signal: deadline });
        body.destroy();
        return answers(status) ? undefined : statusFailure(url, status).message;
      } catch (error) {
        if (signal.aborted) throw error;
        if (deadline.aborted) return `${new URL(url).host}: no answer within ${PROBE_MS / 1000} s`;
        return error instanceof KubewrightError ? error.message.replace(/ \(http\S+\)$/, '') : String(error);
      }
    }),
  );
  return problems.find((problem) => problem !== undefined);
}

/** A registry that wants a token (401) and a mirror without a front page (404) are there; a proxy that forbids is not. */
function answers(status: number): boolean {
  return status < 500 && status !== 403 && status !== 407 && status !== 429;
}
