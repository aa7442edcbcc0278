import { stringify } from 'yaml';
import { SCHEMA_URL } from './json-schema.js';
import { API_VERSION } from './schema/v1alpha1.js';

/** What `kubewright init` asks. */
export interface TemplateAnswers {
  readonly name: string;
  readonly provider: 'local' | 'hosts';
  readonly controlPlanes: number;
  readonly workers: number;
  /**
   * The machines of the provider `hosts`: control planes first, then workers. Where there are fewer than asked
   * for, the rest have addresses in example.com (RFC 2606), to be replaced.
   */
  readonly hosts?: readonly TemplateHost[] | undefined;
  /** How to log in to all of them. */
  readonly access?: TemplateAccess | undefined;
  readonly kubernetesVersion: string;
  /** Where the first line says that the JSON Schema is: a URL, or a path relative to the file. Default: the published one. */
  readonly schema?: string | undefined;
}

export interface TemplateHost {
  /** Default: control-plane-1, workers-1 and so on. */
  readonly name?: string | undefined;
  readonly address: string;
}

export interface TemplateAccess {
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identityFile?: string | undefined;
  readonly sudoPassword?: 'prompt' | undefined;
  readonly hostKey?: 'known-hosts' | 'trust-on-first-use' | undefined;
}

/**
 * The cluster.yaml that `kubewright init` writes: short, commented, and with everything that was answered. It is valid
 * when the answers are: check it with `parseConfig` before writing it.
 */
export function renderTemplate(answers: TemplateAnswers): string {
  const lines = [
    `# yaml-language-server: $schema=${answers.schema ?? SCHEMA_URL}`,
    ...(answers.provider === 'local' ? LOCAL_TITLE : HOSTS_TITLE),
    `apiVersion: ${API_VERSION}`,
    `name: ${scalar(answers.name)}`,
    '',
    'provider:',
    ...(answers.provider === 'local' ? ['  local: {}'] : accessLines(answers.access ?? {})),
    '',
    'kubernetes:',
    `  version: ${JSON.stringify(answers.kubernetesVersion)}`,
    '',
    'nodes:',
    ...(answers.provider === 'local' ? countedPools(answers) : listedPools(answers)),
  ];
  return `${lines.join('\n')}\n`;
}

const LOCAL_TITLE = ['# A cluster on this computer: its machines are containers, made by docker or podman.'];
const HOSTS_TITLE = ['# A cluster on machines that exist and are reached over SSH.'];

/** What was answered stands as it is, the rest as a comment that shows what there is. */
function accessLines(access: TemplateAccess): readonly string[] {
  const line = (key: keyof TemplateAccess, fallback: string | number, comment: string) =>
    `    ${access[key] === undefined ? '# ' : ''}${key}: ${scalar(access[key] ?? fallback)} # ${comment}`;
  return [
    '  hosts:',
    `    user: ${scalar(access.user ?? 'root')} # root, or one who may use sudo`,
    line('port', 22, 'of the SSH servers'),
    line('identityFile', '~/.ssh/id_ed25519', 'without it: the SSH agent, then the usual files in ~/.ssh'),
    line('sudoPassword', 'prompt', 'where sudo wants a password'),
    line('hostKey', 'trust-on-first-use', 'known-hosts is the default: ~/.ssh/known_hosts has them already'),
  ];
}

function countedPools({ controlPlanes, workers }: TemplateAnswers): readonly string[] {
  return [
    '  control-plane:',
    `    count: ${controlPlanes} # an odd number`,
    ...(workers === 0 ? [WORKS_TOO] : ['  workers:', `    count: ${workers}`]),
  ];
}

function listedPools({ controlPlanes, workers, hosts = [] }: TemplateAnswers): readonly string[] {
  const machine = (index: number, name: string) => [
    `      - name: ${scalar(hosts[index]?.name ?? name)}`,
    `        address: ${scalar(hosts[index]?.address ?? `${name}.example.com`)}`,
  ];
  const machines = (pool: string, count: number, first: number) =>
    Array.from({ length: count }, (_, index) => machine(first + index, `${pool}-${index + 1}`)).flat();
  return [
    '  control-plane:',
    ...(workers === 0 ? [WORKS_TOO] : []),
    '    hosts: # an odd number',
    ...machines('control-plane', controlPlanes, 0),
    ...(workers === 0 ? [] : ['  workers:', '    hosts:', ...machines('workers', workers, controlPlanes)]),
  ];
}

const WORKS_TOO = '    roles: [control-plane, worker] # it takes workloads too';

function scalar(value: string | number): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}
