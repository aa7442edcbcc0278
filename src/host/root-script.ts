import { type Command, quote } from '../transport/command.js';

/**
 * The text that a fresh `sh -s` gets on its standard input to run `script`. It is one compound command, so that the
 * shell has read all of it before it does anything: half a script, of a cut connection, never runs.
 *
 * The script runs in a subshell with a predictable environment, in the root folder, and says `token` on both streams
 * first, so that a login shell's own noise can be told from its output. Without `input` its standard input is empty,
 * and the shell's is minded: when that ends, the connection is gone or the operator does not want any more, and all
 * that the script has started gets SIGTERM, then SIGKILL after two seconds. A run that was cut off and the next run
 * never work on a host at the same time.
 */
export function wrapScript(script: Command, token: string, input: 'none' | 'follows'): string {
  const run = input === 'none' ? MINDED : FED;
  return `{
script=${quote(script.text)}
LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
unset LANG LANGUAGE CDPATH ENV BASH_ENV
umask 022
cd /
exec 3<&0 < /dev/null
trap : TERM
printf '\\n%s\\n' ${token}
printf '\\n%s\\n' ${token} >&2
${run}
exit "$code"
}
`;
}

const FED = `( exec <&3 3<&-; eval "$script" )
code=$?`;

/**
 * sshd gives every command a session of its own, and a process stays in it whatever becomes of its parent. The minder,
 * what it runs itself, and those above it (the shell, sudo) are spared. The script's own end ends the minder, unless
 * it is at work. Session 0 is none: so the kernel shows sessions that began outside of a container.
 */
const MINDED = `others() {
  cat /proc/[0-9]*/stat 2> /dev/null | awk -v self="$self" '
    { id = $1; sub(/^.*\\) [^ ]+ /, ""); parent[id] = $1; session[id] = $3 }
    END {
      for (at = self; at in parent; at = parent[at]) spared[at] = 1
      for (id in parent) if (session[id] > 0 && session[id] == session[self] && !(id in spared)) {
        for (at = id; at in parent && at != self; at = parent[at]);
        if (at != self) print id
      }
    }'
}
(
  while read -r line <&3; do :; done
  trap '' HUP PIPE TERM
  read -r self rest < /proc/self/stat
  kill -TERM $(others)
  for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ "$(others)" ] || break
    sleep 0.1
  done
  kill -KILL $(others)
) > /dev/null 2>&1 &
minder=$!
( exec 3<&-; eval "$script" )
code=$?
kill -TERM "$minder"`;
