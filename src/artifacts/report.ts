/** What resolving artifacts says while it runs: a permanent line, how far it is, a program's output. */
export type ArtifactReport =
  | { readonly kind: 'note'; readonly text: string }
  | {
      readonly kind: 'progress';
      readonly done: number;
      readonly total?: number | undefined;
      readonly unit: 'bytes' | 'items';
      readonly what?: string | undefined;
    }
  | { readonly kind: 'line'; readonly text: string };

export type Report = (event: ArtifactReport) => void;
