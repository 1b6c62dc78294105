interface Keywords {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly prefixItems?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Record<string, JsonSchema>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Record<string, JsonSchema>;
  readonly description?: string;
  readonly default?: unknown;
  readonly $schema?: string;
}

type JsonSchema = Keywords | boolean;

/** Whether a document fits a JSON Schema; throws on keywords beyond those above, so that none goes unchecked. */
export function fits(schema: Keywords, document: unknown): boolean {
  return fitsPart(schema, document, schema);
}

function fitsPart(schema: JsonSchema, document: unknown, root: Keywords): boolean {
  if (typeof schema === 'boolean') return schema;
  const fitsTo = (part: JsonSchema) => (value: unknown) => fitsPart(part, value, root);
  const items = Array.isArray(document) ? document : [];
  const keys = typeOf(document).includes('object') ? Object.keys(document as object) : [];
  const tests: { readonly [Key in keyof Required<Keywords>]: (keyword: Required<Keywords>[Key]) => boolean } = {
    type: (type) => typeOf(document).includes(type),
    const: (value) => document === value,
    enum: (values) => values.includes(document),
    minimum: (bound) => typeof document !== 'number' || document >= bound,
    maximum: (bound) => typeof document !== 'number' || document <= bound,
    exclusiveMinimum: (bound) => typeof document !== 'number' || document > bound,
    exclusiveMaximum: (bound) => typeof document !== 'number' || document < bound,
    minLength: (bound) => typeof document !== 'string' || document.length >= bound,
    prefixItems: (parts) => parts.every((part, i) => i >= items.length || fitsTo(part)(items[i])),
    items: (part) => items.slice(schema.prefixItems?.length ?? 0).every(fitsTo(part)),
    minItems: (bound) => !Array.isArray(document) || document.length >= bound,
    uniqueItems: (unique) => !unique || new Set(items.map((item) => JSON.stringify(item))).size === items.length,
    properties: (properties) =>
      Object.entries(properties).every(([key, value]) => !has(document, key) || fitsTo(value)(document[key])),
    required: (names) => typeof document !== 'object' || names.every((key) => has(document, key)),
    propertyNames: (part) => keys.every(fitsTo(part)),
    additionalProperties: (part) =>
      keys.every((key) => has(schema.properties, key) || fitsTo(part)((document as Record<string, unknown>)[key])),
    oneOf: (options) => options.filter((option) => fitsTo(option)(document)).length === 1,
    anyOf: (options) => options.some((option) => fitsTo(option)(document)),
    $ref: (pointer) => fitsTo(definition(root, pointer))(document),
    $defs: () => true,
    description: () => true,
    default: () => true,
    $schema: () => true,
  };
  return Object.entries(schema).every(([keyword, value]) => {
    const holds = (tests as Record<string, unknown>)[keyword];
    if (typeof holds !== 'function') throw new Error(`keyword ${keyword} is not covered`);
    return holds(value) as boolean;
  });
}

function definition(root: Keywords, pointer: string): JsonSchema {
  const name = pointer.replace(/^#\/\$defs\//, '');
  const found = root.$defs?.[name];
  if (found === undefined) throw new Error(`${pointer} is not defined`);
  return found;
}

function has(value: unknown, key: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

function typeOf(value: unknown): readonly string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return Number.isInteger(value) ? ['number', 'integer'] : [typeof value];
}
