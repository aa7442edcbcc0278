import { unquote, words } from './script.js';
import { fail, type Shell } from './shell.js';

/** What a statement of this form does. The match's groups are raw shell words. */
export type Statement = readonly [RegExp, (shell: Shell, match: RegExpExecArray) => void];

/** What any shell has: files, variables, output, and systemd's services. */
export const PLAIN_STATEMENTS: readonly Statement[] = [
  [/^(set -|umask |trap |export |:$|cd |tries=0$|have=)/, () => {}],
  [/^(\w+)=(\S+)$/, ({ variables }, [, name = '', value = '']) => void variables.set(name, unquote(value, variables))],
  [
    /^mkdir -p (.*)$/,
    (shell, [, paths = '']) => {
      for (const path of words(paths, shell.variables)) shell.machine.disk.makeFolder(path);
    },
  ],
  [/^: > (\S+)$/, (shell, [, path = '']) => write(shell, word(shell, path), '')],
  [
    /^printf %s ('[\s\S]*'|\S+) > (\S+)$/,
    (shell, [, content = '', path = '']) => write(shell, word(shell, path), unquote(content)),
  ],
  [/^echo$/, (shell) => shell.out('\n')],
  [/^echo (.*)$/s, (shell, [, text = '']) => shell.out(`${words(text, shell.variables).join(' ')}\n`)],
  [
    /^rm -r?f (.*)$/,
    (shell, [, paths = '']) => {
      for (const path of words(paths, shell.variables)) shell.machine.disk.remove(path);
      shell.machine.settle();
    },
  ],
  [/^chmod /, () => {}],
  [
    /^mv -f (\S+) (\S+)$/,
    (shell, [, from = '', to = '']) => shell.machine.disk.move(word(shell, from), word(shell, to)),
  ],
  [
    /^find \/etc\/kubernetes -maxdepth 1 -name '\*\.conf' ! -name 'kubelet-resolv\.conf' -delete$/,
    ({ machine }) => {
      for (const path of machine.disk.list('/etc/kubernetes'))
        if (/^\/etc\/kubernetes\/[^/]+\.conf$/.test(path) && !path.endsWith('/kubelet-resolv.conf'))
          machine.disk.remove(path);
    },
  ],
  [
    /^find \/var\/lib\/etcd -mindepth 1 -delete/,
    ({ machine }) => {
      for (const path of machine.disk.list('/var/lib/etcd')) machine.disk.remove(path);
    },
  ],
  [
    /^\[ ! -e (\S+) \]$/,
    (shell, [, path = '']) => {
      if (shell.machine.disk.exists(path)) fail(shell, `${path} is still there`);
    },
  ],
  [
    /^for path in (.*); do \[ -e "\$path" \] && echo "\$path"; done$/,
    (shell, [, paths = '']) => {
      for (const path of words(paths)) if (shell.machine.disk.exists(path)) shell.out(`${path}\n`);
    },
  ],
  [
    /^systemctl enable -q (.*)$/,
    (shell, [, names = '']) => {
      for (const name of names.split(' ')) enable(shell, name);
    },
  ],
  [/^systemctl (?:re)?start (\S+)$/, (shell, [, name = '']) => start(shell, name)],
  [/^systemctl stop (\S+)$/, ({ machine }, [, name = '']) => machine.stop(name)],
  [
    /^systemctl kill --kill-who=main --signal=USR2 (\S+)$/,
    (shell, [, name = '']) => {
      if (!shell.machine.isActive(name)) fail(shell, `Failed to kill unit ${name}.service: it does not run`);
    },
  ],
  [
    /^systemctl is-active -q (\S+) \|\| /,
    (shell, [, name = '']) => {
      if (!shell.machine.isActive(name)) fail(shell, `${name}.service: inactive (dead)`);
    },
  ],
  [
    /^sysctl -q -e -p (\S+)/,
    ({ machine }, [, path = '']) => {
      if (machine.disk.exists(path)) machine.ipForward = true;
    },
  ],
  [/^for m in overlay br_netfilter vxlan; do modprobe/, () => {}],
  [
    /^\[ "\$\(cat \/proc\/sys\/net\/ipv4\/ip_forward\)" = 1 \] \|\| /,
    (shell) => {
      if (!shell.machine.ipForward) fail(shell, 'net.ipv4.ip_forward stayed 0');
    },
  ],
];

/** Writes a file, unless the disk is full. */
export function write(shell: Shell, path: string, content: string): void {
  const { machine } = shell;
  if (machine.freeBytes < content.length) fail(shell, `sh: cannot write ${path}: No space left on device`);
  machine.disk.write(path, content);
}

function word({ variables }: Shell, text: string): string {
  return unquote(text, variables);
}

function enable(shell: Shell, name: string): void {
  if (!shell.machine.disk.exists(`/etc/systemd/system/${name}.service`)) {
    fail(shell, `Failed to enable unit: Unit file ${name}.service does not exist.`);
  }
  shell.machine.unit(name).enabled = true;
}

function start(shell: Shell, name: string): void {
  if (!shell.machine.disk.exists(`/etc/systemd/system/${name}.service`)) {
    fail(shell, `Failed to start ${name}.service: Unit ${name}.service not found.`, 5);
  }
  shell.machine.start(name);
}
