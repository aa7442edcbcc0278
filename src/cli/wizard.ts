import { confirm, intro, isCancel, outro, select, text } from '@clack/prompts';
import { KubewrightError } from '../core/errors.js';
import { type GivenAnswers, parseAddresses } from './init-answers.js';
import type { Operations } from './operations.js';
import type { Terminal } from './terminal.js';

/**
 * Asks for what was not given, each question with its default and each answer checked by the rules of
 * cluster.yaml as it is typed. Rejects with `interrupted` on Ctrl-C.
 */
export async function askAnswers(
  given: GivenAnswers,
  { answersProblem, defaultAnswers }: Pick<Operations, 'answersProblem' | 'defaultAnswers'>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<GivenAnswers> {
  const io = { input: terminal.stdin, output: terminal.stderr, signal };
  const defaults = defaultAnswers();
  let answers: GivenAnswers = given;
  const complete = () => ({ ...defaults, ...answers });

  const askText = async (message: string, fallback: string, toAnswers: (typed: string) => GivenAnswers) => {
    const typed = await text({
      ...io,
      message,
      placeholder: fallback,
      defaultValue: fallback,
      validate: (value) =>
        answersProblem({ ...complete(), ...toAnswers(value === undefined || value === '' ? fallback : value) }),
    });
    answers = { ...answers, ...toAnswers(answered(typed)) };
  };

  intro('A new cluster. Enter takes what is shown.', io);
  if (given.name === undefined) await askText('What is it called?', defaults.name, (name) => ({ name }));
  if (given.provider === undefined) {
    const provider = await select({
      ...io,
      message: 'Where do the machines come from?',
      options: [
        { value: 'local' as const, label: 'this computer', hint: 'containers that behave like machines' },
        { value: 'hosts' as const, label: 'they exist already', hint: 'reached over SSH' },
      ],
    });
    answers = { ...answers, provider: answered(provider) };
  }
  if (answers.provider === 'hosts' && given.hosts === undefined) {
    await askText('Their addresses, control planes first?', 'cp.example.com, worker.example.com', (typed) => {
      const hosts = parseAddresses(typed);
      return { hosts, controlPlanes: 1, workers: Math.max(0, hosts.length - 1) };
    });
  }
  await askCounts(given, answers.hosts?.length, askText);
  if (given.kubernetesVersion === undefined) {
    const version = defaults.kubernetesVersion;
    await askText('Which release of Kubernetes?', version, (kubernetesVersion) => ({ kubernetesVersion }));
  }
  if (answers.provider === 'hosts') {
    const { access = {} } = answers;
    if (access.user === undefined) {
      await askText('Which user logs in?', 'root', (user) => ({ access: { ...access, user } }));
    }
    if (access.hostKey === undefined) {
      const trust = await confirm({
        ...io,
        message: 'Accept host keys that are not in ~/.ssh/known_hosts, once, and pin them?',
        initialValue: false,
      });
      if (answered(trust)) answers = { ...answers, access: { ...answers.access, hostKey: 'trust-on-first-use' } };
    }
  }
  outro('That is all.', io);
  return answers;
}

/** How many of each; of machines that exist, only how many of them are control planes. */
async function askCounts(
  given: GivenAnswers,
  machines: number | undefined,
  ask: (message: string, fallback: string, toAnswers: (typed: string) => GivenAnswers) => Promise<void>,
): Promise<void> {
  if (given.controlPlanes === undefined) {
    await ask('How many control planes?', '1', (typed) => ({
      controlPlanes: Number(typed),
      ...(machines === undefined ? {} : { workers: Math.max(0, machines - Number(typed)) }),
    }));
  }
  if (given.workers === undefined && machines === undefined) {
    await ask('How many workers?', '2', (typed) => ({ workers: Number(typed) }));
  }
}

function answered<Value>(value: Value): Exclude<Value, symbol> {
  if (isCancel(value)) throw new KubewrightError('interrupted', 'the questions were left unanswered');
  return value as Exclude<Value, symbol>;
}
