/** HTTP to the service that the page came from: retries, pauses, and answers turned into errors. */

import { isObject, type Json, parseJson } from "./crypto/encoding.ts";

/** The service refused. `status` is HTTP's, `code` the service's own name of the reason. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly values: Readonly<Record<string, Json>>;

  constructor(status: number, code: string, values: Readonly<Record<string, Json>> = {}) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.values = values;
  }
}

/** What a request consists of, besides its address. */
export interface Request {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly seconds?: number; // after which an answer is not waited for any longer
}

const AGAIN = [429, 500, 502, 503, 504, 507];
// After a broken connection the server may still be busy with what is left of the old one.
const AGAIN_CODES = ["upload_busy", "offset"];
const SECONDS = 60;
const LONGEST_PAUSE = 30; // seconds
const PATIENCE = 3600; // seconds for which a service that answers with errors is asked again

/**
 * A connection that does not give up: without one it waits, however long; `waiting` hears for how many
 * seconds, and 0 when it goes on. `pause` holds everything before the next request.
 */
export class Api {
  readonly #base: string;
  readonly #waiting: (seconds: number) => void;
  #paused: Promise<void> | undefined;
  #go: () => void = () => undefined;

  constructor(base: string, waiting: (seconds: number) => void = () => undefined) {
    this.#base = base;
    this.#waiting = waiting;
  }

  /** Hold, or go on. */
  pause(hold: boolean): void {
    this.#go();
    this.#paused = hold ? new Promise((resolve) => (this.#go = resolve)) : undefined;
  }

  /** JSON of a GET, retried. */
  get(path: string): Promise<Json> {
    return this.#json(path, { method: "GET" });
  }

  /** JSON of a POST, retried: only for requests that may be repeated. */
  post(path: string, body: Json, headers: Readonly<Record<string, string>> = {}): Promise<Json> {
    const sent = { "Content-Type": "application/json", ...headers };
    return this.#json(path, { method: "POST", headers: sent, body: JSON.stringify(body) });
  }

  /** Send until an answer comes. `ApiError` if it is a refusal. */
  request(path: string, request: Request): Promise<Response> {
    return this.attempts(() => this.once(path, request));
  }

  /** One try of one request. */
  async once(path: string, { method, headers, body, seconds }: Request): Promise<Response> {
    await this.#paused;
    // Not AbortSignal.timeout: until its time is over it holds on to what was sent, piece after piece.
    const controller = new AbortController();
    const over = (): void => controller.abort(new DOMException("it takes too long", "TimeoutError"));
    const timer = setTimeout(over, (seconds ?? SECONDS) * 1000);
    let response: Response;
    try {
      const answer = await fetch(this.#base + path, {
        method,
        headers: headers ?? {},
        body: (body as BodyInit | undefined) ?? null,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: controller.signal,
      });
      // All of it within the time: afterwards nothing waits, and nothing is held on to.
      const content = answer.body && method !== "HEAD" ? await answer.arrayBuffer() : null;
      const { status, headers: told } = answer;
      response = new Response(content?.byteLength ? content : null, { status, headers: told });
    } finally {
      clearTimeout(timer);
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }

  /** Try until it works, with growing pauses. A failure that will not pass is thrown. */
  async attempts<T>(work: () => Promise<T>): Promise<T> {
    let since = Infinity; // when the service began to answer with errors
    for (let pause = 0.5; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await work();
      } catch (error) {
        since = error instanceof ApiError ? Math.min(since, Date.now()) : Infinity;
        if (!passing(error) || Date.now() - since > PATIENCE * 1000) throw error;
        const asked = error instanceof ApiError ? Number(error.values["retry_after"] ?? 0) : 0;
        const seconds = Math.min(asked, 60) || pause * (0.7 + 0.6 * Math.random());
        this.#waiting(seconds);
        await connection(seconds);
        this.#waiting(0);
      }
    }
  }

  async #json(path: string, request: Request): Promise<Json> {
    return this.attempts(async () => parseJson(await (await this.once(path, request)).text()));
  }
}

/** Whether an error is of a kind that passes by itself. */
function passing(error: unknown): boolean {
  if (error instanceof ApiError) return AGAIN.includes(error.status) || AGAIN_CODES.includes(error.code);
  // What fetch says when there is no connection, or when it broke or took too long.
  return error instanceof TypeError || (error instanceof DOMException && error.name !== "NotReadableError");
}

/** Some seconds later, or as soon as the device says that it is connected again. */
function connection(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    globalThis.addEventListener?.("online", done);
  });
}

async function refusal(response: Response): Promise<ApiError> {
  let body: Json = null;
  try {
    body = parseJson(await response.text());
  } catch {
    // what stands between the service and here answers in words of its own
  }
  const values = isObject(body) ? body : {};
  const code = values["code"];
  const retry = Number(response.headers.get("retry-after") ?? 0) || 0;
  return new ApiError(response.status, typeof code === "string" ? code : "unknown", {
    retry_after: retry,
    ...values,
  });
}
