/**
 * Every error code of kubewright with one sentence of meaning and one of advice. The only table:
 * docs/reference/errors.md is generated from it, and `KubewrightError` accepts no other code.
 */
export const ERROR_CODES = {
  // core
  internal: {
    meaning: 'Something happened that the program believes impossible.',
    advice: 'This is a bug. Please report it with the run folder named in the message.',
  },
  interrupted: {
    meaning: 'The run was interrupted before it was complete.',
    advice: 'Run the same command again: it goes on from where it stood.',
  },
  timeout: {
    meaning: 'A wait reached its deadline.',
    advice: 'The message says what was waited for. Look at that, then run the same command again.',
  },
  'program-missing': {
    meaning: 'A program that is needed on this machine is not installed.',
    advice: 'Install it, or put it on the PATH; `kubewright doctor` lists what is missing.',
  },
  'remote-command-failed': {
    meaning: 'A script on a host ended with an error.',
    advice: 'The last lines of its output are shown; the whole is in the run folder, in the transcript of that host.',
  },

  // config
  'config-invalid': {
    meaning: 'cluster.yaml cannot be used as it is. Nothing was touched.',
    advice: 'Every problem is listed with its place and how to mend it. `kubewright validate` checks the file again.',
  },
  'edit-impossible': {
    meaning: 'cluster.yaml cannot be changed as asked: the outcome would not be valid, or its form does not allow it.',
    advice:
      'The message says what would be wrong. Nothing was changed: ask for something else, or edit the file by hand.',
  },
  'steps-failed': {
    meaning: 'Several steps of a run failed. What needed none of them was done.',
    advice:
      'Each failure is shown where it happened. Mend them, then run the same command again: it goes on from there.',
  },

  // cli
  usage: {
    meaning: 'The command line makes no sense: an unknown verb or flag, or a value that cannot be.',
    advice: '`kubewright help VERB` shows the flags and examples of a verb.',
  },
  'file-exists': {
    meaning: 'A file that was to be written is there already.',
    advice: 'Name another with --file, or overwrite it with --force.',
  },
  'file-not-writable': {
    meaning: 'A file could not be written.',
    advice: 'The message says why: a missing folder, a full disk, no permission. Mend it, or name another file.',
  },
  'no-terminal': {
    meaning: 'Something had to be asked, and there is no terminal to ask on.',
    advice: 'Run it on a terminal, or give the answer by a flag or in the configuration.',
  },
  // state
  'cluster-locked': {
    meaning: 'Another kubewright is at work on the same cluster.',
    advice: 'Wait for it to end, or end it there. A lock whose owner is gone is taken over by itself.',
  },
  'state-unwritable': {
    meaning:
      'A file that kubewright keeps cannot be read or written: no space, no permission, a read-only file system.',
    advice: 'The message names the file. Make room or mend its permissions, or set KUBEWRIGHT_STATE_DIR elsewhere.',
  },
  'state-invalid': {
    meaning: 'What kubewright remembers of a cluster is damaged, or was written by a newer version.',
    advice: 'Use the newer version, or move the file named in the message away: `up` finds out again what exists.',
  },
  // kube
  'api-unreachable': {
    meaning: 'The API server did not answer.',
    advice:
      'Check that the control plane runs (`kubewright status`) and that this machine can reach the address in the message.',
  },
  'api-refused': {
    meaning: 'The API server answered with an error.',
    advice: "The message holds the server's own words.",
  },
  'kubeconfig-invalid': {
    meaning: 'A kubeconfig cannot be read or written.',
    advice: 'Mend or move the file named in the message, or name another with --kubeconfig.',
  },
  'kubeconfig-locked': {
    meaning: 'Another kubewright is writing the same kubeconfig.',
    advice: 'Wait for it, or remove the lock file named in the message when none runs.',
  },
  'tunnel-absent': {
    meaning: 'Nothing is kept on this machine of a tunnel to that cluster.',
    advice: '`kubewright kubeconfig --merge --tunnel` prepares one, with a context that goes through it.',
  },
  'tunnel-failed': {
    meaning: 'The tunnel to the API servers could not be started in the background.',
    advice: 'Look at its log, or run it in the foreground: `kubewright tunnel`.',
  },
  'tunnel-port-taken': {
    meaning: 'Another program listens on the port that the tunnel of the cluster has.',
    advice: 'End that program, or choose another port: `kubewright tunnel --detach --port PORT`.',
  },
  // operations
  'unknown-host': {
    meaning: 'cluster.yaml has no host of that name.',
    advice: 'The message lists the names that there are.',
  },
  'cluster-absent': {
    meaning: 'The cluster does not exist, or no control plane of it answers.',
    advice: 'Run `kubewright up` to make it, or `kubewright status` to see what is wrong.',
  },
  'not-confirmed': {
    meaning: 'A question before something destructive was not answered with yes.',
    advice: 'Type what the question asks for, or give --yes.',
  },
  // engine
  'preflight-failed': {
    meaning: 'One or more hosts cannot become nodes as they are. Nothing was changed.',
    advice: 'The message lists every problem of every host with its fix. Mend them, then run the same command again.',
  },
  'control-planes-silent': {
    meaning: 'No control plane of the cluster answers, so nobody can say what state it is in.',
    advice: 'Bring one of them back, or see with `kubewright status` what is wrong with them.',
  },
  'etcd-silent': {
    meaning: 'No machine for etcd answers, so nobody can say whether the cluster exists.',
    advice: 'Bring one of them back, or see with `kubewright status` what is wrong with them.',
  },
  'etcd-lost': {
    meaning: 'Control planes run, but no machine for etcd in cluster.yaml holds their data.',
    advice: 'Bring back the machines that held it; or give the data up: `kubewright down`, then `up`.',
  },
  'etcd-not-empty': {
    meaning: 'etcd holds the data of a cluster whose control planes are not those in cluster.yaml, or are gone.',
    advice: 'Bring one of the control planes back; or give the data up: `kubewright down`, then `up`.',
  },
  'package-missing': {
    meaning: "A package that is needed on a host could not be installed by the host's package manager.",
    advice: "The package manager's own words are shown. Install it there by hand, then run the same command again.",
  },
  'quorum-lost': {
    meaning: 'What was asked for would leave etcd without a majority of healthy members, or it has none already.',
    advice: 'Bring members back or add control planes first; the message has the numbers.',
  },
  'drain-blocked': {
    meaning: 'Pods could not be moved off a node in time, for instance because a disruption budget allows no more.',
    advice:
      'The message names the pods and what blocks them. Make room for them elsewhere, or change the budget, then run the same command again.',
  },
  'node-forgotten': {
    meaning: 'A machine runs as a control plane that the cluster does not know as a node any more.',
    advice: 'Replace it: `kubewright node replace NODE`.',
  },
  'node-unreachable': {
    meaning: 'A node that is to be removed or reset does not answer, so it can be neither drained nor cleaned.',
    advice: 'Bring it back, or go on without its help: `--force-unreachable`.',
  },
  'node-not-ready': {
    meaning: 'A node joined but did not become Ready in time.',
    advice: "See `kubewright status`, and the kubelet's log: `kubewright exec NODE -- journalctl -u kubelet -n 50`.",
  },
  // transport
  'host-unreachable': {
    meaning: 'No connection to a host could be made: refused, no route, no answer, or no such name.',
    advice: 'Check that the machine runs, that address and port are right, and that no firewall is in between.',
  },
  'host-locked': {
    meaning: 'Another operator, perhaps on another machine, is changing the same host.',
    advice: 'Wait for it to end. A lock whose owner is gone is given back or taken over by itself.',
  },
  'ssh-handshake-failed': {
    meaning: 'A host accepted the connection but no SSH session came of it.',
    advice: 'Check that it is sshd that listens there, and that it is not overloaded (MaxStartups in sshd_config).',
  },
  'ssh-host-key-changed': {
    meaning: 'A host shows another host key than the known one: it was reinstalled, or somebody is in between.',
    advice: 'Find out which. Only when the new key is right, replace the old one in the file that the message names.',
  },
  'ssh-host-key-unknown': {
    meaning: 'A host shows a host key that nobody has vouched for.',
    advice:
      "Compare the fingerprint with the machine's own, then add its key to known_hosts, or ask for trust on first use.",
  },
  'ssh-auth-failed': {
    meaning: 'A host refused every key that was offered for that user.',
    advice: 'Check the user, and that the public key of one of the keys in the message is in its authorized_keys.',
  },
  'ssh-key-unusable': {
    meaning: 'A private key cannot be used: missing, unreadable, open to others, encrypted, or in an unknown format.',
    advice: 'The message says which and why.',
  },
  'ssh-connection-lost': {
    meaning: 'The connection to a host broke while something ran there.',
    advice: 'Check that the machine still runs. The same command again finds out how far it came and goes on.',
  },
  'ssh-channel-refused': {
    meaning: 'sshd opens no further session on a connection.',
    advice: 'Raise MaxSessions in its sshd_config, or close other sessions.',
  },
  'known-hosts-unusable': {
    meaning: 'A file of known host keys cannot be read or written.',
    advice: 'Mend its rights, or name another file.',
  },
  // host
  'remote-shell-failed': {
    meaning: 'The login shell of the user on a host does not run scripts.',
    advice: 'The message holds what it said. Give the user a POSIX shell, or choose another user.',
  },
  'sudo-missing': {
    meaning: 'The user on a host is not root, and there is no sudo to become root with.',
    advice: 'Install sudo on the host and permit it to the user, or log in as root.',
  },
  'sudo-password-needed': {
    meaning: 'sudo on a host wants a password and none was given.',
    advice: 'Say in cluster.yaml where it comes from (sudoPassword), or permit sudo without one.',
  },
  'sudo-password-wrong': {
    meaning: 'sudo on a host refused the password.',
    advice: 'Check the password where cluster.yaml says it comes from.',
  },
  'sudo-not-permitted': {
    meaning: 'sudo on a host does not let the user become root.',
    advice: 'Add the user to the group that may (sudo or wheel), or to a file in /etc/sudoers.d.',
  },
  'facts-unreadable': {
    meaning: 'A host could not be examined: a part of the script that does it failed.',
    advice: 'The message names the part and what it said. If the system is a supported one, this is a bug.',
  },
  'upload-failed': {
    meaning: 'A file did not arrive on a host as it was sent.',
    advice: 'The message names it and says why. The same command again sends only what is missing.',
  },
  'host-disk-full': {
    meaning: 'A host has not enough room for the files it needs.',
    advice: 'Make room on the file system that the message names.',
  },
  // artifacts
  'artifact-not-found': {
    meaning: 'A server does not have a file or an image that is needed.',
    advice: 'Check the version, and that a mirror named in artifacts.mirrors holds it, laid out as upstream is.',
  },
  'artifact-refused': {
    meaning: 'A server or a proxy refused to hand out an artifact.',
    advice: 'Check what the proxy and the mirror allow; artifacts.source: build does without upstream.',
  },
  'artifact-unreachable': {
    meaning: 'A server that holds artifacts could not be reached, or answered with an error of its own.',
    advice:
      'Check the network and HTTPS_PROXY; artifacts.mirrors names another server, artifacts.source: build needs none of them.',
  },
  'artifact-stalled': {
    meaning: 'A transfer stopped: the server sent nothing for too long.',
    advice: 'Run the same command again: the transfer goes on where it stopped.',
  },
  'artifact-checksum': {
    meaning: 'What arrived is not what was expected: its sha256 differs. It was removed.',
    advice: 'A proxy or a mirror may have changed it. Try another network or mirror; never use such a file.',
  },
  'artifact-unverifiable': {
    meaning: 'There is no sum to verify a file against: none is listed, and none is published beside it.',
    advice: 'Choose a version that the message names, or one whose sum is published.',
  },
  'artifact-invalid': {
    meaning: 'A server answered with something that is not what it should be.',
    advice: 'A login page of a proxy or a mirror with another layout are the usual reasons.',
  },
  'artifact-lock-mismatch': {
    meaning: 'An artifact is not the one that artifacts.lock recorded.',
    advice: 'Find out why it changed. If the change is meant, remove the entry from artifacts.lock.',
  },
  'artifact-lock-invalid': {
    meaning: 'artifacts.lock cannot be read.',
    advice: 'Restore it from version control.',
  },
  'build-prerequisites': {
    meaning: 'This machine lacks something that building from source needs.',
    advice: 'Install what the message names.',
  },
  'build-failed': {
    meaning: 'Building an artifact from source failed.',
    advice: "The compiler's last lines are shown. What is built is kept: the next run goes on with the rest.",
  },
  'disk-full': {
    meaning: 'A file system of this machine has too little space.',
    advice: 'Free some space where the message says, or move the cache with KUBEWRIGHT_CACHE_DIR.',
  },

  // provider hosts
  'secret-missing': {
    meaning: 'A password or passphrase is not where cluster.yaml says that it comes from.',
    advice: 'Set the variable or write the file that the message names, or run it on a terminal to be asked.',
  },

  // provider local
  'container-engine-missing': {
    meaning: 'Local nodes are containers, and neither Docker nor Podman is installed.',
    advice: 'Install Docker (https://docs.docker.com/engine/install), then run the same command again.',
  },
  'container-engine-not-running': {
    meaning: 'The container engine is installed but does not answer.',
    advice: 'Start it: Docker Desktop, or `sudo systemctl start docker`. The message names the address that was tried.',
  },
  'container-engine-denied': {
    meaning: 'This user may not talk to the container engine.',
    advice: 'Add the user to the group docker and log in again (`sudo usermod -aG docker "$USER"`), or run it as root.',
  },
  'container-engine-failed': {
    meaning: 'The container engine refused a command.',
    advice: "The engine's own words are shown, with the command.",
  },
  'container-engine-unfit': {
    meaning: 'The container engine cannot run a container that could be a node.',
    advice: 'Nodes need a Linux engine that may start privileged containers. The message holds what it said.',
  },
  'engine-disk-full': {
    meaning: 'The disk that the container engine keeps its data on has too little space.',
    advice: 'Make room there (`docker system df` shows what takes it, `docker system prune` frees what is unused).',
  },
  'name-taken': {
    meaning: "A container or network that does not belong to the cluster has a name that one of the cluster's needs.",
    advice: 'Give the cluster another name in cluster.yaml, or remove the other one. kubewright never touches it.',
  },
  'cluster-of-another': {
    meaning: 'A cluster of that name exists on the container engine, and this state folder has no keys for it.',
    advice: 'Another user made it, or its state was deleted. Choose another name, or remove it with `kubewright down`.',
  },
  'subnet-taken': {
    meaning: 'The subnet that cluster.yaml asks for overlaps with another network of this machine, or none is free.',
    advice: 'Name one in provider.local.subnet that nothing else uses, or leave it out: a free one is chosen.',
  },
  'subnet-too-small': {
    meaning: 'The subnet of the nodes has fewer addresses than the cluster has nodes.',
    advice: 'Name a larger one in provider.local.subnet; the subnet of an existing cluster cannot change.',
  },
  'node-image-failed': {
    meaning: 'The image that local nodes start from could not be made.',
    advice: 'The message says which ways were tried and what each said.',
  },
  'machine-limits': {
    meaning: 'A limit of this machine is too low for so many local nodes.',
    advice: 'The message names the limit and the command that raises it.',
  },
  'machine-not-up': {
    meaning: 'The container of a node was started, but its sshd does not answer.',
    advice: 'The last lines that the container printed are shown; `docker logs NAME` has all of them.',
  },
  'ports-taken': {
    meaning: 'A port on loopback that a stopped node was published on is now used by something else.',
    advice: 'Stop whatever uses it, or replace the node.',
  },
} as const satisfies Record<string, ErrorCodeInfo>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorCodeInfo {
  readonly meaning: string;
  readonly advice: string;
}
