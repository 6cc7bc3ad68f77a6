/** Starting a worker, under a policy that lets no other script be one. */

const SECONDS = 60;

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string; // a TrustedScriptURL, which stands for one
  };
}

let policy: ReturnType<Policies["createPolicy"]> | undefined; // a document makes each policy once

/** Resolves once the program runs; rejects where it cannot. */
export function started(address: string): Promise<Worker> {
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  policy ??= policies?.createPolicy("intake", {
    createScriptURL: (url) => {
      if (url !== address) throw new TypeError("another script");
      return url;
    },
  });
  const worker = new Worker(policy?.createScriptURL(address) ?? address, { type: "module" });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the worker does not start")), SECONDS * 1000);
    worker.onerror = () => reject(new Error("the worker cannot be started"));
    worker.onmessage = () => {
      clearTimeout(timer);
      resolve(worker);
    };
  });
}
