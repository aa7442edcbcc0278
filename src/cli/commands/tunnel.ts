import { KubewrightError } from '../../core/errors.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printTunnel } from '../print/tunnel.js';

/** `kubewright tunnel` */
export const tunnel = defineCommand({
  name: 'tunnel',
  summary: 'Reach the API through a port here, whichever control planes live',
  description: `Listens on 127.0.0.1 and passes each connection on to an API server that is ready. When one is down, its connections
are ended within 3 seconds and new ones go to another. kubectl starts it by itself where the context goes
through it, and it ends when it was not used for ten minutes: this verb is for looking at it, and for everything else.

Without a flag it runs here until Ctrl-C and says what it does. One runs a cluster; its port stays the same.`,
  arguments: [],
  flags: [
    { name: 'detach', short: 'd', description: 'Start it in the background, if it does not run already.' },
    { name: 'stop', description: 'End it with all its connections.' },
    {
      name: 'status',
      description: 'Show where it listens and which servers are ready. Exits with 1 when it does not run.',
    },
    {
      name: 'port',
      value: 'PORT',
      atLeast: 1,
      description: 'Listen on this port from now on; the context in your kubeconfig is changed with it.',
      completes: 'nothing',
    },
    {
      name: 'cluster',
      value: 'NAME',
      description: 'The cluster by its name, instead of by its configuration.',
      completes: 'cluster',
    },
    {
      name: 'kubeconfig',
      value: 'FILE',
      description: 'With --port: the file with the context, instead of $KUBECONFIG or ~/.kube/config.',
      completes: 'file',
    },
  ],
  examples: [
    { command: 'kubewright tunnel --status', comment: 'Which control plane does kubectl talk to?' },
    { command: 'kubewright tunnel', comment: 'Watch it while control planes come and go' },
    { command: 'kubewright tunnel --detach --port 16443', comment: 'On another port, in the background' },
  ],
  async run({ flags }, session) {
    const { detach, stop, status, port, cluster, kubeconfig } = flags;
    if ([detach, stop, status].filter(Boolean).length > 1) {
      throw new KubewrightError('usage', '--detach, --stop and --status exclude each other', {
        hint: 'Give one of them, or none.',
      });
    }
    const action = detach ? 'start' : stop ? 'stop' : status ? 'status' : 'run';
    const result = await session.perform(
      (operations, operator) =>
        operations.tunnel(
          {
            file: flags.file,
            action,
            ...(cluster === undefined ? {} : { cluster }),
            ...(port === undefined ? {} : { port }),
            ...(kubeconfig === undefined ? {} : { kubeconfig }),
          },
          operator,
        ),
      { endsByCtrlC: action === 'run' },
    );
    session.present(result, (paint) => printTunnel(result, paint));
    return action === 'status' && result.tunnel === undefined ? EXIT.failed : EXIT.done;
  },
});
