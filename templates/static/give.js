// @ts-check
"use strict";
/*
 * Small comforts of the donor's way; every page works without them.
 *
 *   form[data-once]     sent once: a second tap does nothing (the server gives one order for it in any case)
 *   choosing an amount empties the typed one, typing one lets go of the chosen one
 *   [data-go]           a payment provider's page is opened at once; the button stays for who comes back
 *   [data-jsapi]        parameters for the payment sheet of the chat app
 *   [data-wait]         where an order is asked for; the page is read again when it is paid
 */
(() => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
    });
    // Back from the payment page the form may be sent again.
    addEventListener("pageshow", () => { sent = false; });
  }

  const amount = /** @type {HTMLInputElement | null} */ (document.getElementById("amount"));
  const chips = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=choice]"));
  for (const chip of chips) chip.addEventListener("change", () => { if (amount) amount.value = ""; });
  amount?.addEventListener("input", () => { if (amount.value) for (const chip of chips) chip.checked = false; });

  const once = (/** @type {string} */ name) => {
    try {
      if (sessionStorage.getItem(name)) return false;
      sessionStorage.setItem(name, "1");
    } catch { return false; }
    return true;
  };
  const go = /** @type {HTMLElement | null} */ (document.querySelector("[data-go]"));
  if (go && once("go:" + location.pathname + location.search)) {
    if (go instanceof HTMLAnchorElement) go.click();
    else go.querySelector("form")?.submit();
  }

  const sheet = /** @type {HTMLElement | null} */ (document.querySelector("[data-jsapi]"));
  if (sheet) {
    const call = () => {
      // @ts-expect-error given by the chat app
      WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(sheet.dataset.jsapi || "{}"), () => {
        location.href = sheet.dataset.back || location.href;
      });
    };
    sheet.addEventListener("click", call);
    sheet.hidden = false;
    document.addEventListener("WeixinJSBridgeReady", call, { once: true });
  }

  const wait = /** @type {HTMLElement | null} */ (document.querySelector("[data-wait]"));
  if (wait) {
    const until = Date.now() + 15 * 60 * 1000;
    const ask = async () => {
      try {
        const answer = await fetch(wait.dataset.wait || "", { headers: { accept: "application/json" } });
        const { state } = await answer.json();
        if (state !== wait.dataset.state) return location.assign(wait.dataset.back || location.pathname);
      } catch { /* asked again */ }
      if (Date.now() < until) setTimeout(ask, 2500);
    };
    setTimeout(ask, 2500);
  }
})();
