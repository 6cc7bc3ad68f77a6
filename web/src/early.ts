/** What is asked for before it is needed. */

/** Get something at once, for later; and again then, if it did not come. */
export function early<Value>(get: () => Promise<Value>): () => Promise<Value> {
  let found = get();
  found.catch(() => undefined);
  return () => (found = found.catch(get));
}
