import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** What root may really do here: in a container it is often less than everything. */
export interface Capabilities {
  /** Mask of capabilities(7) of root's shell, in hexadecimal. */
  readonly effective: string;
  /** Mask that bounds what process 1 and all its services can ever have. */
  readonly bounding: string;
  /** CAP_SYS_RESOURCE: raise resource limits. */
  readonly sysResource: boolean;
  /** CAP_SYS_ADMIN: mount, make namespaces. */
  readonly sysAdmin: boolean;
  /** Tried out: may root lower a process's oom_score_adj (what kubelet and containerd do to protect pods)? */
  readonly canLowerOomScore: boolean;
}

export const capabilities = defineProbe<Capabilities>({
  name: 'capabilities',
  script: sh`sed -n 's/^CapEff:/effective/p' /proc/self/status
sed -n 's/^CapBnd:/bounding/p' /proc/1/status
# The subshell changes itself only, and ends.
if ( read -r old < /proc/self/oom_score_adj; echo $((old - 1)) > /proc/self/oom_score_adj ) 2> /dev/null; then echo oom yes; else echo oom no; fi`,
  parse(output) {
    const values = new Map(
      output.split('\n').map((line): [string, string] => {
        const [name = '', value = ''] = line.split(/\s+/);
        return [name, value];
      }),
    );
    const effective = checked(values.get('effective'));
    return {
      effective,
      bounding: checked(values.get('bounding')),
      sysResource: has(effective, CAP_SYS_RESOURCE),
      sysAdmin: has(effective, CAP_SYS_ADMIN),
      canLowerOomScore: values.get('oom') === 'yes',
    };
  },
});

/** Bit numbers of linux/capability.h. */
const CAP_SYS_ADMIN = 21n;
const CAP_SYS_RESOURCE = 24n;

function has(mask: string, bit: bigint): boolean {
  return ((BigInt(`0x${mask}`) >> bit) & 1n) === 1n;
}

function checked(mask: string | undefined): string {
  if (mask === undefined || !/^[0-9a-f]+$/.test(mask)) throw new Error(`"${mask}" is not a capability mask`);
  return mask;
}
