import * as z from 'zod';
import { configSchema } from './schema/v1alpha1.js';

/** Where the published package has its JSON Schema: the `$id` of the schema and what a new cluster.yaml refers to. */
export const SCHEMA_URL = 'https://unpkg.com/kubewright/schema/cluster.v1alpha1.json';

/**
 * The JSON Schema (draft 2020-12) of cluster.yaml as a user writes it, with descriptions, defaults and examples, for
 * editors. It is looser than `parseConfig`: it knows shapes and patterns, not the rules between fields.
 */
export function jsonSchema(): JsonSchema {
  const schema: JsonSchema = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ zodSchema, jsonSchema }) => {
      // zod leaves these out where a value is transformed on its way in; here they always describe what is written.
      const meta = z.globalRegistry.get(zodSchema);
      if (Array.isArray(meta?.['examples'])) jsonSchema.examples = meta['examples'];
      if (meta?.['default'] !== undefined) jsonSchema.default = meta['default'];
    },
  });
  return { $id: SCHEMA_URL, ...schema };
}

/** What of JSON Schema this project reads. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;
