/** Do something that needs a passkey's answer of the last minutes: where it is missing, ask, and do it again. */

import { post, Refused } from "../api.ts";
import { assert } from "../keys/passkey.ts";
import { state } from "../state.ts";

export async function confirmed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "assertion_needed") throw error;
  }
  const own = (state.oneself?.passkeys ?? []).map((one) => one.id);
  const { assertion } = await assert("fresh", own);
  await post("/review/v1/sessions/fresh", { assertion });
  return work();
}
