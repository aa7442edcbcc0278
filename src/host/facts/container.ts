import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** What kind of container the host is ("docker", "podman", "lxc", "systemd-nspawn"…); absent on a machine with its own kernel. */
export const container = defineProbe<string | undefined>({
  name: 'container',
  // systemd as process 1 notes there what $container told it; the two files are Docker's and Podman's own marks.
  script: sh`if [ -r /run/systemd/container ]; then read -r kind < /run/systemd/container || :; echo "$kind"
elif [ -e /.dockerenv ]; then echo docker
elif [ -e /run/.containerenv ]; then echo podman
fi`,
  parse: (output) => output.trim() || undefined,
});
