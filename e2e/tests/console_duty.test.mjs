// Reports up and down in the console: a county hands in by phone, another is late, the city sees one table and exports it; a document
// is sent, read and receipted; a roster shows its gap.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH] = LANGUAGES;
const WAIT_MS_MAX = 20_000;
const MINUTE_MS = 60_000;
const FORM = "灾情快报";

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** @typedef {Awaited<ReturnType<typeof atWork>>} Somebody */
/** @type {Record<string, Somebody>} */
const people = {};
/** @type {{id: string, short_name: string}[]} */
let counties = [];

/** @param {string} name @param {string[]} roles @param {string} unit @param {typeof SIZES[number]} size */
async function atWork(name, roles, unit, size) {
  const user = await person(house, name, roles, unit);
  const opened = await openPage(browser, size, ZH);
  await accept(opened.page, await invitation(house, user.id), password());
  return { ...opened, user };
}

/** @param {Somebody} who @param {string} path */
const go = (who, path) => who.page.goto(`${house.base}/console/${path}`);
/** `HH:MM` in Beijing. @param {Date} at */
const hourOf = (at) => new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
/** The next full minute that leaves time to hand in, on a busy machine too. */
function nextHour() {
  const at = new Date(Math.ceil((Date.now() + 75_000) / MINUTE_MS) * MINUTE_MS);
  return { at, text: hourOf(at) };
}
/** @param {string} name @returns {Somebody} */
const somebody = (name) => /** @type {Somebody} */ (people[name]);

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  counties = (await asAdmin(house, "/api/v1/units?limit=500")).items.filter((/** @type {any} */ one) => one.parent === house.init.unit_id);
  assert.ok(counties.length >= 2, "the small giving day has counties");
  people.head = await atWork("duty-head", ["leader"], house.init.unit_id, DESK);
  people.one = await atWork("duty-one", ["fundraising_officer"], counties[0].id, PHONE);
  people.two = await atWork("duty-two", ["fundraising_officer"], counties[1].id, PHONE);
});
after(async () => {
  for (const who of Object.values(people)) await who.close();
  await browser?.close();
  await house?.stop();
});

test("a county hands in by phone, one is late, the city sees one table and exports it", SKIP, async () => {
  const [head, one, two] = [somebody("head"), somebody("one"), somebody("two")];
  await go(head, "reports");
  await head.page.getByText("还没有报表").waitFor();
  await head.page.getByRole("button", { name: "新建报表" }).click();
  const editor = head.page.locator(".panel");
  const hour = nextHour();
  await editor.getByLabel("报表名称").fill(FORM);
  await editor.getByLabel("时间", { exact: true }).fill(hour.text);
  await editor.getByLabel("宽限").fill("0");
  const line = editor.locator("fieldset").first();
  await line.getByLabel("项目名称").fill("转移人数");
  await line.getByLabel("数字的单位（人、户、件）").fill("人");
  await editor.getByRole("button", { name: "发布报表" }).click();
  await head.page.locator("tbody tr.ant-table-row", { hasText: counties[0].short_name }).waitFor({ timeout: WAIT_MS_MAX });

  // By phone, in seconds: the draft outlives a closed tab.
  await go(one, "hand-in");
  await one.page.locator(".phone-list button", { hasText: FORM }).click();
  await one.page.getByLabel("转移人数 (人)").fill("12");
  await one.page.locator("[data-kept=server]").waitFor({ timeout: WAIT_MS_MAX });
  await one.page.reload();
  await one.page.getByLabel("转移人数 (人)").waitFor();
  assert.equal(await one.page.getByLabel("转移人数 (人)").inputValue(), "12");
  assert.deepEqual(await screenManners(one.page), []);
  await shoot(one.page, "duty-hand-in-390");
  assert.ok(Date.now() < hour.at.getTime(), "there was time to hand in");
  await one.page.getByRole("button", { name: "报送", exact: true }).click();
  await one.page.locator(".phone-list, .empty").first().waitFor();

  // The other county lets the minute pass; then one tap says that there is nothing.
  await new Promise((tick) => setTimeout(tick, Math.max(0, hour.at.getTime() - Date.now()) + 1_500));
  await go(two, "work");
  await two.page.locator("section.pile", { hasText: "待报送" }).locator("button", { hasText: FORM }).first().waitFor();
  await go(two, "hand-in");
  const missed = two.page.locator(".phone-list button", { hasText: FORM }).filter({ hasText: "未报" });
  await missed.click();
  await two.page.getByRole("button", { name: "零报告（没有情况）" }).click();
  // The list comes back once the house has it.
  await two.page.locator(".phone-list, .empty").first().waitFor({ timeout: WAIT_MS_MAX });
  await missed.waitFor({ state: "hidden", timeout: WAIT_MS_MAX });

  // The hour that is over keeps its table.
  await go(head, "reports");
  await head.page.getByRole("combobox", { name: "时段" }).click();
  await head.page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: hour.text }).first().click();
  const row = (/** @type {string} */ name) => head.page.locator("tbody tr.ant-table-row", { hasText: name });
  await row(counties[0].short_name).filter({ hasText: "按时" }).filter({ hasText: "12" }).waitFor({ timeout: WAIT_MS_MAX });
  await row(counties[1].short_name).filter({ hasText: "迟报" }).filter({ hasText: "零报告" }).waitFor();
  await head.page.locator("tfoot", { hasText: "合计" }).filter({ hasText: "12" }).waitFor();
  assert.deepEqual(await screenManners(head.page), []);
  await shoot(head.page, "duty-reports-1440");
  await head.page.locator(".ant-segmented-item", { hasText: "迟报 1" }).click();
  await row(counties[0].short_name).waitFor({ state: "hidden" });
  const link = await head.page.getByRole("link", { name: "导出 CSV" }).getAttribute("href");
  const csv = await (await head.page.request.get(house.base + link)).text();
  const lines = csv.trim().split(/\r?\n/);
  assert.equal(lines.length, 3, csv);
  assert.match(lines[1], new RegExp(`^${counties[1].short_name},迟报,`));
  const sheet = await head.page.getByRole("link", { name: "导出 XLSX" }).getAttribute("href");
  assert.equal((await (await head.page.request.get(house.base + sheet)).body()).subarray(0, 2).toString(), "PK");
  for (const who of [head, one, two]) assert.deepEqual(who.faults, []);
});

test("a correction is another version, and the city sees both", SKIP, async () => {
  const [head, one] = [somebody("head"), somebody("one")];
  const { items } = await asAdmin(house, "/api/v1/duty/forms");
  const form = items.find((/** @type {any} */ known) => known.form.title.zh === FORM);
  const { items: slots } = await asAdmin(house, `/api/v1/duty/forms/${form.id}/slots`);
  const slot = slots.find((/** @type {any} */ known) => known.handed_in === 2);
  await go(one, `hand-in?slot=${slot.id}&unit=${counties[0].id}`);
  await one.page.getByLabel("转移人数 (人)").fill("15");
  await one.page.getByLabel("更正原因").fill("漏报一村");
  await one.page.getByRole("button", { name: "更正报送" }).click();
  await one.page.locator(".phone-list, .empty").first().waitFor();
  await go(head, `reports?form=${form.id}&slot=${slot.id}&row=${counties[0].id}`);
  const panel = head.page.locator(".panel");
  await panel.locator("[data-version='2']", { hasText: "漏报一村" }).filter({ hasText: "15" }).waitFor({ timeout: WAIT_MS_MAX });
  await panel.locator("[data-version='1']", { hasText: "12" }).waitFor();
  // Another county sees its own row alone.
  const two = somebody("two");
  await go(two, `reports?form=${form.id}&slot=${slot.id}`);
  await two.page.locator("tbody tr.ant-table-row", { hasText: counties[1].short_name }).waitFor();
  assert.equal(await two.page.locator("tbody tr.ant-table-row").count(), 1);
  assert.deepEqual(await screenManners(two.page), []);
});

test("a roster shows who is on and where nobody is; a telephone is opened and stands in the trail", SKIP, async () => {
  const { page, faults } = somebody("head");
  await go(somebody("head"), "roster");
  await page.getByText("这一周还没有排班").waitFor();
  await page.getByRole("button", { name: "排班" }).click();
  const panel = page.locator(".panel");
  await panel.getByLabel("从", { exact: true }).fill("00:00");
  await panel.getByLabel("到", { exact: true }).fill("00:00");
  await panel.getByLabel("姓名").fill("王小明");
  await panel.getByLabel("电话").fill("13800000001");
  await panel.getByRole("button", { name: "排班" }).click();
  await page.getByText("现在在班：王** 138****0001").waitFor({ timeout: WAIT_MS_MAX });
  await page.getByText(/有 \d 段无人值班/).waitFor();
  await page.locator("button.task", { hasText: "王**" }).click();
  await panel.getByRole("button", { name: "显示电话" }).click();
  await panel.getByRole("link", { name: "13800000001" }).waitFor();
  assert.deepEqual(await screenManners(page), []);
  const items = await asAdmin(house, "/api/v1/duty/on");
  assert.equal(items.length, 1);
  assert.ok(!JSON.stringify(items).includes("13800000001"), "masked");
  assert.deepEqual(faults, []);
});

test("a document gets its number, is read, confirmed and answered", SKIP, async () => {
  const [head, one] = [somebody("head"), somebody("one")];
  await go(head, "documents");
  await head.page.getByRole("button", { name: "拟发公文" }).click();
  const writing = head.page.locator(".panel");
  await writing.getByLabel("标题").fill("关于做好防汛值班的通知");
  await writing.getByLabel("正文").fill("请各县区严格执行 24 小时值班。");
  await writing.getByRole("button", { name: "发出", exact: true }).click();
  await head.page.locator("tbody tr.ant-table-row", { hasText: /〔\d{4}〕1号/ }).waitFor({ timeout: WAIT_MS_MAX });

  await go(one, "work");
  await one.page.locator("section.pile", { hasText: "待确认公文" }).locator("button", { hasText: "防汛值班" }).click();
  await one.page.locator("[data-document-body]", { hasText: "24 小时值班" }).waitFor();
  await one.page.locator(".panel").getByText("duty-one 于").first().waitFor({ timeout: WAIT_MS_MAX });
  await one.page.locator(".panel .acts").getByRole("button", { name: "确认收到" }).click();
  await one.page.locator(".panel").waitFor({ state: "detached", timeout: WAIT_MS_MAX });
  await one.page.locator("section.pile", { hasText: "待确认公文" }).waitFor({ state: "hidden", timeout: WAIT_MS_MAX });

  await go(head, "documents?q=防汛");
  const row = head.page.locator("tbody tr.ant-table-row", { hasText: "防汛值班" });
  await row.filter({ hasText: `1 / 1，共 ${counties.length}` }).waitFor({ timeout: WAIT_MS_MAX });
  await row.click();
  await head.page.locator(".panel").getByText(/duty-one 于 .* 确认/).waitFor();
  assert.deepEqual(await screenManners(head.page), []);
  await shoot(head.page, "duty-document-1440");
  for (const who of [head, one]) assert.deepEqual(who.faults, []);
});
