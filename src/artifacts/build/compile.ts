import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../../transport/program.js';
import { type CCompile, type GoCompile, type GoProgram, goBinaryName } from './component.js';
import { buildFailed, goCommand } from './go-command.js';
import { goModule } from './go-modules.js';
import { writeEmptyModule, writeWrapperModule } from './wrapper-module.js';

export interface CompileContext {
  /** An empty folder to work in, in the file system of the cache. */
  readonly directory: string;
  /** The platform that the programs are for. */
  readonly os: string;
  readonly arch: string;
  readonly signal: AbortSignal;
  /** Each line the compiler prints: the package that it compiles now, a module being fetched. */
  readonly onLine: (line: string) => void;
}

/** Compiles Go programs and gives the folder they are in, each under its `output` name. */
export async function compileGo(compile: GoCompile, context: CompileContext): Promise<string> {
  const go = goCommand({ ...context, cc: compile.libraries.length > 0 ? 'gcc' : undefined });
  await writeWrapperModule(context.directory, compile, go);
  const output = join(context.directory, 'bin');
  await mkdir(output);
  const build = [
    'build',
    '-v',
    '-trimpath',
    '-buildvcs=false',
    '-tags',
    compile.tags.join(','),
    '-ldflags',
    compile.ldflags.join(' '),
  ];
  // Programs that keep their package's name are built by one command, which compiles them side by side.
  const renamed = compile.programs.filter((program) => !keepsName(program));
  const together = compile.programs.filter(keepsName);
  if (together.length > 0) {
    const packages = together.map(({ main, output }) => ('package' in main ? main.package : `./${output}`));
    await go.run(
      [...build, '-o', `${output}/`, ...packages],
      `compile ${together.map((p) => p.output).join(', ')}`,
      context.onLine,
    );
  }
  for (const { main, output: name } of renamed) {
    if ('package' in main)
      await go.run([...build, '-o', join(output, name), main.package], `compile ${name}`, context.onLine);
  }
  return output;
}

/** Compiles one C program and gives the folder it is in. */
export async function compileC(compile: CCompile, context: CompileContext): Promise<string> {
  const go = goCommand(context);
  await writeEmptyModule(context.directory);
  const module = await goModule(go, compile.module, compile.version);
  const output = join(context.directory, 'bin');
  await mkdir(output);
  const args = [...compile.flags, '-o', join(output, compile.output), join(module.directory, compile.source)];
  context.onLine(compile.source);
  const result = await runProgram('gcc', args, { signal: context.signal, cwd: context.directory });
  if (result.code !== 0) throw buildFailed(`compile ${compile.output}`, `gcc ${args.join(' ')}`, result);
  return output;
}

function keepsName({ main, output }: GoProgram): boolean {
  return 'source' in main || goBinaryName(main.package) === output;
}
