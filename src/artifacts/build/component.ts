/** One thing that is built from source at one go: what is compiled, and what becomes of the programs. Plain data. */
export interface Component {
  readonly name: string;
  readonly version: string;
  readonly compile: GoCompile | CCompile;
  /** Programs that are files of the payload: payload name to program. */
  readonly files: Readonly<Record<string, string>>;
  readonly images: readonly ImageRecipe[];
}

export interface GoComponent extends Component {
  readonly compile: GoCompile;
}

/** Programs of Go modules, compiled in a wrapper module of ours so that nothing is changed in the module cache. */
export interface GoCompile {
  readonly kind: 'go';
  /** Module path to version, both as Go writes them. */
  readonly modules: Readonly<Record<string, string>>;
  readonly programs: readonly GoProgram[];
  readonly tags: readonly string[];
  readonly ldflags: readonly string[];
  /** C libraries that are linked in statically, by pkg-config's name; none means pure Go. */
  readonly libraries: readonly string[];
  /** The version that stands in for the folders by which Kubernetes' go.mod replaces its staging modules. */
  readonly stagingVersion?: string | undefined;
  /** Packages that are compiled without their content, with the requirements that fall away. */
  readonly emptied?: EmptiedPackages | undefined;
}

export interface GoProgram {
  readonly output: string;
  /** An import path, or the source text of a main package. */
  readonly main: { readonly package: string } | { readonly source: string };
}

/** The name that Go gives the program of a package: the last part of its path that is no major version ("v3"). */
export function goBinaryName(importPath: string): string {
  const parts = importPath.split('/');
  return parts.filter((part) => !/^v\d+$/.test(part)).at(-1) ?? importPath;
}

export interface EmptiedPackages {
  readonly module: string;
  readonly packages: readonly string[];
  readonly requirements: readonly string[];
}

/** One C program, linked statically. */
export interface CCompile {
  readonly kind: 'c';
  /** The Go module that holds the source, and the file in it. */
  readonly module: string;
  readonly version: string;
  readonly source: string;
  readonly flags: readonly string[];
  readonly output: string;
}

/** An image made of programs, by payload name. */
export interface ImageRecipe {
  readonly name: string;
  /** Absolute path in the image to program. */
  readonly programs: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly user?: string | undefined;
  /** Does it run nft and iptables? */
  readonly packetFilter: boolean;
}
