// @ts-check
"use strict";
/*
 * Opens the printed name on a certificate's page, on the reader's own device.
 *
 *   address   <base>/v/<public id>#<showing key>      the part behind “#” is never sent to the server
 *   key       base64url without padding, 32 bytes     AES-256-GCM key, derived by the server from the gift's secret
 *   envelope  base64 in data-envelope                 nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)
 *   AAD       UTF-8 of "name:" + public id            the public id in lower case, as in the address
 *   inside    the name as UTF-8 text
 *
 * The papers (PDF, picture) carry the full name: the server gives them for
 *   ?proof=   base64url of HMAC-SHA256(showing key, "paper:" + public id)
 * which proves the key without telling it.
 *
 * WebCrypto exists only in secure contexts (https, or localhost): elsewhere the page says so.
 */
(() => {
  /** @param {string} text base64 or base64url @returns {Uint8Array<ArrayBuffer>} */
  const bytes = (text) => {
    const plain = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(plain + "=".repeat((4 - (plain.length % 4)) % 4)), (c) => c.charCodeAt(0));
  };

  /** @param {string} envelope @param {string} key @param {string} id @returns {Promise<string>} */
  const open = async (envelope, key, id) => {
    const sealed = bytes(envelope);
    const imported = await crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["decrypt"]);
    const additionalData = new TextEncoder().encode("name:" + id);
    const iv = sealed.slice(0, 12);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, imported, sealed.slice(12));
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  };

  /** @param {string} key @param {string} id @returns {Promise<string>} */
  const proof = async (key, id) => {
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const imported = await crypto.subtle.importKey("raw", bytes(key), hmac, false, ["sign"]);
    const signed = new Uint8Array(await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode("paper:" + id)));
    return btoa(String.fromCharCode(...signed)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  /** Leads links and picture to the papers. @param {string} key @param {string} id */
  const offer = async (key, id) => {
    const papers = /** @type {HTMLElement | null} */ (document.querySelector("[data-papers]"));
    const closed = /** @type {HTMLElement | null} */ (document.querySelector("[data-papers-closed]"));
    if (!papers || !closed) return;
    const query = "?proof=" + (await proof(key, id));
    for (const place of papers.querySelectorAll("[data-paper]")) {
      const address = /** @type {HTMLElement} */ (place).dataset.paper + query;
      if (place instanceof HTMLImageElement) place.src = address;
      else if (place instanceof HTMLAnchorElement) place.href = address;
    }
    papers.hidden = false;
    closed.hidden = true;
  };

  const show = async () => {
    const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-name]"));
    const text = /** @type {HTMLElement | null} */ (document.querySelector("[data-name-text]"));
    const note = /** @type {HTMLElement | null} */ (document.querySelector("[data-name-note]"));
    const { envelope, id, none, wrong, insecure } = place?.dataset ?? {};
    if (!text || !note || !envelope || !id) return;
    const key = location.hash.slice(1);
    text.hidden = true;
    note.hidden = false;
    if (!key) return void (note.textContent = none || "");
    if (!globalThis.crypto?.subtle) return void (note.textContent = insecure || "");
    try {
      text.textContent = await open(envelope, key, id.toLowerCase());
      text.hidden = false;
      note.hidden = true;
      // Only a key that opens this name belongs to this certificate.
      await offer(key, id.toLowerCase());
    } catch {
      note.textContent = wrong || "";
    }
  };

  addEventListener("hashchange", show);
  void show();
})();
