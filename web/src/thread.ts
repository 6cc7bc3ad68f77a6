/** Starting the worker, under a policy that lets no other script be one. */

import type { Desk } from "./desk.ts";
import { Refused } from "./refused.ts";
import type { FromWorker, Method, ToWorker } from "./worker.ts";

const SECONDS = 60;

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string; // a TrustedScriptURL, which stands for one
  };
}

export type Heard = (message: FromWorker) => void;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Refused): void;
}

/** The worker, and who listens to it. */
export class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #heard: Heard = () => undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    worker.onerror = () => this.#broken();
  }

  post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Hear everything but answers, in place of whoever listened before, and who is returned. */
  listen(heard: Heard): Heard {
    const before = this.#heard;
    this.#heard = heard;
    return before;
  }

  /** Call a method of the long form's desk; rejects with `Refused`. */
  ask<M extends Method>(method: M, ...values: Parameters<Desk[M]>): ReturnType<Desk[M]> {
    const id = ++this.#asked;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.post({ kind: "ask", id, method, with: values });
    return answer as ReturnType<Desk[M]>;
  }

  /** Drop it, with everything in it. */
  stop(): void {
    this.#worker.terminate();
  }

  #hear(message: FromWorker): void {
    if (message.kind !== "answer" && message.kind !== "failed") return this.#heard(message);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === "answer") waiting?.resolve(message.value);
    else waiting?.reject(new Refused(message.code, message.values));
  }

  #broken(): void {
    for (const { reject } of this.#waiting.values()) reject(new Refused("failed"));
    this.#waiting.clear();
    this.#heard({ kind: "refused", code: "failed", values: {} });
  }
}

/** Resolves once the program runs; rejects where it cannot. */
export function startWorker(address: string): Promise<Thread> {
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  const policy = policies?.createPolicy("intake", {
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
      resolve(new Thread(worker));
    };
  });
}
