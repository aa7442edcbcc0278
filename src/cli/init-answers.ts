import { KubewrightError } from '../core/errors.js';
import type { TemplateAnswers } from '../index.js';

/** What is known of a cluster.yaml before its defaults are filled in. */
export type GivenAnswers = Partial<TemplateAnswers>;

/** The flags of `init`, as they were given. */
export interface InitFlags {
  readonly name: string | undefined;
  readonly provider: 'local' | 'hosts' | undefined;
  readonly controlPlanes: number | undefined;
  readonly workers: number | undefined;
  readonly kubernetesVersion: string | undefined;
  /** Addresses with commas between them. */
  readonly hosts: string | undefined;
  readonly user: string | undefined;
  readonly identityFile: string | undefined;
  readonly sudoPassword: boolean;
  readonly trustOnFirstUse: boolean;
}

/**
 * The answers that the flags give; what they leave open is absent. Whoever lists machines has said that the
 * provider is `hosts`, and how many there are. Errors: `usage` where flags contradict each other.
 */
export function givenAnswers(flags: InitFlags): GivenAnswers {
  const { name, kubernetesVersion, user, identityFile } = flags;
  const access = defined({
    user,
    identityFile,
    sudoPassword: flags.sudoPassword ? ('prompt' as const) : undefined,
    hostKey: flags.trustOnFirstUse ? ('trust-on-first-use' as const) : undefined,
  });
  const hosts = flags.hosts === undefined ? undefined : parseAddresses(flags.hosts);
  const speaksOfHosts = hosts !== undefined || Object.keys(access).length > 0;
  if (speaksOfHosts && flags.provider === 'local') {
    throw new KubewrightError('usage', 'the provider local makes its own machines', {
      hint: 'Leave out --hosts, --user, --identity-file, --sudo-password and --trust-on-first-use, or say --provider hosts.',
    });
  }
  const counts = countsOf(hosts, flags.controlPlanes, flags.workers);
  return defined({
    name,
    provider: flags.provider ?? (speaksOfHosts ? ('hosts' as const) : undefined),
    kubernetesVersion,
    ...counts,
    hosts,
    access: Object.keys(access).length > 0 ? access : undefined,
  });
}

/** "10.0.0.1, node.example.com" as the machines that they are. */
export function parseAddresses(text: string): readonly { readonly address: string }[] {
  return text
    .split(/[\s,]+/)
    .filter((address) => address !== '')
    .map((address) => ({ address }));
}

function countsOf(
  hosts: readonly unknown[] | undefined,
  controlPlanes: number | undefined,
  workers: number | undefined,
) {
  if (hosts === undefined) return { controlPlanes, workers };
  const first = controlPlanes ?? 1;
  const others = workers ?? hosts.length - first;
  if (first + others !== hosts.length || others < 0) {
    throw new KubewrightError(
      'usage',
      `--hosts names ${hosts.length} machines, but ${first} control planes and ${Math.max(0, others)} workers are asked for`,
    );
  }
  return { controlPlanes: first, workers: others };
}

/** The same without the fields that are undefined, so that defaults can be filled in below. */
function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;
}

type Defined<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };
