import type { InitRequest, TemplateAnswers } from '../index.js';
import type { Operator } from '../operations/operator.js';
import type {
  DoctorResult,
  DownResult,
  ExecResult,
  InitResult,
  KubeconfigResult,
  PlanResult,
  StatusResult,
  UpResult,
  ValidateResult,
} from '../operations/results.js';

/**
 * What the verbs call: the library's operations, by name. The CLI loads them only when a verb runs, so
 * that `--help` and completion start at once; tests hand in their own.
 */
export interface Operations {
  up(request: UpRequest, operator: Operator): Promise<UpResult>;
  plan(request: FileRequest, operator: Operator): Promise<PlanResult>;
  status(request: FileRequest, operator: Operator): Promise<StatusResult>;
  kubeconfig(request: KubeconfigRequest, operator: Operator): Promise<KubeconfigResult & { readonly content: string }>;
  ssh(request: SshRequest, operator: Operator): Promise<number>;
  exec(request: ExecRequest, operator: Operator): Promise<readonly ExecResult[]>;
  down(request: DownRequest, operator: Operator): Promise<DownResult>;
  doctor(request: { readonly file?: string }, operator: Operator): Promise<DoctorResult>;
  validate(request: FileRequest): Promise<ValidateResult>;
  init(request: InitRequest): Promise<InitResult>;
  answersProblem(answers: TemplateAnswers): string | undefined;
  defaultAnswers(): TemplateAnswers;
}

interface FileRequest {
  readonly file: string;
}

interface UpRequest extends FileRequest {
  readonly setCurrentContext: boolean;
  readonly kubeconfig?: string;
}

interface KubeconfigRequest extends FileRequest {
  readonly merge: boolean;
  readonly kubeconfig?: string;
  readonly setCurrentContext: boolean;
}

interface SshRequest extends FileRequest {
  readonly host: string;
  readonly command: readonly string[];
}

interface ExecRequest extends FileRequest {
  readonly hosts: readonly string[] | 'all';
  readonly command: readonly string[];
  readonly parallel: number;
}

interface DownRequest {
  readonly file?: string;
  readonly cluster?: string;
  readonly kubeconfig?: string;
}
