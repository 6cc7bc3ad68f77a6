/** What the page asks of the worker that opens one's own record. */

import type { FromOwnWorker, Methods, ToOwnWorker } from "./own_worker.ts";
import { Refused } from "./refused.ts";
import { started } from "./started.ts";
import { Thread } from "./thread.ts";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Refused): void;
}

/** What is heard besides answers. */
export type Heard = Extract<FromOwnWorker, { kind: "progress" | "waiting" }>;

/** The worker; `heard` hears of progress. */
export class OwnThread {
  heard: (message: Heard) => void = () => undefined;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromOwnWorker>) => this.#hear(data);
    worker.onerror = () => this.#broken();
  }

  /** Call one of the worker's methods; rejects with `Refused`. */
  ask<M extends keyof Methods>(method: M, ...given: Parameters<Methods[M]>): ReturnType<Methods[M]> {
    const id = ++this.#asked;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#post({ kind: "call", id, method, given: given[0] });
    return answer as ReturnType<Methods[M]>;
  }

  /** Hold what is being sent, or go on. */
  pause(hold: boolean): void {
    this.#post({ kind: "pause", hold });
  }

  /** The same worker for the long form: from here on everything that it says is heard there. */
  desk(): Thread {
    return new Thread(this.#worker);
  }

  /** Drop it, with everything in it. */
  stop(): void {
    this.#worker.terminate();
  }

  #post(message: ToOwnWorker): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromOwnWorker): void {
    switch (message.kind) {
      case "answer":
        this.#take(message.id)?.resolve(message.value);
        break;
      case "refused":
        this.#take(message.id)?.reject(new Refused(message.code, message.values));
        break;
      case "progress":
      case "waiting":
        this.heard(message);
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #broken(): void {
    for (const { reject } of this.#waiting.values()) reject(new Refused("failed"));
    this.#waiting.clear();
  }
}

/** Resolves once the program runs; rejects where it cannot. */
export async function startOwnWorker(address: string): Promise<OwnThread> {
  return new OwnThread(await started(address));
}
