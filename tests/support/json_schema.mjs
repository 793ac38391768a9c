// A validator for the part of JSON Schema 2020-12 that the OpenAPI document uses. A keyword it does not know is an error,
// so that nothing in the document goes unchecked.

const ANNOTATIONS = new Set(['description', 'title', 'examples', 'example', 'default', 'format', 'contentMediaType', 'deprecated',
  'readOnly', 'writeOnly', '$comment', '$defs', '$id', '$schema', 'externalDocs', 'xml']);

const typeOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const isOfType = (value, type) => (type === 'integer' ? Number.isInteger(value) : typeOf(value) === type);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const length = (text) => [...text].length;

/** Keyword -> function(limit, value, at, fail, check, schema). Each looks only at values of the type it is about. */
const keywords = {
  type: (types, value, at, fail) => {
    if (![].concat(types).some((type) => isOfType(value, type))) fail(at, `is ${typeOf(value)}, not ${types}`);
  },
  enum: (values, value, at, fail) => values.some((one) => same(one, value)) || fail(at, `is none of ${JSON.stringify(values)}`),
  const: (wanted, value, at, fail) => same(wanted, value) || fail(at, `is not ${JSON.stringify(wanted)}`),
  minimum: (limit, value, at, fail) => typeof value === 'number' && value < limit && fail(at, `${value} < ${limit}`),
  maximum: (limit, value, at, fail) => typeof value === 'number' && value > limit && fail(at, `${value} > ${limit}`),
  exclusiveMinimum: (limit, value, at, fail) => typeof value === 'number' && value <= limit && fail(at, `${value} <= ${limit}`),
  exclusiveMaximum: (limit, value, at, fail) => typeof value === 'number' && value >= limit && fail(at, `${value} >= ${limit}`),
  multipleOf: (step, value, at, fail) => typeof value === 'number' && Math.abs(value / step - Math.round(value / step)) > 1e-9 && fail(at, `${value} is no multiple of ${step}`),
  minLength: (limit, value, at, fail) => typeof value === 'string' && length(value) < limit && fail(at, 'is too short'),
  maxLength: (limit, value, at, fail) => typeof value === 'string' && length(value) > limit && fail(at, 'is too long'),
  pattern: (pattern, value, at, fail) => typeof value === 'string' && !new RegExp(pattern, 'u').test(value) && fail(at, `does not match ${pattern}`),
  minItems: (limit, value, at, fail) => Array.isArray(value) && value.length < limit && fail(at, `has ${value.length} items, under ${limit}`),
  maxItems: (limit, value, at, fail) => Array.isArray(value) && value.length > limit && fail(at, `has ${value.length} items, over ${limit}`),
  uniqueItems: (unique, value, at, fail) => unique && Array.isArray(value) && new Set(value.map((one) => JSON.stringify(one))).size < value.length && fail(at, 'has an item twice'),
  items: (schema, value, at, fail, check) => Array.isArray(value) && value.forEach((item, i) => check(schema, item, `${at}/${i}`)),
  required: (names, value, at, fail) => {
    if (typeOf(value) === 'object') for (const name of names) if (!(name in value)) fail(at, `has no ${name}`);
  },
  properties: (schemas, value, at, fail, check) => {
    if (typeOf(value) !== 'object') return;
    for (const [name, schema] of Object.entries(schemas)) if (name in value) check(schema, value[name], `${at}/${name}`);
  },
  patternProperties: (schemas, value, at, fail, check) => {
    if (typeOf(value) !== 'object') return;
    for (const [pattern, schema] of Object.entries(schemas))
      for (const name of Object.keys(value)) if (new RegExp(pattern, 'u').test(name)) check(schema, value[name], `${at}/${name}`);
  },
  propertyNames: (schema, value, at, fail, check) => {
    if (typeOf(value) === 'object') for (const name of Object.keys(value)) check(schema, name, `${at}/${name} (its name)`);
  },
  additionalProperties: (schema, value, at, fail, check, whole) => {
    if (typeOf(value) !== 'object') return;
    const patterns = Object.keys(whole.patternProperties ?? {}).map((pattern) => new RegExp(pattern, 'u'));
    for (const name of Object.keys(value))
      if (!(name in (whole.properties ?? {})) && !patterns.some((pattern) => pattern.test(name))) check(schema, value[name], `${at}/${name}`);
  },
  minProperties: (limit, value, at, fail) => typeOf(value) === 'object' && Object.keys(value).length < limit && fail(at, 'has too few members'),
  maxProperties: (limit, value, at, fail) => typeOf(value) === 'object' && Object.keys(value).length > limit && fail(at, 'has too many members'),
  allOf: (schemas, value, at, fail, check) => schemas.forEach((schema) => check(schema, value, at)),
};

/** Faults of `value` under `schema` as texts; none: it is valid. `document` is where $ref points into. */
export function faultsOf(document, schema, value) {
  const faults = [];
  const fail = (at, what) => faults.push(`${at || '/'} ${what}`);
  const check = (rule, part, at) => {
    if (rule === true) return;
    if (rule === false) return fail(at, 'is not allowed');
    if (rule.$ref) check(resolve(document, rule.$ref), part, at);
    for (const [keyword, limit] of Object.entries(rule)) {
      if (keyword === '$ref' || ANNOTATIONS.has(keyword) || keyword.startsWith('x-')) continue;
      if (keyword === 'oneOf' || keyword === 'anyOf') choose(keyword, limit, part, at);
      else if (keyword === 'not') faultsOf(document, limit, part).length === 0 && fail(at, 'is what it must not be');
      else if (keyword in keywords) keywords[keyword](limit, part, at, fail, check, rule);
      else fail(at, `has a schema with the unknown keyword ${keyword}`);
    }
  };
  const choose = (keyword, schemas, part, at) => {
    const each = schemas.map((one) => faultsOf(document, one, part));
    const fitting = each.filter((list) => list.length === 0).length;
    if (fitting === 0) fail(at, `fits none of ${keyword}: ${each.map((list) => list[0]).join(' | ')}`);
    else if (keyword === 'oneOf' && fitting > 1) fail(at, `fits ${fitting} of oneOf`);
  };
  check(schema, value, '');
  return faults;
}

/** "#/components/schemas/Answer" */
export function resolve(document, reference) {
  const target = reference.slice(2).split('/').reduce((at, token) => at?.[token.replace(/~1/g, '/').replace(/~0/g, '~')], document);
  if (target === undefined) throw new Error(`${reference} points nowhere`);
  return target;
}
