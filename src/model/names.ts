import { isIpv6, parseIpv4 } from './cidr.js';

/*
 * Each function answers what is wrong with a text, in words that follow the text itself ("has capital letters: …"),
 * or undefined when it is fine. What they accept can stand in a shell word, a file name and a URL without quoting.
 */

/** Linux allows 64 characters for a hostname; Kubernetes puts it into a label, which ends at 63. */
export const MAX_NODE_NAME = 63;
/** Leaves room for the node's part in the names of containers, networks and volumes. */
export const MAX_CLUSTER_NAME = 40;

const LABEL_ALPHABET = 'only lower-case letters a-z, digits and "-" are allowed';
const SUBDOMAIN_ALPHABET = 'only lower-case letters a-z, digits, "-" and "." are allowed';

/** RFC 1123 label, lower case: names of clusters and pools. */
export function labelProblem(text: string, maximum: number = MAX_NODE_NAME): string | undefined {
  if (text === '') return 'is empty';
  if (/[^a-z0-9-]/.test(text)) return `has ${firstOutside(text, /[^a-z0-9-]/)}: ${LABEL_ALPHABET}`;
  if (/^-|-$/.test(text)) return 'begins or ends with "-": it must begin and end with a letter or a digit';
  return tooLong(text, maximum);
}

/** RFC 1123 subdomain, lower case: labels joined by dots, as names of nodes and DNS names are. */
export function subdomainProblem(text: string, maximum = 253): string | undefined {
  if (text === '') return 'is empty';
  if (/[^a-z0-9.-]/.test(text)) return `has ${firstOutside(text, /[^a-z0-9.-]/)}: ${SUBDOMAIN_ALPHABET}`;
  if (tooLong(text, maximum) !== undefined) return tooLong(text, maximum);
  for (const label of text.split('.')) {
    if (label === '') return 'has an empty part: dots stand between names, not beside each other or at an end';
    const problem = labelProblem(label);
    if (problem !== undefined) return text === label ? problem : `has the part "${label}", which ${problem}`;
  }
  return undefined;
}

/** A host that can be connected to: an IPv4 address or a DNS name (any case). */
export function hostProblem(text: string): string | undefined {
  if (parseIpv4(text) !== undefined) return undefined;
  if (isIpv6(text)) return 'is an IPv6 address: this version of kubewright connects over IPv4 only';
  if (text.includes('@')) return 'has "@" in it: the user belongs into the field `user`';
  if (/^[^:]+:\d+$/.test(text)) return 'has a port in it: the port belongs into the field `port`';
  if (/^[\d.]+$/.test(text)) return 'is neither an IPv4 address (four numbers from 0 to 255) nor a DNS name';
  return subdomainProblem(text.toLowerCase());
}

/** A name or address for a certificate: an IP address, a DNS name, or "*." and a DNS name (kubeadm's --apiserver-cert-extra-sans). */
export function certificateNameProblem(text: string): string | undefined {
  if (parseIpv4(text) !== undefined || isIpv6(text)) return undefined;
  if (/^[\d.]+$/.test(text)) return 'is neither an IP address nor a DNS name';
  return subdomainProblem(text.startsWith('*.') ? text.slice(2) : text);
}

/** The name of a user on a Linux machine, as useradd(8) and directories hand them out. */
export function userProblem(text: string): string | undefined {
  if (text === '') return 'is empty';
  const outside = /[^A-Za-z0-9._@-]/;
  if (outside.test(text))
    return `has ${firstOutside(text, outside)}: only letters, digits, "_", "-", "." and "@" are allowed`;
  if (text.startsWith('-')) return 'begins with "-"';
  return tooLong(text, 256);
}

function tooLong(text: string, maximum: number): string | undefined {
  return text.length > maximum ? `has ${text.length} characters: at most ${maximum} are allowed` : undefined;
}

/** Names the first character that is not allowed, so that an invisible one is seen too. */
function firstOutside(text: string, outside: RegExp): string {
  const code = text.codePointAt(text.search(outside)) ?? 0;
  const character = String.fromCodePoint(code);
  if (character === ' ') return 'a space';
  if (/[A-Z]/.test(character)) return `the capital letter ${character}`;
  const isVisible = code > 0x20 && code < 0x7f;
  return isVisible ? `"${character}"` : `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
