import type { CommanderError } from 'commander';
import { KubewrightError } from '../core/errors.js';

/** Commander's complaint as an error of ours: what is wrong, and as the hint the nearest right word. */
export function usageError(error: CommanderError, verb: string | undefined): KubewrightError {
  const [complaint = '', suggestion] = error.message.replace(/^error: /, '').split(/\n\(?(?=Did you mean)/);
  const help = verb === undefined ? 'kubewright --help' : `kubewright ${verb} --help`;
  const hint = suggestion === undefined ? '' : `${suggestion.replace(/\)$/, '').trim()} `;
  return new KubewrightError('usage', complaint.trim(), { hint: `${hint}\`${help}\` shows what there is.` });
}
