/** What can be asked for with a reason, and is opened by a custodian: these classes, whatever a server asks for. */

import type { Class } from "../../../src/crypto/compartments.ts";
import { refused } from "../keys/root.ts";

const ASKED: readonly Class[] = ["identity", "sensitive"];

/** The classes of a request; `Refused` (`other_classes`) if there is another one among them, or none. */
export function askedOnly(classes: readonly Class[]): readonly Class[] {
  if (!classes.length || classes.some((kind) => !ASKED.includes(kind))) throw refused("other_classes");
  return classes;
}
