import type { Taint } from '../../model/cluster.js';
import {
  keyProblem,
  OPEN_LABELS,
  parseTaint,
  reservedLabelProblem,
  reservedTaintProblem,
  TAINT_EFFECTS,
  valueProblem,
} from '../../model/labels.js';
import {
  certificateNameProblem,
  labelProblem,
  MAX_CLUSTER_NAME,
  MAX_NODE_NAME,
  subdomainProblem,
  userProblem,
} from '../../model/names.js';
import { parseVersion } from '../../model/version.js';
import { hasControlCharacter } from '../printable.js';
import { oneOf } from '../shown.js';
import type { Check } from './fields.js';

/* What is wrong with the text of one field: see `Check`. The rules of names, labels and networks themselves live in model/. */

export const clusterName: Check = (name) => labelProblem(name, MAX_CLUSTER_NAME);
export const poolName: Check = (name) => labelProblem(name);
export const nodeName: Check = (name) => subdomainProblem(name, MAX_NODE_NAME);
export const user: Check = userProblem;
export const clusterDomain: Check = (domain) => subdomainProblem(domain);
export const extraName: Check = certificateNameProblem;
export const labelValue: Check = valueProblem;

export const labelKey: Check = (key) => {
  const problem = keyProblem(key);
  const reserved = reservedLabelProblem(key);
  if (problem !== undefined || reserved === undefined) return problem;
  return { problem: reserved, hint: `Of kubernetes.io and k8s.io only these may be set: ${OPEN_LABELS}.` };
};
export const taintKey: Check = (key) => keyProblem(key) ?? reservedTaintProblem(key);

/** A taint in kubectl's notation. */
export const taint: Check = (text) => {
  const parsed = parseTaint(text);
  if (parsed === undefined) return 'is no taint: expected KEY=VALUE:EFFECT or KEY:EFFECT';
  if (!TAINT_EFFECTS.some((effect) => effect === parsed.effect)) {
    return `has the effect "${parsed.effect}": expected ${oneOf(TAINT_EFFECTS)}`;
  }
  const key = keyProblem(parsed.key);
  if (key !== undefined) return `has the key "${parsed.key}", which ${key}`;
  const value = valueProblem(parsed.value ?? '');
  if (value !== undefined) return `has the value "${parsed.value}", which ${value}`;
  const reserved = reservedTaintProblem(parsed.key);
  return reserved === undefined ? undefined : `has the key "${parsed.key}", which ${reserved}`;
};

/** The taint that a text is for which `taint` finds no problem. */
export function readTaint(text: string): Taint {
  const parsed = parseTaint(text);
  const effect = TAINT_EFFECTS.find((one) => one === parsed?.effect);
  if (parsed === undefined || effect === undefined) throw new TypeError(`${text} is no taint`);
  return { ...parsed, effect };
}

/** A release of Kubernetes. Whether it is supported is a rule of its own. */
export const version: Check = (text) => {
  if (parseVersion(text) !== undefined) return undefined;
  if (/^v?\d+\.\d+\.\d+[-+]/.test(text))
    return 'is no plain release: pre-releases and builds of others are not installed';
  return /^v?\d+\.\d+$/.test(text)
    ? 'lacks the third number, the patch release'
    : 'is no version: expected one like 1.36.3';
};

/** A path of a file on this machine. */
export const path: Check = (text) => {
  if (text === '') return 'is empty';
  if (hasControlCharacter(text)) return 'has a control character in it';
  return /^~[^/]/.test(text) ? 'begins with the home of another user: only ~/ is understood' : undefined;
};

export const environmentVariable: Check = (text) =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
    ? undefined
    : 'is no name of an environment variable: only letters, digits and "_" are allowed';

/** A network interface of Linux (dev_valid_name: at most 15 characters), of those characters that need no quoting. */
export const networkInterface: Check = (text) => {
  if (text.length > 15) return `has ${text.length} characters where at most 15 are allowed`;
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text)
    ? undefined
    : 'is no name of a network interface: expected one like eth0';
};

/** The reference of a container image: [HOST[:PORT]/]NAME[:TAG][@DIGEST] (the distribution project's grammar, summarised). */
export const image: Check = (text) => {
  const reference =
    /^[a-z0-9][A-Za-z0-9._-]*(:\d+(?=\/))?(\/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[a-f0-9]{64})?$/;
  return text.length <= 512 && reference.test(text) ? undefined : 'is no reference of a container image';
};

/** A host whose downloads a mirror stands in for. */
export const mirroredHost: Check = (text) => subdomainProblem(text);

/** Where a mirror is. Credentials are refused: the config is no place for secrets. */
export const mirrorUrl: Check = (text) => {
  const url = hasControlCharacter(text) || !URL.canParse(text) ? undefined : new URL(text);
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'is no URL: expected one like https://mirror.example.com/kubernetes';
  }
  if (url.username !== '' || url.password !== '')
    return 'has a user or a password in it, and the config is no place for secrets';
  return url.search !== '' || url.hash !== '' ? 'has a query or a fragment, to which no path can be added' : undefined;
};

/** A public key as in an ssh_host_*_key.pub: its type and its base64, whose own first field repeats the type (RFC 4253 §6.6). */
export const publicKey: Check = (text) => {
  const [type = '', base64 = ''] = text.split(' ');
  if (/PRIVATE KEY/.test(text))
    return { problem: 'is a private key', hint: 'Take it out of the file: only the public key belongs here.' };
  if (
    !/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/.test(
      type,
    )
  ) {
    return 'is no public host key: expected one like "ssh-ed25519 AAAA…", without the host in front';
  }
  const blob = Buffer.from(base64, 'base64');
  const isWhole =
    blob.toString('base64').replaceAll('=', '') === base64.replaceAll('=', '') && blob.length > type.length + 4;
  const inner = isWhole ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') : undefined;
  return inner === type ? undefined : 'is cut or changed: its base64 is not that of such a key';
};
