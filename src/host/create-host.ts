import { KubewrightError } from '../core/errors.js';
import type { Command } from '../transport/command.js';
import { seconds } from '../transport/deadline.js';
import { createMask } from '../transport/redact.js';
import type { RunResult, Transport } from '../transport/transport.js';
import type { Elevation } from './become-root.js';
import type { RemoteHost, ScriptOptions } from './remote-host.js';
import { createRootShell } from './root-shell.js';
import { uploadFiles } from './upload.js';

/** A host over a transport that is open. Disposing of the host closes the transport. */
export function createHost(parts: {
  readonly name: string;
  readonly transport: Transport;
  readonly elevation: Elevation;
}): RemoteHost {
  const { name, transport, elevation } = parts;
  const shell = createRootShell(name, transport, elevation);

  async function script(command: Command, options: ScriptOptions): Promise<RunResult> {
    const title = createMask(command.secrets)(options.title);
    const tail: string[] = [];
    let result: RunResult;
    try {
      result = await shell.run(command, {
        signal: options.context.signal,
        timeoutMs: options.timeoutMs,
        input: options.input,
        onLine(line, stream) {
          tail.push(line);
          if (tail.length > TAIL) tail.shift();
          if (options.show ?? true) options.context.line(line, stream);
        },
      });
    } catch (error) {
      throw withContext(error, { name, title, tail, timeoutMs: options.timeoutMs });
    }
    if (result.code !== 0 && !options.allowFailure) {
      throw new KubewrightError('remote-command-failed', `${title} failed on ${name}: ${ending(result.code)}.`, {
        host: name,
        command: title,
        output: tail,
      });
    }
    return result;
  }

  const host: RemoteHost = {
    name,
    description: transport.description,
    script,
    upload: (files, options) => uploadFiles(host, files, options),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
  return host;
}

/** Last lines of output that an error carries. */
const TAIL = 20;

function ending(code: number): string {
  return code > 128 && code < 128 + 65 ? `ended by signal ${code - 128}` : `exit code ${code}`;
}

/** What the transport says, with what was being done and what it had printed until then. */
function withContext(
  error: unknown,
  at: { readonly name: string; readonly title: string; readonly tail: readonly string[]; readonly timeoutMs: number },
): unknown {
  if (!(error instanceof KubewrightError)) return error;
  const details = {
    hint: error.hint,
    host: at.name,
    command: at.title,
    output: error.output.length > 0 ? error.output : at.tail,
    retryable: error.retryable,
    cause: error,
  };
  switch (error.code) {
    case 'timeout':
      return new KubewrightError(
        'timeout',
        `${at.title} on ${at.name} took longer than ${seconds(at.timeoutMs)}.`,
        details,
      );
    case 'interrupted':
      return new KubewrightError('interrupted', `${at.title} on ${at.name} was interrupted.`, details);
    default:
      return new KubewrightError(error.code, error.message, details);
  }
}
