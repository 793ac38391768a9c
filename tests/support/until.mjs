// Waiting for what another process does in its own time: asks again and again, and gives up loudly.
const WITHIN_MS = 30_000;

/** Resolves to the first value of `ask()` that is truthy; rejects with `what` after half a minute of others. */
export async function until(what, ask) {
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    const value = await ask();
    if (value) return value;
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
