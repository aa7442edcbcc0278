import { sh } from '../../transport/command.js';
import { defineProbe, type Probe } from '../probe.js';

/** A systemd unit as it is. */
export interface Unit {
  readonly name: string;
  /** "active", "inactive", "failed", "activating". */
  readonly active: string;
  /** "running", "dead", "exited", "auto-restart". */
  readonly sub: string;
  /** "enabled", "disabled", "static", "masked"; empty when there is no such unit. */
  readonly enabled: string;
  /** Microseconds since boot at which the main process was started; 0 when it never was. */
  readonly startedAt: number;
  /** How often systemd restarted it by itself. */
  readonly restarts: number;
}

/** The state of systemd units by name ("kubelet.service"), those that do not exist included. */
export function unitsProbe(names: readonly string[]): Probe<ReadonlyMap<string, Unit>> {
  return defineProbe<ReadonlyMap<string, Unit>>({
    name: 'units',
    script: sh`systemctl show --property=${PROPERTIES.join(',')} -- ${[...names]}`,
    parse(output) {
      const blocks = output.split('\n\n');
      if (blocks.length !== names.length)
        throw new Error(`systemctl spoke of ${blocks.length} units, not ${names.length}`);
      return new Map(names.map((name, index) => [name, unit(name, blocks[index] ?? '')]));
    },
  });
}

const PROPERTIES = ['ActiveState', 'SubState', 'UnitFileState', 'ExecMainStartTimestampMonotonic', 'NRestarts'];

function unit(name: string, block: string): Unit {
  const values = new Map(
    block.split('\n').map((line): [string, string] => {
      const [key = '', ...rest] = line.split('=');
      return [key, rest.join('=')];
    }),
  );
  return {
    name,
    active: values.get('ActiveState') ?? '',
    sub: values.get('SubState') ?? '',
    enabled: values.get('UnitFileState') ?? '',
    startedAt: Number(values.get('ExecMainStartTimestampMonotonic') ?? 0),
    restarts: Number(values.get('NRestarts') ?? 0),
  };
}
