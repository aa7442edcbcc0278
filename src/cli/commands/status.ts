import type { StatusResult } from '../../operations/results.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printStatus } from '../print/status.js';
import type { Session } from '../session.js';
import { createWatchView } from '../watch-view.js';

/** `kubewright status` */
export const status = defineCommand({
  name: 'status',
  summary: 'Show nodes, API servers, etcd, certificates and what is wrong',
  description: `Asks the machines, every API server and etcd, all at once, and shows how the nodes are, which API servers answer,
which etcd members are healthy and how many may be lost, until when certificates hold, what is wrong, and what is not as in
cluster.yaml. Changes nothing. A machine that is down costs some seconds, and holds up no other.

Exits with 1 when something is wrong. That something is not as in cluster.yaml is shown and is not wrong: changes that
\`up\` would make, nodes that it would remove, nodes that others added. \`plan\` has an exit code for that.

With --watch it looks again and again: on a terminal in place, elsewhere a block each time that something changed, after a
line with the time; with --output json a result each time that something changed. Ctrl-C ends it, and the exit code is
that of what was seen last.`,
  arguments: [],
  flags: [
    { name: 'watch', short: 'w', description: 'Look again and again, until Ctrl-C.' },
    {
      name: 'interval',
      value: 'SECONDS',
      atLeast: 1,
      default: 2,
      description: 'With --watch: how long to wait before looking again.',
      completes: 'nothing',
    },
  ],
  examples: [
    { command: 'kubewright status', comment: 'Is everything well?' },
    { command: 'kubewright status --watch', comment: 'See a cluster grow, or a node come back' },
    {
      command: `kubewright status -o json | jq -r 'select(.type=="result").result.nodes[] | select(.ready|not).name'`,
      comment: 'The names of the nodes that are not Ready',
    },
  ],
  async run({ flags }, session) {
    if (flags.watch) {
      const last = await watch({ file: flags.file, interval: flags.interval, json: flags.output === 'json' }, session);
      if (last === undefined) return EXIT.interrupted;
      return last.healthy ? EXIT.done : EXIT.failed;
    }
    const result = await session.perform((operations, operator) => operations.status({ file: flags.file }, operator));
    session.present(result, (paint) => printStatus(result, paint, Date.now()));
    return result.healthy ? EXIT.done : EXIT.failed;
  },
});

/** Resolves with what was seen last; undefined where that was nothing. */
async function watch(
  { file, interval, json }: { readonly file: string; readonly interval: number; readonly json: boolean },
  session: Session,
): Promise<StatusResult | undefined> {
  const { terminal } = session;
  const view = createWatchView({ terminal, json, interval });
  let last: StatusResult | undefined;
  await session.perform(
    async (operations, operator) => {
      for await (const result of operations.watchStatus({ file, intervalMs: interval * 1000 }, operator)) {
        last = result;
        view.show(result);
        // Nobody reads any more: `status --watch | head -1`.
        if (terminal.stdout.destroyed) break;
      }
    },
    { view, endsByCtrlC: true },
  );
  return last;
}
