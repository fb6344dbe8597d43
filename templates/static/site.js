// @ts-check
"use strict";
/*
 * Live figures of the public pages. The server sends whole snapshots (JSON objects) by server-sent events; this script
 * puts their values where the page already has them. It only ever sets text and attributes, never markup.
 *
 *   <x data-live="total_fen" data-as="money">        a value of the snapshot
 *   <x data-live-in="projects" data-id="…" data-f="gifts">   a field of the item with this public_id in a list
 *   <ol data-live-list="counties" data-from="0" data-to="5">  a slice of a list; rows from <template data-row="counties">
 *   data-f / data-as / data-words(-one) / data-none   field, format, words around it (one), words for nothing
 *
 * Without this script (or with a server that sends nothing) the page stays true as of its own time.
 */

/** @typedef {Record<string, any>} Snapshot */

(() => {
  const zh = document.documentElement.lang.startsWith("zh");
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  /** @param {number} value whole number @returns {string} 38,000 */
  const grouped = (value) => String(Math.trunc(value)).replace(/\B(?=(\d{3})+$)/g, ",");

  /** @param {string} iso an instant in UTC @returns {Date} a date whose UTC fields are Beijing's */
  const beijing = (iso) => new Date(Date.parse(iso) + 8 * 3600 * 1000);

  /** @param {Date} at @returns {string} */
  const clock = (at) => `${String(at.getUTCHours()).padStart(2, "0")}:${String(at.getUTCMinutes()).padStart(2, "0")}`;

  /** The clock, led by the day where it is not today. @param {string} iso @returns {string} */
  const when = (iso) => {
    const [at, now] = [beijing(iso), beijing(new Date().toISOString())];
    const day = at.toISOString().slice(5, 10);
    return at.toISOString().slice(0, 10) === now.toISOString().slice(0, 10) ? clock(at) : `${day} ${clock(at)}`;
  };

  /** @param {string} iso @returns {string} */
  const moment = (iso) => {
    const at = beijing(iso);
    const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
    return zh ? `${year}年${month + 1}月${day}日 ${clock(at)}` : `${day} ${MONTHS[month]} ${year}, ${clock(at)} Beijing time`;
  };

  /** @param {Element} place @param {number} fen amount in fen: the same markup as the server's filter `money` */
  const money = (place, fen) => {
    const span = (/** @type {string} */ name, /** @type {string} */ text) => {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      return part;
    };
    const size = Math.abs(fen);
    const yuan = (fen < 0 ? "-" : "") + grouped(Math.floor(size / 100));
    const digits = [span("yuan", yuan), span("fen", "." + String(size % 100).padStart(2, "0"))];
    const whole = span("money", "");
    whole.append(...(zh ? [...digits, span("cur", " 元")] : [span("cur", "¥"), ...digits]));
    place.replaceChildren(whole);
  };

  /** @param {HTMLElement} place @param {any} value */
  const show = (place, value) => {
    const shape = place.dataset.as || "text";
    if (value === null || value === undefined) {
      if (place.dataset.none !== undefined) place.textContent = place.dataset.none;
      if (shape === "href") place.removeAttribute("href");
      delete place.dataset.shown;
      return;
    }
    if (place.dataset.shown === String(value)) return;
    place.dataset.shown = String(value);
    if (shape === "money") return money(place, value);
    if (shape === "progress") return void (/** @type {HTMLProgressElement} */ (place).value = Math.min(value, 1000));
    if (shape === "href") return void (String(value).startsWith("/") && place.setAttribute("href", value));
    if (place instanceof HTMLTimeElement) place.dateTime = value;
    const text =
      shape === "number" ? grouped(value)
      : shape === "permille" ? (value % 10 ? (value / 10).toFixed(1) : String(value / 10)) + "%"
      : shape === "moment" ? moment(value)
      : shape === "when" ? when(value)
      : shape === "clock" ? clock(beijing(value))
      : String(value);
    const words = value === 1 ? place.dataset.wordsOne : place.dataset.words;
    place.textContent = words ? words.replace("{n}", text) : text;
  };

  /** @param {HTMLElement} list @param {Snapshot[]} items */
  const fill = (list, items) => {
    const key = list.dataset.liveList || "";
    const row = /** @type {HTMLTemplateElement | null} */ (document.querySelector(`template[data-row="${key}"]`));
    if (!row) return;
    const from = Number(list.dataset.from || 0);
    const slice = items.slice(from, list.dataset.to ? Number(list.dataset.to) : undefined);
    const empty = document.getElementById(list.dataset.empty || "");
    if (empty) empty.hidden = items.length > 0;
    if (key === "latest") return tick(list, row, slice);
    while (list.children.length > slice.length) list.lastElementChild?.remove();
    while (list.children.length < slice.length) list.append(row.content.cloneNode(true));
    slice.forEach((item, at) => write(list.children[at], item));
  };

  /** @param {Element} row @param {Snapshot} item */
  const write = (row, item) => {
    for (const place of row.querySelectorAll("[data-f]")) {
      show(/** @type {HTMLElement} */ (place), item[/** @type {HTMLElement} */ (place).dataset.f || ""]);
    }
  };

  /** The latest gifts: rewritten when they changed; the new ones on top are marked for a moment.
   * @param {HTMLElement} list @param {HTMLTemplateElement} row @param {Snapshot[]} items */
  const tick = (list, row, items) => {
    const name = (/** @type {Snapshot} */ item) => [item.at, item.who, item.amount_fen, item.to].join("|");
    const before = new Set((list.dataset.names || "").split("\n"));
    const names = items.map(name);
    if (list.dataset.names === names.join("\n")) return;
    const rows = items.map((item, at) => {
      const made = /** @type {DocumentFragment} */ (row.content.cloneNode(true));
      const line = /** @type {HTMLElement} */ (made.firstElementChild);
      write(line, item);
      if (list.dataset.names !== undefined && !before.has(names[at])) line.classList.add("new");
      return line;
    });
    list.replaceChildren(...rows);
    list.dataset.names = names.join("\n");
  };

  /** @param {Snapshot} snapshot */
  const apply = (snapshot) => {
    for (const place of document.querySelectorAll("[data-live]")) {
      const element = /** @type {HTMLElement} */ (place);
      const key = element.dataset.live || "";
      if (key in snapshot) show(element, snapshot[key]);
    }
    for (const place of document.querySelectorAll("[data-live-in]")) {
      const element = /** @type {HTMLElement} */ (place);
      const items = /** @type {Snapshot[] | undefined} */ (snapshot[element.dataset.liveIn || ""]);
      const item = items?.find((one) => one.public_id === element.dataset.id);
      if (item) show(element, item[element.dataset.f || ""]);
    }
    for (const list of document.querySelectorAll("[data-live-list]")) {
      const element = /** @type {HTMLElement} */ (list);
      const items = snapshot[element.dataset.liveList || ""];
      if (Array.isArray(items)) fill(element, items);
    }
  };

  /** Opens the stream, and lets the reader pause it (WCAG 2.2.2). @param {string} address */
  const listen = (address) => {
    const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-live-switch]"));
    /** @type {EventSource | null} */
    let source = null;
    /** @type {Snapshot | null} */
    let waiting = null;
    const say = (/** @type {"on" | "off" | "wait"} */ state) => {
      if (!button) return;
      button.dataset.state = state;
      button.setAttribute("aria-pressed", String(state !== "off"));
      const words = button.querySelector("span");
      if (words) words.textContent = button.dataset[state] || "";
    };
    const open = () => {
      source = new EventSource(address);
      source.onopen = () => say("on");
      source.onerror = () => say("wait");
      source.onmessage = (event) => {
        // Many snapshots may come between two frames: only the newest is drawn.
        if (!waiting) requestAnimationFrame(() => { if (waiting) apply(waiting); waiting = null; });
        waiting = JSON.parse(event.data);
      };
    };
    const close = () => { source?.close(); source = null; };
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => {
        if (source) { close(); say("off"); } else open();
      });
    }
    // A page in the background holds no line open; it catches up when it is looked at again.
    document.addEventListener("visibilitychange", () => {
      if (button?.dataset.state === "off") return;
      if (document.hidden) close(); else if (!source) open();
    });
    say("wait");
    open();
  };

  // The language switch keeps what stands behind “#”: on a certificate that is the key, which never reaches the server.
  for (const link of document.querySelectorAll("a[data-language]")) {
    link.addEventListener("click", () => { /** @type {HTMLAnchorElement} */ (link).hash = location.hash; });
  }

  const events = document.body.dataset.events;
  if (events && "EventSource" in window) listen(events);
})();
