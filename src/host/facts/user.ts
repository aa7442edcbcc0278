import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

export interface User {
  /** Of the scripts that are run: 0 is root. */
  readonly uid: number;
  /** Who logged in. */
  readonly login: string;
  /** Did root's rights come through sudo? */
  readonly sudo: boolean;
}

export const user = defineProbe<User>({
  name: 'user',
  // The environment is sudo's own report of who called it.
  script: sh`id -u && echo "\${SUDO_USER:-}" && id -un`,
  parse(output) {
    const [uid = '', caller = '', name = ''] = output.split('\n');
    if (!/^\d+$/.test(uid)) throw new Error(`"${uid}" is not a user id`);
    return { uid: Number(uid), login: caller || name, sudo: caller !== '' };
  },
});
