import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** What os-release(5) says the system is. */
export interface OperatingSystem {
  /** "debian", "ubuntu", "rocky"; "linux" where the file does not say. */
  readonly id: string;
  /** "12", "24.04", "9.4"; absent on rolling releases. */
  readonly version: string | undefined;
  /** Systems that it descends from: ["debian"], ["rhel", "centos", "fedora"]. */
  readonly like: readonly string[];
  /** "Debian GNU/Linux 12 (bookworm)": for people. */
  readonly name: string;
  /** By package manager and habits: `debian` (apt), `rhel` (dnf), or neither. */
  readonly family: 'debian' | 'rhel' | 'other';
}

export const operatingSystem = defineProbe<OperatingSystem>({
  name: 'operating system',
  script: sh`if [ -r /etc/os-release ]; then cat /etc/os-release; else cat /usr/lib/os-release; fi`,
  parse(output) {
    const fields = new Map(output.split('\n').flatMap((line) => assignment(line)));
    const id = fields.get('ID') || 'linux';
    const like = (fields.get('ID_LIKE') ?? '').split(' ').filter((word) => word !== '');
    const name = fields.get('PRETTY_NAME') || fields.get('NAME') || id;
    return { id, version: fields.get('VERSION_ID') || undefined, like, name, family: family([id, ...like]) };
  },
});

/** A line of os-release(5): the value unquoted as a shell would. */
function assignment(line: string): [string, string][] {
  const match = /^([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line);
  if (match === null) return [];
  const [, name = '', raw = ''] = match;
  if (raw.startsWith("'")) return [[name, raw.slice(1, -1)]];
  const unquoted = raw.startsWith('"') ? raw.slice(1, -1) : raw;
  return [[name, unquoted.replace(/\\(["$`\\])/g, '$1')]];
}

function family(ids: readonly string[]): OperatingSystem['family'] {
  if (ids.some((id) => id === 'debian' || id === 'ubuntu')) return 'debian';
  if (ids.some((id) => id === 'rhel' || id === 'fedora' || id === 'centos')) return 'rhel';
  return 'other';
}
