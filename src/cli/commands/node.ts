import { KubewrightError } from '../../core/errors.js';
import { CHANGE_FLAGS, changeRequest } from '../change-flags.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printUp } from '../print/up.js';

/** `kubewright node` */
export const node = defineCommand({
  name: 'node',
  summary: 'Add, remove or replace single nodes',
  description: `\`add\` puts machines into a pool of cluster.yaml and has them join; no other node is touched.

\`remove\` takes nodes out of cluster.yaml, drains them (disruption budgets are respected), takes them out of etcd and of the
cluster, and destroys their machines, or takes Kubernetes off machines that existed before.

\`replace\` does the same and has a new node come in its place, under the same name. Any node can be replaced, the first control
plane included, as long as other control planes hold the cluster's data. A machine that is lost for good is replaced with
--force-unreachable.`,
  arguments: [
    { name: 'ACTION', description: 'What is to be done.', choices: ['add', 'remove', 'replace'] },
    { name: 'NAME', description: 'Names of nodes.', optional: true, variadic: true, completes: 'host' },
  ],
  flags: [
    { name: 'pool', value: 'POOL', description: '`add`: the pool that the machines come into.', completes: 'nothing' },
    {
      name: 'count',
      value: 'N',
      atLeast: 1,
      description: '`add`: how many machines, where kubewright makes them. Default 1.',
      completes: 'nothing',
    },
    {
      name: 'address',
      value: 'ADDRESS',
      description: '`add NAME`: where the machine is reached, where it exists already.',
      completes: 'nothing',
    },
    ...CHANGE_FLAGS,
  ],
  examples: [
    { command: 'kubewright node add --pool workers', comment: 'One more worker' },
    {
      command: 'kubewright node add web-4 --pool workers --address 10.0.1.24',
      comment: 'A machine that exists, with the other settings of the pool',
    },
    { command: 'kubewright node remove workers-2', comment: 'Exactly that one; the others keep their names' },
    {
      command: 'kubewright node replace control-plane-1 --force-unreachable',
      comment: 'Its machine is lost: a new one takes its place',
    },
  ],
  async run({ flags, arguments: { ACTION: action, NAME: names } }, session) {
    const request = changeRequest(flags);
    const { pool, count, address } = flags;
    if (action === 'add') {
      const [name, ...others] = names;
      if (pool === undefined) throw usage('into which pool?', 'kubewright node add --pool workers');
      if (others.length > 0 || (name === undefined) !== (address === undefined)) {
        throw usage(
          'a machine that exists is added by its name and its address, one at a time',
          'kubewright node add web-4 --pool workers --address 10.0.1.24',
        );
      }
      const host = name === undefined || address === undefined ? undefined : { name, address };
      const added = await session.perform(
        (operations, operator) => operations.nodeAdd({ ...request, pool, count, host }, operator),
        { resumes: true },
      );
      session.present(added, (paint) => printUp(added, paint));
      return EXIT.done;
    }
    const ofAdd = Object.entries({ pool, count, address }).find(([, value]) => value !== undefined);
    if (ofAdd !== undefined) throw usage(`--${ofAdd[0]} goes with add only`, `kubewright node ${action} workers-2`);
    if (names.length === 0) throw usage('which nodes?', `kubewright node ${action} workers-2`);
    const result = await session.perform(
      (operations, operator) =>
        action === 'remove'
          ? operations.nodeRemove({ ...request, names }, operator)
          : operations.nodeReplace({ ...request, names }, operator),
      { resumes: true },
    );
    session.present(result, (paint) => printUp(result, paint));
    return EXIT.done;
  },
});

function usage(message: string, example: string): KubewrightError {
  return new KubewrightError('usage', message, { hint: `For example: ${example}` });
}
