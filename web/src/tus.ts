/**
 * Resumable uploads: the client of tus 1.0.0 (tus.io), with creation and termination.
 *
 * A payload is sent in pieces of which each is held until the server has said that it is durable. After a
 * break the server is asked how far it got. If it has less than it had acknowledged, or has lost the upload,
 * the payload is produced again: it comes out the same, and what the server has is passed over.
 */

import { type Api, ApiError } from "./api.ts";
import { type Bytes, concat } from "./crypto/encoding.ts";
import { FormatError } from "./crypto/errors.ts";

const TUS = { "Tus-Resumable": "1.0.0" };
const SMALLEST = 256 * 1024; // bytes of a piece: it grows where the connection is fast
const LARGEST = 8 * 1024 * 1024;
const FAST = 2; // seconds for a piece
const SLOW = 10;
const PATCH_SECONDS = 300;
const LOST = 3; // times that an upload may get lost, or fall back to what was acknowledged before

/** Gives the payload, from its beginning, whenever it is called. */
export type Produce = () => AsyncIterable<Bytes>;

/** Sends payloads one after another, and remembers them until a submission has claimed them. */
export class Uploads {
  readonly #api: Api;
  readonly #begun = new Set<string>();
  #size = SMALLEST;

  constructor(api: Api) {
    this.#api = api;
  }

  /**
   * Send `length` bytes; the upload's name. `progress` hears how many the server has.
   *
   * An upload that was begun before goes on; `created` hears the name of each new one before it is used.
   */
  async send(
    length: number,
    produce: Produce,
    progress: (sent: number) => void = () => undefined,
    before?: { readonly name: string; readonly created: (name: string) => Promise<void> },
  ): Promise<string> {
    let known = before?.name;
    for (let lost = 0; ; lost++) {
      const begun = known;
      known = undefined;
      const name = begun || (await this.#create(length));
      let best = 0;
      let fallen = 0; // times that the server fell back since it was farther than ever
      const reached = (sent: number): void => {
        if (sent > best) [best, fallen] = [sent, 0];
        progress(sent);
      };
      try {
        const path = `/v1/uploads/${name}`;
        let start = 0;
        if (begun) start = await this.#api.attempts(() => this.#offset(path));
        else await before?.created(name);
        for (let offset = start; offset < length; reached(offset)) {
          offset = await this.#pass(path, offset, length, produce(), reached);
          if (offset < length && ++fallen > LOST) {
            throw new FormatError("the server keeps losing what it had acknowledged");
          }
        }
        return name;
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 404) || lost >= LOST) throw error;
        this.#begun.delete(name);
      }
    }
  }

  /** Throw away what was sent: nothing is going to claim it. */
  async discard(): Promise<void> {
    const thrown = [...this.#begun].map((name) =>
      this.#api.once(`/v1/uploads/${name}`, { method: "DELETE", headers: TUS }),
    );
    this.#begun.clear();
    await Promise.allSettled(thrown); // the server forgets by itself what is left
  }

  /** A submission has claimed them. */
  claimed(): void {
    this.#begun.clear();
  }

  async #create(length: number): Promise<string> {
    const headers = { ...TUS, "Upload-Length": String(length) };
    const response = await this.#api.request("/v1/uploads", { method: "POST", headers });
    const name = /\/v1\/uploads\/([\w-]+)$/.exec(response.headers.get("location") ?? "")?.[1];
    if (!name) throw new FormatError("an upload without an address");
    this.#begun.add(name);
    return name;
  }

  /** Send from `start` on; how far it got: to the end, or back to where the server fell. */
  async #pass(
    path: string,
    start: number,
    length: number,
    payload: AsyncIterable<Bytes>,
    progress: (sent: number) => void,
  ): Promise<number> {
    let held: Bytes[] = [];
    let size = 0;
    let position = 0; // in the payload, of what comes next
    let offset = start; // of what is held first
    for await (const made of payload) {
      const skip = Math.min(made.length, Math.max(0, start - position));
      position += made.length;
      if (skip === made.length) continue;
      held.push(made.subarray(skip));
      size += made.length - skip;
      if (position > length) throw new FormatError("the payload is longer than it was announced");
      if (size < this.#size && position < length) continue;
      const reached = await this.#piece(path, offset, concat(...held));
      if (reached < offset) return reached;
      offset = reached;
      progress(offset);
      held = [];
      size = 0;
    }
    if (offset !== length) throw new FormatError("the payload is shorter than it was announced");
    return offset;
  }

  /** Send a piece until the server has all of it; the offset at its end, or a smaller one than its start. */
  #piece(path: string, start: number, piece: Bytes): Promise<number> {
    let asked = true; // whether it is known where the server is
    let offset = start;
    return this.#api.attempts(async () => {
      if (!asked) offset = await this.#offset(path);
      if (offset < start) return offset;
      if (offset > start + piece.length) throw new FormatError("the server has more than was sent");
      asked = false;
      if (offset < start + piece.length)
        offset = await this.#patch(path, offset, piece.subarray(offset - start));
      if (offset !== start + piece.length) throw new ApiError(409, "offset");
      return offset;
    });
  }

  async #patch(path: string, offset: number, body: Bytes): Promise<number> {
    const began = performance.now();
    const headers = {
      ...TUS,
      "Upload-Offset": String(offset),
      "Content-Type": "application/offset+octet-stream",
    };
    const response = await this.#api.once(path, { method: "PATCH", headers, body, seconds: PATCH_SECONDS });
    const seconds = (performance.now() - began) / 1000;
    if (seconds < FAST) this.#size = Math.min(2 * this.#size, LARGEST);
    if (seconds > SLOW) this.#size = Math.max(this.#size / 2, SMALLEST);
    return offsetOf(response);
  }

  async #offset(path: string): Promise<number> {
    return offsetOf(await this.#api.once(path, { method: "HEAD", headers: TUS }));
  }
}

function offsetOf(response: Response): number {
  const offset = response.headers.get("upload-offset") ?? "";
  if (!/^[0-9]{1,15}$/.test(offset)) throw new FormatError("an upload without an offset");
  return Number(offset);
}
