import { defineProbe } from '../../../host/probe.js';
import { sh } from '../../../transport/command.js';

/** What a host has of keepalived; the address itself is among those of the host. */
export interface KeepalivedState {
  /** Is the program there, whoever installed it? */
  readonly installed: boolean;
}

export const keepalivedProbe = defineProbe<KeepalivedState>({
  name: 'keepalived',
  script: sh`[ -x /usr/sbin/keepalived ] && echo installed; :`,
  parse: (output) => ({ installed: output.includes('installed') }),
});
