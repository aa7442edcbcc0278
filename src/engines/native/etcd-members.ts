import { KubewrightError } from '../../core/errors.js';
import type { StepContext } from '../../core/step.js';
import type { RemoteHost } from '../../host/remote-host.js';
import { type Command, sh } from '../../transport/command.js';

/** A member of etcd, as etcd itself tells. */
export interface EtcdMember {
  /** Hexadecimal, as etcdctl takes it. */
  readonly id: string;
  /** The node's name; empty for one that was added and has never started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** Does not vote yet. */
  readonly learner: boolean;
  readonly healthy: boolean;
  /** Why not, in etcd's words. */
  readonly error?: string | undefined;
}

type Quiet = Pick<StepContext, 'signal' | 'line'>;

/**
 * Asks one member for all of them, and each of them how it is. Takes as long as the slowest to answer, at most 3 s, and
 * 2 s more where they have no quorum: then the list is what the one member knows.
 */
export async function etcdMembers(host: RemoteHost, context: Quiet): Promise<readonly EtcdMember[]> {
  const { stdout } = await host.script(
    sh`${ETCDCTL}
list=$(etcdctl --command-timeout=2s member list -w json 2>/dev/null) ||
  list=$(etcdctl --command-timeout=2s member list --consistency=s -w json) || exit
printf '%s\n' "$list"
# --cluster would ask for the list again, and fail without a quorum.
urls=$(printf %s "$list" | grep -o '"clientURLs":\[[^]]*' | grep -o 'http[^"]*' | paste -s -d , -)
# Fails when one is not healthy, and tells all the same.
etcdctl --dial-timeout=2s --command-timeout=3s endpoint health --endpoints "$urls" -w json 2>/dev/null || :`,
    { context, title: 'ask etcd for its members', timeoutMs: 30_000, show: false },
  );
  return parseMembers(stdout);
}

/** Takes a member out. One that is gone already is fine. */
export async function removeEtcdMember(host: RemoteHost, id: string, context: Quiet): Promise<void> {
  await host.script(
    sh`${ETCDCTL}
said=$(etcdctl member remove ${id} 2>&1) || case $said in *'member not found'*) ;; *) echo "$said" >&2; exit 1 ;; esac`,
    { context, title: `remove etcd member ${id}`, timeoutMs: 30_000, changes: true },
  );
}

/** The first of these hosts that can tell of the members, and what it tells. Errors: those of the last, where none can. */
export async function askEtcd<Speaker extends { readonly host: RemoteHost }>(
  speakers: readonly Speaker[],
  context: Quiet,
): Promise<{ readonly speaker: Speaker; readonly members: readonly EtcdMember[] }> {
  let failure: unknown = new KubewrightError('internal', 'nobody was named who could speak for etcd');
  for (const speaker of speakers) {
    try {
      return { speaker, members: await etcdMembers(speaker.host, context) };
    } catch (error) {
      if (context.signal.aborted) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Announces a member that does not vote until it is promoted. */
export async function addEtcdLearner(
  host: RemoteHost,
  member: { readonly name: string; readonly peerUrl: string },
  context: Quiet,
): Promise<void> {
  await host.script(
    sh`${ETCDCTL}
etcdctl member add ${member.name} --learner --peer-urls=${member.peerUrl} >/dev/null`,
    { context, title: `announce etcd member ${member.name}`, timeoutMs: 30_000, changes: true },
  );
}

/** Gives a learner its vote, as soon as it has caught up. */
export async function promoteEtcdMember(host: RemoteHost, id: string, context: Quiet): Promise<void> {
  await host.script(
    sh`${ETCDCTL}
end=$(($(date +%s) + 180))
until said=$(etcdctl member promote ${id} 2>&1); do
  [ "$(date +%s)" -lt "$end" ] || { echo "etcd member ${id} did not catch up within 180 s" >&2; echo "$said" >&2; exit 1; }
  sleep 0.5
done`,
    { context, title: 'wait until the new member of etcd has caught up', timeoutMs: 200_000, changes: true },
  );
}

/** Waits until the member of this host answers as one of a majority. */
export async function awaitEtcdHealth(host: RemoteHost, context: Quiet): Promise<void> {
  await host.script(
    sh`${ETCDCTL}
end=$(($(date +%s) + 180))
until said=$(etcdctl --command-timeout=2s endpoint health 2>&1); do
  [ "$(date +%s)" -lt "$end" ] || { echo 'etcd did not become healthy within 180 s' >&2; echo "$said" >&2; tail -qn 5 /var/log/pods/*etcd*/etcd/*.log >&2; exit 1; }
  sleep 0.3
done`,
    { context, title: 'wait until etcd is healthy', timeoutMs: 200_000 },
  );
}

/** Is anything of Kubernetes stored in it? */
export async function etcdHoldsData(host: RemoteHost, context: Quiet): Promise<boolean> {
  const { stdout } = await host.script(
    sh`${ETCDCTL}
etcdctl get /registry/ --prefix --keys-only --limit=1`,
    { context, title: 'ask etcd whether it is empty', timeoutMs: 30_000, show: false },
  );
  return stdout.trim() !== '';
}

/** How etcd stands: members that vote, those of them that are healthy, and how many of these it needs to go on. */
export interface Quorum {
  readonly voters: number;
  readonly healthy: number;
  readonly needed: number;
}

/** Counts members. Those that do not vote yet do not count. */
export function quorumOf(members: readonly Pick<EtcdMember, 'learner' | 'healthy'>[]): Quorum {
  const voters = members.filter(({ learner }) => !learner);
  return {
    voters: voters.length,
    healthy: voters.filter(({ healthy }) => healthy).length,
    needed: Math.floor(voters.length / 2) + 1,
  };
}

/**
 * Refuses to take members out where the rest would have no majority (`quorum-lost`), with the numbers. Members that
 * do not vote yet, and those that are not there, do not count.
 */
export function assertQuorumWithout(members: readonly EtcdMember[], leaving: ReadonlySet<string>): void {
  const voters = members.filter(({ learner }) => !learner);
  const gone = voters.filter(({ name }) => leaving.has(name));
  const rest = voters.filter(({ name }) => !leaving.has(name));
  if (gone.length === 0) return;
  const { healthy, needed } = quorumOf(rest);
  if (rest.length > 0 && healthy >= needed) return;
  const names = gone.map(({ name }) => name).join(', ');
  const sick = rest
    .filter((member) => !member.healthy)
    .map(({ name, error }) => `  ${name}: ${error ?? 'not healthy'}`);
  const sentence =
    rest.length === 0
      ? `${names} holds all of etcd: without it the cluster's data are gone`
      : `Without ${names}, ${healthy} of ${rest.length} etcd members would be healthy, and ${needed} are needed`;
  throw new KubewrightError('quorum-lost', [sentence, ...sick].join('\n'), {
    hint:
      rest.length === 0
        ? 'Add control planes first; or remove the whole cluster with `kubewright down`.'
        : 'Bring the others back, or replace those that are lost for good first; `kubewright status` shows them all.',
  });
}

/** What etcdctl prints as JSON: ids are numbers beyond what JavaScript holds exactly, so they are kept as text. */
export function parseMembers(output: string): readonly EtcdMember[] {
  const [list = '', health = ''] = output.split('\n').filter((line) => line.trim() !== '');
  const members = JSON.parse(list.replace(/"(ID|member_id|cluster_id)":\s*(\d+)/g, '"$1":"$2"')) as MemberList;
  const states = (health === '' ? [] : JSON.parse(health)) as readonly EndpointHealth[];
  const healthOf = new Map(states.map((state) => [state.endpoint, state]));
  return (members.members ?? []).map(({ ID, name = '', peerURLs = [], clientURLs = [], isLearner = false }) => {
    const state = clientURLs.map((url) => healthOf.get(url)).find((known) => known !== undefined);
    return {
      id: BigInt(ID).toString(16),
      name,
      peerUrls: peerURLs,
      clientUrls: clientURLs,
      learner: isLearner,
      healthy: state?.health === true,
      error: state === undefined ? 'it has never started' : state.health ? undefined : state.error || 'not healthy',
    };
  });
}

interface MemberList {
  readonly members?: readonly {
    readonly ID: string;
    readonly name?: string;
    readonly peerURLs?: readonly string[];
    readonly clientURLs?: readonly string[];
    readonly isLearner?: boolean;
  }[];
}

interface EndpointHealth {
  readonly endpoint: string;
  readonly health: boolean;
  readonly error?: string;
}

/** etcdctl out of the container that etcd runs in: nothing of it is installed on the host. */
const ETCDCTL: Command = sh`etcdctl() {
  running=$(ctr --namespace k8s.io tasks list | awk '$3 == "RUNNING" { print $1 }')
  for id in $(ctr --namespace k8s.io containers list -q 'labels."io.kubernetes.container.name"==etcd'); do
    case "
$running
" in *"
$id
"*) ctr --namespace k8s.io tasks exec --exec-id "kubewright-$$-$(date +%N)" "$id" etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key "$@"; return ;; esac
  done
  echo 'etcd does not run on this host' >&2
  return 1
}`;
