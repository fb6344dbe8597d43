// Debian's Chromium at the two widths we promise, in the two languages we promise.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright-core";

/** Phone and desk: design/look.md. */
export const SIZES = [
  { name: "390", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  { name: "1440", viewport: { width: 1440, height: 900 }, isMobile: false, hasTouch: false },
];
export const LANGUAGES = [
  { tag: "zh-Hans", locale: "zh-CN" },
  { tag: "en", locale: "en-US" },
];
const SHOTS = path.resolve(import.meta.dirname, "../screenshots");

/** The browser without its own errands, which a closed network refuses. @param {string[]} [more] what this browser alone is told */
export const launch = (more = []) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", ...more],
  });

/**
 * A page that remembers what went wrong in it.
 * @param {import("playwright-core").Browser} browser
 * @param {typeof SIZES[number]} size @param {typeof LANGUAGES[number]} language
 */
export async function openPage(browser, size, language) {
  const { viewport, isMobile, hasTouch } = size;
  const context = await browser.newContext({ viewport, isMobile, hasTouch, locale: language.locale });
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // A missing page says so in the console; its status is tested where it is expected.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  return { page, faults, close: () => context.close() };
}

/** @param {import("playwright-core").Page} page @param {string} name */
export async function shoot(page, name) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
}

/**
 * Signs with one stroke in a field.
 * @param {import("playwright-core").Page} page
 * @param {import("playwright-core").Locator} pad
 */
export async function sign(page, pad) {
  await pad.evaluate((field) => field.scrollIntoView({ block: "center" }));
  const box = await pad.boundingBox();
  if (!box) throw new Error("there is no field to sign in");
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.6, { steps: 10 });
  await page.mouse.up();
}

/**
 * What every page must keep, whatever it shows.
 * @param {import("playwright-core").Page} page
 * @returns {Promise<string[]>} the faults found
 */
export const manners = (page) =>
  page.evaluate(() => {
    const faults = [];
    // A phone widens its window for what does not fit, so the glass is asked, not the window.
    const over = document.documentElement.scrollWidth - Math.min(innerWidth, screen.width);
    if (over > 0) faults.push(`the page is ${over} px wider than the screen`);
    if (/\{\{|\{%|\{[a-z_]+\}/.test(document.body.innerText)) faults.push("template code is showing");
    if (document.querySelectorAll("h1").length !== 1) faults.push("there is not exactly one h1");
    if (!document.documentElement.lang) faults.push("no language is named");
    // 44 px: every control a finger must hit. Links inside running text are exempt (WCAG 2.5.8).
    for (const control of document.querySelectorAll("button, input, summary, .button, .quiet")) {
      const box = control.getBoundingClientRect();
      if (box.width > 0 && (box.height < 43.5 || box.width < 43.5)) {
        faults.push(`${control.tagName} “${control.textContent?.trim()}” is ${Math.round(box.width)}×${Math.round(box.height)} px`);
      }
    }
    for (const input of document.querySelectorAll("input:not([type=hidden])")) {
      if (!input.labels?.length) faults.push(`input ${input.name} has no label`);
    }
    return faults;
  });
