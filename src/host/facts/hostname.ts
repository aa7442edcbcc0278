import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** The name that the kernel holds now; /etc/hostname may say another that counts only after a reboot. */
export const hostname = defineProbe<string>({
  name: 'hostname',
  script: sh`read -r name < /proc/sys/kernel/hostname && echo "$name"`,
  parse: (output) => output,
});
