/** Where a page's calls of the long form's desk arrive, in whichever worker. The desk is loaded with the first one. */

import { type Api, ApiError } from "./api.ts";
import type { Desk } from "./desk.ts";
import { Refused } from "./refused.ts";
import type { Ask, FromWorker, Method, Refusal } from "./worker.ts";

/** Answers the page's calls, each once. */
export class AtDesk {
  readonly #api: Api;
  readonly #tell: (message: FromWorker) => void;
  #made: Promise<Desk> | undefined;
  #desk: Desk | undefined;

  constructor(api: Api, tell: (message: FromWorker) => void) {
    this.#api = api;
    this.#tell = tell;
  }

  /** The desk itself. */
  async desk(): Promise<Desk> {
    this.#made ??= import("./desk.ts").then(
      ({ Desk }) =>
        new Desk(this.#api, (file, step, done, total) =>
          this.#tell({ kind: "progress", file, step, done, total }),
        ),
    );
    // What did not come is asked for again with the next call.
    this.#made.catch(() => (this.#made = undefined));
    return (this.#desk = await this.#made);
  }

  /** Do what is asked, and say what came of it. */
  answer({ id, method, with: values }: Ask): void {
    this.#call(method, values).then(
      (value) => this.#tell({ kind: "answer", id, value }),
      (error: unknown) => this.#tell({ kind: "failed", id, ...refusal(error) }),
    );
  }

  /** What is done while nothing can be sent. */
  waiting(): void {
    this.#desk?.waiting();
  }

  async #call(method: Method, values: readonly unknown[]): Promise<unknown> {
    const found = await this.desk();
    const methods = found as unknown as Record<Method, (...values: readonly unknown[]) => Promise<unknown>>;
    return methods[method](...values);
  }
}

/** Why something was not done, as the page has words for it. */
export function refusal(error: unknown): Refusal {
  if (error instanceof Refused) return { code: error.code, values: error.values };
  if (error instanceof ApiError) return { code: error.code, values: {} };
  return { code: "failed", values: {} };
}
