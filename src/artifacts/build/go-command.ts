import { KubewrightError } from '../../core/errors.js';
import { runProgram } from '../../transport/program.js';

/** The go command with everything that shapes its output pinned, so that settings of the user's own do not. */
export interface GoCommand {
  /** Runs it in the wrapper module and gives standard output. Rejects with `build-failed` and its last lines. */
  run(args: readonly string[], title: string, onLine?: (line: string) => void): Promise<string>;
}

export interface GoCommandOptions {
  readonly directory: string;
  readonly os: string;
  readonly arch: string;
  /** The C compiler; absent: pure Go. */
  readonly cc?: string | undefined;
  readonly signal: AbortSignal;
}

/** The go command for one folder and platform. `run` rejects with `program-missing` where there is no Go. */
export function goCommand(options: GoCommandOptions): GoCommand {
  const env = {
    GOOS: options.os,
    GOARCH: options.arch,
    GOAMD64: 'v1',
    GOARM64: 'v8.0',
    GO111MODULE: 'on',
    GOWORK: 'off',
    GOFLAGS: '-mod=mod',
    GOTMPDIR: options.directory,
    CGO_ENABLED: options.cc === undefined ? '0' : '1',
    ...(options.cc === undefined ? {} : { CC: options.cc, CGO_CFLAGS: '-O2 -g', CGO_LDFLAGS: '-O2 -g' }),
  };
  return {
    async run(args, title, onLine) {
      const result = await runProgram('go', args, {
        signal: options.signal,
        cwd: options.directory,
        env,
        onLine: (line, stream) => {
          if (stream === 'stderr') onLine?.(line);
        },
      });
      if (result.code !== 0) throw buildFailed(title, `go ${args.join(' ')}`, result);
      return result.stdout;
    },
  };
}

/** The error of a compiler that gave up, with what it said last. */
export function buildFailed(
  title: string,
  command: string,
  result: { readonly code: number; readonly stdout: string; readonly stderr: string },
): KubewrightError {
  const said = result.stderr.trim() === '' ? result.stdout : result.stderr;
  const output = said.trim().split('\n').slice(-12);
  const tooOld = /(\S+) requires go >= (\S+) \(running ([^;)]+)[;)]/.exec(said);
  if (tooOld !== null) {
    return new KubewrightError(
      'build-prerequisites',
      `${tooOld[1]} needs Go ${tooOld[2]} or newer; this machine has ${tooOld[3]}`,
      { hint: 'Install a newer Go from https://go.dev/dl, or let Go fetch it: `go env -w GOTOOLCHAIN=auto`.' },
    );
  }
  if (/no space left on device/i.test(said)) {
    return new KubewrightError('disk-full', `no space left while building (${title})`, {
      command,
      output,
      hint: 'Free space in the file systems of the cache and of Go (`go env GOCACHE GOMODCACHE`), then run the same command again: it goes on with what is left.',
    });
  }
  return new KubewrightError('build-failed', `could not ${title}: exit code ${result.code}`, {
    command,
    output,
    retryable: true,
    hint: 'The last lines say why. What was built is kept: run the same command again to go on. `go env GOPROXY` shows where modules come from.',
  });
}
