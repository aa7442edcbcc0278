import { type JsonSchema, jsonSchema } from './json-schema.js';
import type { Path } from './problem.js';

/** One field of cluster.yaml, as the reference and suggestions need it. */
export interface Field {
  /** Its path; '*' stands for any name of a mapping and any entry of a list. */
  readonly path: readonly string[];
  /** "text", "whole number from 1 to 65535", "`docker` or `podman`"… */
  readonly type: string;
  readonly description: string;
  readonly default?: unknown;
  readonly examples: readonly unknown[];
  readonly required: boolean;
}

/** Every field, parents before their children, in the order of the schema. */
export function configFields(): readonly Field[] {
  known ??= childrenOf(jsonSchema(), []);
  return known;
}

/** Made when first asked for: a valid config never needs it. */
let known: readonly Field[] | undefined;

/** The fields that may stand in the mapping at `path`. */
export function fieldsIn(path: Path): readonly Field[] {
  return configFields().filter(
    (field) =>
      field.path.length === path.length + 1 &&
      path.every((part, index) => field.path[index] === '*' || field.path[index] === part),
  );
}

function childrenOf(schema: JsonSchema, path: readonly string[]): readonly Field[] {
  return alternatives(schema).flatMap((shape) => {
    const named = Object.entries(shape.properties ?? {}).map(([name, value]) => ({
      value,
      path: [...path, name],
      required: shape.required?.includes(name) ?? false,
    }));
    const any = [shape.additionalProperties, shape.items].map((value) => ({
      value,
      path: [...path, '*'],
      required: false,
    }));
    return [...named, ...any].flatMap(({ value, ...place }) =>
      isSchema(value) ? [fieldOf(value, place), ...childrenOf(value, place.path)] : [],
    );
  });
}

function fieldOf(schema: JsonSchema, place: Pick<Field, 'path' | 'required'>): Field {
  return {
    ...place,
    type: typeOf(schema),
    description: schema.description ?? '',
    default: schema.default,
    examples: schema.examples ?? [],
  };
}

function typeOf(schema: JsonSchema): string {
  const kinds = alternatives(schema).map((shape) => {
    if (shape.const !== undefined) return `\`${shape.const}\``;
    if (shape.enum !== undefined) return shape.enum.map((word) => `\`${word}\``).join(' or ');
    switch (shape.type) {
      case 'integer':
        return `whole number, ${shape.minimum} to ${shape.maximum}`;
      case 'string':
        return 'text';
      case 'boolean':
        return '`true` or `false`';
      case 'array':
        return isSchema(shape.items) ? `list of ${typeOf(shape.items)}` : 'list';
      default:
        return 'mapping';
    }
  });
  return [...new Set(kinds)].join(' or ');
}

/** The shapes that a value may have, without null: a key with nothing after it is a mapping's short form. */
function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const shapes = (schema.anyOf ?? [schema]).filter(isSchema);
  return shapes.filter((shape) => shape.type !== 'null');
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
