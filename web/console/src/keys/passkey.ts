/**
 * Passkeys in this browser. Logging in and computing the PRF that opens the vault are one ceremony, with user
 * verification always. What the device lists of a passkey is the host's name and the member's id, nothing else.
 */

import { b64uDecode, b64uEncode, type Bytes, concat, utf8 } from "../../../src/crypto/encoding.ts";
import { sha256 } from "../../../src/crypto/primitives.ts";
import { random } from "../../../src/random.ts";
import { post } from "../api.ts";
import { prfInputs, prfKey } from "./prf.ts";

/** What the server asks to be answered. */
interface Challenge {
  readonly challenge: string;
  readonly rp_id: string;
  readonly prf: string;
}

/** An assertion as the server takes it; `key` opens the vault, where the authenticator can. */
export interface Asserted {
  readonly assertion: Readonly<Record<string, string>>;
  readonly id: string;
  readonly key: Bytes | undefined;
  readonly nonce: Bytes;
}

/** A new passkey as the server takes it. */
export interface Created {
  readonly made: { readonly id: string; readonly client_data: string; readonly attestation: string };
  readonly key: Bytes | undefined;
  readonly nonce: Bytes;
}

const ALGORITHMS = [-8, -7, -257]; // EdDSA, ES256, RS256
const WAIT = 5 * 60 * 1000;

export const available = (): boolean => typeof PublicKeyCredential === "function";

/** Show who it is. Without `allowed`, the browser offers the passkeys that it has for this host. */
export async function assert(purpose: "login" | "fresh", allowed: readonly string[] = []): Promise<Asserted> {
  const asked = await post<Challenge>("/review/v1/challenges", { for: purpose });
  return get(asked.rp_id, b64uDecode(asked.challenge), b64uDecode(asked.prf), allowed);
}

/** A new passkey of a member; `NotAllowedError` if the person or the device declined. */
export async function create(
  purpose: "enrol" | "add",
  mechanism: string,
  member: string,
  others: readonly string[] = [],
): Promise<Created> {
  const asked = await post<Challenge>("/review/v1/challenges", { for: purpose });
  const nonce = b64uDecode(asked.prf);
  const credential = (await navigator.credentials.create({
    publicKey: {
      challenge: source(b64uDecode(asked.challenge)),
      rp: { id: asked.rp_id, name: asked.rp_id },
      user: { id: source(userHandle(mechanism, member)), name: member, displayName: member },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key" as const, alg })),
      authenticatorSelection: {
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
      attestation: "none",
      excludeCredentials: others.map(descriptor),
      timeout: WAIT,
      extensions: { prf: { eval: inputs(nonce) } },
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  const made = {
    id: text(credential.rawId),
    client_data: text(response.clientDataJSON),
    attestation: text(response.attestationObject),
  };
  const { prf } = credential.getClientExtensionResults();
  let key = keyFrom(prf?.results);
  // Many authenticators compute nothing while they make a credential, and have to be asked again.
  if (!key && prf?.enabled) key = (await get(asked.rp_id, random(32), nonce, [made.id])).key;
  return { made, key, nonce };
}

async function get(
  rpId: string,
  challenge: Bytes,
  nonce: Bytes,
  allowed: readonly string[],
): Promise<Asserted> {
  const credential = (await navigator.credentials.get({
    publicKey: {
      challenge: source(challenge),
      rpId,
      userVerification: "required",
      allowCredentials: allowed.map(descriptor),
      timeout: WAIT,
      extensions: { prf: { eval: inputs(nonce) } },
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  const id = text(credential.rawId);
  const assertion = {
    id,
    client_data: text(response.clientDataJSON),
    authenticator_data: text(response.authenticatorData),
    signature: text(response.signature),
    user_handle: response.userHandle ? text(response.userHandle) : "",
  };
  return { assertion, id, nonce, key: keyFrom(credential.getClientExtensionResults().prf?.results) };
}

function keyFrom(results: AuthenticationExtensionsPRFValues | undefined): Bytes | undefined {
  if (!results?.first || !results.second) return undefined;
  return prfKey(bytes(results.first), bytes(results.second));
}

/** The user's id in WebAuthn; the same as in `intake/people/passkeys.py`. */
const userHandle = (mechanism: string, member: string): Bytes =>
  sha256(utf8(`intake/user/v1\0${mechanism}\0${member}`));

const inputs = (nonce: Bytes): AuthenticationExtensionsPRFValues => {
  const { first, second } = prfInputs(nonce);
  return { first: source(first), second: source(second) };
};
const descriptor = (id: string): PublicKeyCredentialDescriptor => ({
  type: "public-key",
  id: source(b64uDecode(id)),
});
const source = (data: Bytes): BufferSource => concat(data) as BufferSource;
const bytes = (data: BufferSource): Bytes =>
  data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const text = (data: ArrayBuffer): string => b64uEncode(new Uint8Array(data));
