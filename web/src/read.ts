/** What a page needs besides, to open a record with its receipt, to answer, and to check the logs. */

export { split } from "./crypto/sealing.ts";
export { openMessage, sealMessage, signMessage, verifyMessage } from "./crypto/message.ts";
export { RecordReader } from "./crypto/record_reader.ts";
export { signWithdrawal } from "./crypto/withdrawal.ts";
export * as checkpoints from "./crypto/checkpoints.ts";
export * as logLeaf from "./crypto/log_leaf.ts";
export * as merkle from "./crypto/merkle.ts";
export * as notes from "./crypto/notes.ts";
export * as tlogProof from "./crypto/tlog_proof.ts";
