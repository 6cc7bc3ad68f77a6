/** What a receipt may ask of the service: every request says by what only the receipt gives whose it is. */

import { type Api, ApiError } from "./api.ts";
import {
  b64uEncode,
  type Bytes,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
} from "./crypto/encoding.ts";
import { FormatError } from "./crypto/errors.ts";
import type { ReceiptKeys } from "./crypto/receipt.ts";

const PATH = "/v1/mailbox";
const LOST = [404, 410, 500, 503]; // what is answered where a part's file is gone

/** One receipt's requests, below `/v1/mailbox`; `ApiError` if one is refused. */
export class Mailbox {
  readonly #api: Api;
  readonly #secret: string;

  constructor(api: Api, keys: ReceiptKeys) {
    this.#api = api;
    this.#secret = `Intake-Receipt ${b64uEncode(keys.lookup)}.${b64uEncode(keys.auth)}`;
  }

  /** JSON of a GET. */
  get(path = ""): Promise<JsonObject> {
    return this.#json("GET", path);
  }

  /** JSON of a POST that may be repeated. */
  post(path: string, body: Json, headers: Readonly<Record<string, string>> = {}): Promise<JsonObject> {
    return this.#json("POST", path, body, headers);
  }

  /** JSON of a DELETE. */
  remove(path: string): Promise<JsonObject> {
    return this.#json("DELETE", path);
  }

  /** A part's age file, whole; `FormatError` if it cannot be had: that part does not open, others do. */
  part(id: string): Promise<Bytes> {
    return this.#api.attempts(async () => {
      try {
        const request = { method: "GET", headers: this.#headers() };
        return new Uint8Array(await (await this.#api.once(`${PATH}/parts/${id}`, request)).arrayBuffer());
      } catch (error) {
        if (!(error instanceof ApiError) || !LOST.includes(error.status)) throw error;
        throw new FormatError("the service does not give it");
      }
    });
  }

  #headers(): Record<string, string> {
    return { Authorization: this.#secret };
  }

  async #json(
    method: string,
    path: string,
    body?: Json,
    more: Readonly<Record<string, string>> = {},
  ): Promise<JsonObject> {
    const headers = { ...this.#headers(), ...more };
    const request =
      body === undefined
        ? { method, headers }
        : { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return this.#api.attempts(async () => {
      const answer = parseJson(await (await this.#api.once(PATH + path, request)).text());
      if (!isObject(answer)) throw new FormatError("the answer is no object");
      return answer;
    });
  }
}
