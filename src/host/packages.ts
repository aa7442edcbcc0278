import { KubewrightError } from '../core/errors.js';
import type { StepContext } from '../core/step.js';
import { type Command, sh } from '../transport/command.js';
import type { RemoteHost } from './remote-host.js';

/**
 * Installs a package by the host's own package manager and notes it, so that `remove_packages` takes it away again. Waits for
 * another that is at work, at most five minutes, and says who it is. Errors: `package-missing`.
 */
export async function installPackage(host: RemoteHost, name: string, context: StepContext): Promise<void> {
  const { code, stderr } = await host.script(
    sh`set -u
name=${name} deadline=$(($(date +%s) + 300)) told=''
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
${TRY_TO_INSTALL}
until said=$(try 2>&1); do
  case $said in
    *'Could not get lock'* | *'Unable to acquire'*) ;;
    *) printf '%s\n' "$said" | tail -n 8 >&2; exit 1 ;;
  esac
  holder=$(printf '%s\n' "$said" | sed -n 's/.*held by \(process .*\)/\1/p' | head -n 1)
  [ "$(date +%s)" -lt "$deadline" ] || { echo "the package manager is busy since 300 s: \${holder:-another one} holds its lock" >&2; exit 1; }
  [ "$holder" = "$told" ] || echo "waiting for the package manager: \${holder:-another one} holds its lock"
  told=$holder; sleep 2
done
mkdir -p /var/lib/kubewright
grep -qsx "$name" ${NOTED} || echo "$name" >> ${NOTED}`,
    { context, title: `install ${name}`, timeoutMs: 6 * 60_000, allowFailure: true, changes: true },
  );
  if (code === 0) return;
  throw new KubewrightError('package-missing', `The package ${name} could not be installed on ${host.name}`, {
    host: host.name,
    output: stderr.trim().split('\n').slice(-8),
    hint: `Install it there by hand (\`apt-get install ${name}\` or \`dnf install ${name}\`), then run the same command again.`,
  });
}

/** Where the packages are noted that were not there before. */
const NOTED = '/var/lib/kubewright/packages';

/** dnf waits for others by itself; apt-get knows nothing yet of packages on a fresh machine. */
const TRY_TO_INSTALL: Command = sh`try() {
  if command -v apt-get >/dev/null; then
    apt-get -y -q --no-install-recommends install "$name" || { apt-get -q update && apt-get -y -q --no-install-recommends install "$name"; }
  elif command -v dnf >/dev/null; then
    timeout 300 dnf -y -q install "$name"
  else
    echo 'neither apt-get nor dnf is there'; return 1
  fi
}`;

/**
 * Shell functions about the packages that were installed for kubewright: which they are, and how they go. What they had
 * brought with them stays: others may have come to need it.
 */
export const PACKAGE_FUNCTIONS: Command = sh`
noted_packages() { cat ${NOTED} 2>/dev/null; }
remove_packages() {
  for package in $(noted_packages); do
    if command -v apt-get >/dev/null; then DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=60 purge "$package"
    else timeout 120 dnf -y -q remove "$package"
    fi >/dev/null 2>&1 || return 0
  done
  rm -f ${NOTED}
}`;
