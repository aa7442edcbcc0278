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

/** The ends of a pipeline may outlive its shell; so the tree is walked by parents, from a snapshot of /proc. */
const MINDED = `(
  trap '' TERM HUP
  while read -r line <&3; do :; done
  read -r self rest < /proc/self/stat
  tree=$(cat /proc/[0-9]*/stat 2> /dev/null | awk -v top=$$ -v self="$self" '
    { id = $1; sub(/^.*\\) [^ ]+ /, ""); parent[id] = $1 }
    END { for (id in parent) { for (at = id; at != top && at != self && at in parent; at = parent[at]); if (at == top && id != top) print id } }')
  kill -TERM $tree
  sleep 2
  kill -KILL $tree
) > /dev/null 2>&1 &
minder=$!
( exec 3<&-; eval "$script" )
code=$?
kill -KILL "$minder"`;
