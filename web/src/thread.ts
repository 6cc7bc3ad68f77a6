/** What the page asks of its worker. */

import type { Desk } from "./desk.ts";
import { Refused } from "./refused.ts";
import { started } from "./started.ts";
import type { FromWorker, Method, ToWorker } from "./worker.ts";

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
    return this.#answered((id) => ({ kind: "ask", id, method, with: values })) as ReturnType<Desk[M]>;
  }

  /** Resolves once all that seals and sends has come; if it rejects, this worker will not ask for it again. */
  async prepared(): Promise<void> {
    await this.#answered((id) => ({ kind: "prepare", id }));
  }

  /** Drop it, with everything in it. */
  stop(): void {
    this.#worker.terminate();
  }

  #answered(message: (id: number) => ToWorker): Promise<unknown> {
    const id = ++this.#asked;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.post(message(id));
    return answer;
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
export async function startWorker(address: string): Promise<Thread> {
  return new Thread(await started(address));
}
