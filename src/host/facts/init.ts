import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

export interface Init {
  /** The name of process 1: "systemd". */
  readonly process: string;
  /** Does systemd run the system? (It may be installed and not run, as in most containers.) */
  readonly systemd: boolean;
  /** systemd's view of the whole: "running", "degraded" (a unit failed), "starting", "maintenance"… */
  readonly state: string | undefined;
  /** systemd's version: "252.22-1~deb12u1". */
  readonly version: string | undefined;
}

export const init = defineProbe<Init>({
  name: 'init system',
  script: sh`read -r process < /proc/1/comm && echo "$process"
[ ! -d /run/systemd/system ] || systemctl show --property=Version --property=SystemState`,
  parse(output) {
    const [process = '', ...properties] = output.split('\n');
    const value = (name: string) => properties.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
    return {
      process,
      systemd: properties.length > 0,
      state: value('SystemState'),
      version: value('Version'),
    };
  },
});
