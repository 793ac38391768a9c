// A reporter for node:test that writes one JSON line for each leaf test: {name, outcome, seconds, message}.
// A test that only holds others is counted through them, unless it failed by itself.

export default async function* report(source) {
  const childrenAt = [];  // by nesting: how many tests have ended below the one that is still open
  const failedAt = [];
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const children = childrenAt[data.nesting + 1] ?? 0;
    const failedChildren = failedAt[data.nesting + 1] ?? 0;
    childrenAt.length = failedAt.length = data.nesting + 1;
    childrenAt[data.nesting] = (childrenAt[data.nesting] ?? 0) + 1;
    const failed = type === 'test:fail' && !data.todo;
    if (failed) failedAt[data.nesting] = (failedAt[data.nesting] ?? 0) + 1;
    if (children > 0 && (!failed || failedChildren > 0)) continue;
    yield `${JSON.stringify(entryOf(data, failed))}\n`;
  }
}

function entryOf(data, failed) {
  const skipped = !failed && data.skip !== undefined && data.skip !== false;
  return {
    name: data.name,
    outcome: failed ? 'failed' : skipped ? 'skipped' : 'passed',
    seconds: (data.details?.duration_ms ?? 0) / 1000,
    message: failed ? describe(data.details?.error) : skipped && typeof data.skip === 'string' ? data.skip : '',
  };
}

function describe(error) {
  const cause = error?.cause ?? error;
  if (!cause) return 'no reason given';
  return cause.stack ?? cause.message ?? String(cause);
}
