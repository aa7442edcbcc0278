import { z } from 'zod';
import { KubewrightError } from '../../core/errors.js';
import { fetchSmall, type SmallAnswer } from './fetch-text.js';
import type { HttpClient } from './http-client.js';
import { statusFailure } from './http-errors.js';

/** One repository of a registry, asked without a login. Holds the token that the registry may want to see. */
export interface RegistrySession {
  readonly client: HttpClient;
  /** "https://registry.k8s.io/v2/pause" */
  readonly base: string;
  readonly repository: string;
  readonly signal: AbortSignal;
  /** What to send along: the token, once the registry asked for one. */
  headers: Readonly<Record<string, string>>;
}

/** Fetches something small, and again with a token where the registry says whom to ask for one. */
export async function askRegistry(session: RegistrySession, url: string, accept: string): Promise<SmallAnswer> {
  const options = { signal: session.signal, maxBytes: MAX_ANSWER };
  const answer = await fetchSmall(session.client, url, { ...options, headers: { accept, ...session.headers } });
  const challenge = answer.headers['www-authenticate'];
  if (answer.status !== 401 || challenge === undefined || 'authorization' in session.headers) return answer;
  session.headers = { authorization: `Bearer ${await anonymousToken(session, challenge)}` };
  return fetchSmall(session.client, url, { ...options, headers: { accept, ...session.headers } });
}

/** Reads an answer as what it should be; rejects with `artifact-invalid` where it is something else. */
export function parseAnswer<Schema extends z.ZodType>(schema: Schema, text: string, what: string): z.infer<Schema> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw invalidAnswer(what, 'it is no JSON');
  }
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw invalidAnswer(what, z.prettifyError(parsed.error));
  return parsed.data;
}

/** The error of an answer (`artifact-invalid`) that is not what a registry answers. */
export function invalidAnswer(what: string, why: string): KubewrightError {
  return new KubewrightError('artifact-invalid', `the registry's answer for ${what} makes no sense: ${why}`, {
    hint: 'A login page of a proxy, or a mirror that is no registry, may have answered instead.',
  });
}

/** The specification's limit for manifests. */
const MAX_ANSWER = 4 * 1024 * 1024;

const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** The token flow of registries: `WWW-Authenticate: Bearer realm="…",service="…",scope="…"`. */
async function anonymousToken(session: RegistrySession, challenge: string): Promise<string> {
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value ?? '']));
  const realm = fields.get('realm');
  if (!/^bearer /i.test(challenge) || realm === undefined || !URL.canParse(realm)) {
    throw new KubewrightError('artifact-refused', `${session.base} wants a login: ${challenge}`, {
      hint: 'kubewright pulls without a login. Name a mirror that allows it in artifacts.mirrors.',
    });
  }
  const url = new URL(realm);
  url.searchParams.set('scope', fields.get('scope') ?? `repository:${session.repository}:pull`);
  const service = fields.get('service');
  if (service !== undefined) url.searchParams.set('service', service);
  const answer = await fetchSmall(session.client, url.href, { signal: session.signal, maxBytes: MAX_ANSWER });
  if (answer.status !== 200) throw statusFailure(url.href, answer.status);
  const { token, access_token } = parseAnswer(Token, answer.text, url.href);
  const value = token ?? access_token;
  if (value === undefined) throw invalidAnswer(url.href, 'it holds no token');
  return value;
}
