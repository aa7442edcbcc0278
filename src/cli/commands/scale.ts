import { KubewrightError } from '../../core/errors.js';
import { CHANGE_FLAGS, changeRequest } from '../change-flags.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printUp } from '../print/up.js';

/** `kubewright scale` */
export const scale = defineCommand({
  name: 'scale',
  summary: 'Change how many machines pools have',
  description: `Sets the count of pools in cluster.yaml, whose comments stay, and then does what \`up\` does: new nodes join beside the
others, which are not touched; nodes that are not wanted any more (those with the highest numbers) are drained, taken out of
the cluster and destroyed. Asks before it removes any.`,
  arguments: [{ name: 'POOL=COUNT', description: 'A pool, and how many machines it shall have.', variadic: true }],
  flags: CHANGE_FLAGS,
  examples: [
    { command: 'kubewright scale workers=5', comment: 'Five workers' },
    { command: 'kubewright scale control-plane=3 workers=4', comment: 'Highly available, and a fourth worker' },
    { command: 'kubewright scale workers=1 --yes --drain-timeout 60', comment: 'Fewer, unasked, in a hurry' },
  ],
  async run({ flags, arguments: { 'POOL=COUNT': words } }, session) {
    const pools = Object.fromEntries(words.map(poolAndCount));
    const result = await session.perform(
      (operations, operator) => operations.scale({ ...changeRequest(flags), pools }, operator),
      { resumes: true },
    );
    session.present(result, (paint) => printUp(result, paint));
    return EXIT.done;
  },
});

function poolAndCount(word: string): readonly [string, number] {
  const [, pool, count] = /^([^=]+)=(\d+)$/.exec(word) ?? [];
  if (pool !== undefined && count !== undefined) return [pool, Number(count)];
  throw new KubewrightError('usage', `${JSON.stringify(word)} does not say how many machines which pool shall have`, {
    hint: 'For example: kubewright scale workers=5',
  });
}
