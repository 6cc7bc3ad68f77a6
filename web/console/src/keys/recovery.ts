/**
 * A new passkey after a device was lost, signed with the member's own key: the link alone lets nobody in.
 *
 *     signature = Ed25519(member's key, "intake/recovery/v1" ‖ 00 ‖ JCS({mechanism, member, passkey,
 *                         client_data, attestation}))
 */

import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  hexEncode,
  utf8,
} from "../../../src/crypto/encoding.ts";
import { sha256, type SigningKey } from "../../../src/crypto/primitives.ts";
import type { Receipt } from "../../../src/crypto/receipt.ts";
import { post } from "../api.ts";
import { create, type Created } from "./passkey.ts";
import { openByPrinted, sealToPasskey } from "./vault.ts";

/** Whose link it is, as `POST /review/v1/invitation` says. `vault`: what the printed key opens, base64url. */
export interface Lost {
  readonly mechanism: string;
  readonly member: string;
  readonly vault: string | null;
}

/** Open the vault with the printed key (`NotMine` if it is another one), make a passkey, sign it, send it. */
export async function comeBack(secret: string, lost: Lost, printed: Receipt, name: string): Promise<void> {
  const keys = await openByPrinted(b64uDecode(lost.vault ?? ""), printed);
  const { made, key, nonce } = await create("enrol", lost.mechanism, lost.member);
  const vault = key ? b64uEncode(await sealToPasskey(keys, key, nonce)) : null;
  const signature = signPasskey(keys.signing, lost.mechanism, lost.member, made);
  await post("/review/v1/recoveries", {
    secret,
    passkey: { ...made, name, vault },
    signature: b64uEncode(signature),
  });
}

function signPasskey(key: SigningKey, mechanism: string, member: string, made: Created["made"]): Bytes {
  const hashed = (sent: string): string => hexEncode(sha256(b64uDecode(sent)));
  const said = canonicalJson({
    mechanism,
    member,
    passkey: made.id,
    client_data: hashed(made.client_data),
    attestation: hashed(made.attestation),
  });
  return key.sign(concat(utf8("intake/recovery/v1\0"), said));
}
