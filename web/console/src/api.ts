/**
 * Requests to the review door: JSON in, JSON out, refusals as `Refused`. The session is a cookie that no
 * script can read.
 */

/** A refusal of the server (RFC 9457): `code` is stable, `detail` is for developers. */
export class Refused extends Error {
  override name = "Refused";
  readonly status: number;
  readonly code: string;
  readonly values: Readonly<Record<string, unknown>>;
  constructor(status: number, code: string, detail: string, values: Readonly<Record<string, unknown>>) {
    super(detail);
    this.status = status;
    this.code = code;
    this.values = values;
  }
}

/** Called with every refusal, before it is thrown: a session that is over is everybody's matter. */
let watcher: (refused: Refused) => void = () => undefined;

export function watchRefusals(watch: (refused: Refused) => void): void {
  watcher = watch;
}

/** Asks for the passkey once more, where a request needs that; whether it was given. */
let confirm: () => Promise<boolean> = async () => false;

export function confirmBy(ask: () => Promise<boolean>): void {
  confirm = ask;
}

export const get = <T>(path: string): Promise<T> => ask<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}): Promise<T> => ask<T>("POST", path, body);
export const put = <T>(path: string, body: unknown): Promise<T> => ask<T>("PUT", path, body);
export const remove = <T>(path: string, body?: unknown): Promise<T> => ask<T>("DELETE", path, body);

/** A sealed part as it comes, for what may be too large to be held twice. */
export async function* getPieces(path: string): AsyncGenerator<Uint8Array> {
  const reader = (await send("GET", path)).body!.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel(); // of one that was read to its end, nothing
  }
}

/** An answer as it came, to be kept as it is. */
export const getText = async (path: string): Promise<string> => (await send("GET", path)).text();

/** The bytes of a sealed part. */
export async function getBytes(path: string): Promise<Uint8Array> {
  const response = await send("GET", path);
  return new Uint8Array(await response.arrayBuffer());
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function send(method: string, path: string, body?: unknown, again = false): Promise<Response> {
  const response = await fetch(path, {
    method,
    credentials: "same-origin",
    cache: "no-store",
    // A page that is left must not take back what it just asked for: a logout above all.
    keepalive: method === "DELETE",
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  }).catch((cause: unknown) => {
    throw new Refused(0, "offline", String(cause), {});
  });
  if (response.ok) return response;
  const said = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const code = typeof said["code"] === "string" ? said["code"] : "internal";
  const detail = typeof said["detail"] === "string" ? said["detail"] : "";
  if (code === "assertion_needed" && !again && (await confirm())) return send(method, path, body, true);
  const refused = new Refused(response.status, code, detail, said);
  watcher(refused);
  throw refused;
}
