/** The library: every verb as a function, the types of what they take and give, their events and errors. */

export type { Diagnostic } from './config/diagnostics.js';
export type { TemplateAnswers } from './config/template.js';
export { ERROR_CODES, type ErrorCode, type ErrorCodeInfo } from './core/error-codes.js';
export { type ErrorDetails, KubewrightError, type SerializedError, serializeError } from './core/errors.js';
export type { Emit, Event, NoteEvent, OutputEvent, ProgressEvent, RunEvent, StepEvent } from './core/events.js';
export type { Change } from './core/step.js';
export type * from './model/cluster.js';
export { doctor } from './operations/doctor.js';
export { type DownRequest, down } from './operations/down.js';
export { type ExecRequest, exec } from './operations/exec.js';
export { answersProblem, defaultAnswers, type InitRequest, init } from './operations/init.js';
export { type KubeconfigRequest, kubeconfig } from './operations/kubeconfig.js';
export {
  type NodeAddRequest,
  type NodeNamesRequest,
  nodeAdd,
  nodeRemove,
  nodeReplace,
} from './operations/node.js';
export type { Operator } from './operations/operator.js';
export { plan } from './operations/plan.js';
export { type ResetRequest, reset } from './operations/reset.js';
export type * from './operations/results.js';
export { type ScaleRequest, scale } from './operations/scale.js';
export { type SshRequest, ssh } from './operations/ssh.js';
export { status } from './operations/status.js';
export { type TunnelRequest, tunnel } from './operations/tunnel.js';
export { type UpRequest, up } from './operations/up.js';
export { validate } from './operations/validate.js';
export { type WatchStatusRequest, watchStatus } from './operations/watch-status.js';
export { listClusters } from './state/store.js';
