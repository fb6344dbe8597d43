import { type NoPasskey, reach } from "../../api/passkeys";
import { type Say, useSay } from "../../words";

/** What the browser would not do, said. */
export const browserWords = (say: Say) => (why: NoPasskey["why"], host: string): [string, string] => {
  if (why === "already") return [say("passkey.already"), say("passkey.already_detail")];
  if (why === "address") return [say("passkey.address"), say("passkey.address_detail", { host })];
  return [say("passkey.cancelled"), say("passkey.cancelled_detail")];
};

/** Why no passkey can be used on this page, if none can. */
export function useUnreachable(): string | null {
  const say = useSay();
  const there = reach();
  if (there === "yes") return null;
  return say(there === "insecure" ? "passkey.insecure" : "passkey.unknown");
}
