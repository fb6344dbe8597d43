// What the pages' own check of the public log loads where the browser's WebCrypto has no Ed25519 (templates/static/proof.js).
// `npm run ed25519` makes templates/static/ed25519.js of it.
import { verifyAsync } from "@noble/ed25519";

const SIGNATURE_BYTES = 64;

/** Whether a signature holds, as strictly as the library can: no point in another writing than its own, no key of small order. */
export const verify = async (signature: Uint8Array, message: Uint8Array, key: Uint8Array): Promise<boolean> =>
  // The library throws for another length, where WebCrypto says no.
  signature.length === SIGNATURE_BYTES && verifyAsync(signature, message, key, { zip215: false });
