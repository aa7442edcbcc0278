import type { ValidateResult } from '../../operations/results.js';
import { count } from '../../ui/amounts.js';
import type { Paint } from '../../ui/theme.js';
import type { StreamTexts } from '../session.js';

/** A valid file's cluster in one line; the problems of an invalid one, and warnings, on stderr. */
export function printValidate(result: ValidateResult, paint: Paint): StreamTexts {
  const { file, cluster, diagnostics, report } = result;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const details = report === '' ? '' : `${report}\n\n`;
  if (cluster === undefined) {
    const also = warnings === 0 ? '' : ` and ${count(warnings, 'warning')}`;
    return { stdout: '', stderr: `${details}${paint.red(`${file} has ${count(errors, 'problem')}${also}.`)}\n` };
  }
  const { name, kubernetes, nodes } = cluster;
  const controlPlanes = nodes.filter(({ roles }) => roles.includes('control-plane')).length;
  const etcd = nodes.filter(({ roles }) => roles.includes('etcd')).length;
  const forEtcd = etcd === 0 ? '' : `, ${count(etcd, 'machine')} for etcd`;
  const workers = nodes.length - controlPlanes - etcd;
  const machines = `${count(controlPlanes, 'control plane')}${forEtcd} and ${count(workers, 'worker')}`;
  const verdict = `${file} is valid: cluster ${name}, Kubernetes ${kubernetes.version}, ${machines}.`;
  return { stdout: `${paint.green(verdict)}\n`, stderr: details };
}
