// The console's screens of what belongs together: held gifts, off-line events, teams, a pool made as a form, days and slips.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { notify, startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH, EN] = LANGUAGES;
const WAIT_MS_MAX = 20_000;
const HELD_YUAN = ["11.00", "12.00", "13.00"];

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** The sponsor's money, held to be passed on. */
let backing = "";
/** The event that is walked through, planned for today. */
let event = "";

/** @param {() => Promise<boolean>} so @param {string} what */
async function until(so, what) {
  const end = Date.now() + WAIT_MS_MAX;
  while (!(await so())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${WAIT_MS_MAX} ms`);
    await new Promise((tick) => setTimeout(tick, 200));
  }
}
/** Today in Beijing. */
const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  const { items: campaigns } = await asAdmin(house, "/api/v1/campaigns");
  const { items: projects } = await asAdmin(house, "/api/v1/projects");
  const aed = projects.find((/** @type {any} */ one) => one.code === "aed");
  for (const [at, yuan] of HELD_YUAN.entries()) {
    const notice = { trade_no: `held-${at}`, amount_fen: Number(yuan) * 100, paid_at: "2026-05-08T12:00:00Z", project: "aed", payer: { name: `测试${at}` } };
    assert.ok((await notify(house, notice)).ok);
  }
  const campaign = campaigns.find((/** @type {any} */ one) => one.state === "open");
  const made = await asAdmin(house, "/api/v1/projects", {
    unit: house.init.unit_id, campaign: campaign.id, code: "sponsor-money", title: "示例企业配捐资金", region_code: "371300", nature: "agency",
  });
  await asAdmin(house, `/api/v1/projects/${made.id}/open`, {});
  const gift = await asAdmin(house, "/api/v1/gifts", { key: "backing", account: "cash", project: "sponsor-money", amount_fen: 50_000_00, payer: { name: "示例企业" }, receipt: "waived" });
  backing = gift.gift;
  await asAdmin(house, "/api/v1/teams", { project: "aed", title: "示例读书会", words: "每人一份", target_fen: 500_000, starter: { name: "李示例", phone: "13800000003" }, key: "team" });
  ({ event } = await asAdmin(house, "/api/v1/events", { unit: house.init.unit_id, project: aed.id, kind: "market", title: "示例公益市集", held_on: today(), key: "market" }));
  await until(async () => (await asAdmin(house, "/api/v1/screening/holds")).items.length === HELD_YUAN.length, "the gifts are held");
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/**
 * A person at their first screen.
 * @param {string} name @param {string[]} roles @param {typeof SIZES[number]} size @param {typeof LANGUAGES[number]} language
 */
async function atWork(name, roles, size = DESK, language = ZH) {
  const user = await person(house, name, roles);
  const opened = await openPage(browser, size, language);
  await accept(opened.page, await invitation(house, user.id), password());
  return { ...opened, user };
}

/** Chooses in a select of a form. @param {import("playwright-core").Page} page @param {string | RegExp} label @param {string | RegExp} option */
async function choose(page, label, option) {
  await page.getByLabel(label).first().click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter({ hasText: option }).first().click();
}

/** Types a day into its field. @param {import("playwright-core").Page} page @param {string} label @param {string} day */
async function typeDay(page, label, day) {
  await page.getByLabel(label, { exact: true }).fill(day);
  await page.keyboard.press("Enter");
}

test("a held gift is cleared on a phone with a reason, two others are kept together on the screen", SKIP, async () => {
  const phone = await atWork("reviews-phone", ["fundraising_officer"], PHONE, EN);
  const pile = phone.page.locator(".pile", { hasText: "Held gifts" });
  await pile.locator(".task").first().tap();
  await phone.page.getByText("The name holds “测试”, which is on the list").first().waitFor();
  await phone.page.getByText("Gift and certificate stand either way.").waitFor();
  await phone.page.getByRole("button", { name: "Nothing wrong: clear" }).tap();
  const send = phone.page.getByRole("button", { name: "Nothing wrong: clear" });
  assert.ok(await send.isDisabled(), "not without a reason");
  await phone.page.getByLabel("What was looked at and found").fill("The donor was called");
  await send.tap();
  await phone.page.getByText("Cleared", { exact: true }).first().waitFor();
  await until(async () => (await asAdmin(house, "/api/v1/screening/holds?state=cleared")).items.length === 1, "one is cleared");

  const desk = await atWork("reviews-desk", ["fundraising_officer"]);
  await desk.page.goto(`${house.base}/console/holds?signal=name`);
  await desk.page.locator("tbody tr.ant-table-row").nth(1).waitFor();
  for (const at of [0, 1]) await desk.page.locator("tbody tr.ant-table-row input[type=checkbox]").nth(at).check();
  await desk.page.getByRole("heading", { name: "已选 2 笔" }).waitFor();
  await desk.page.getByRole("button", { name: "确有问题，维持" }).click();
  await desk.page.getByLabel("查看了什么、结论是什么").fill("电话核实为测试");
  await desk.page.getByRole("button", { name: "确有问题，维持" }).click();
  await desk.page.getByText("没有这样的捐赠").waitFor();
  await desk.page.locator(".ant-segmented-item", { hasText: "已维持" }).click();
  await desk.page.locator("tbody tr.ant-table-row").nth(1).waitFor();
  const { items } = await asAdmin(house, "/api/v1/screening/holds?state=kept");
  assert.deepEqual(items.map((/** @type {any} */ hold) => [hold.reason, hold.decided_by]), [["电话核实为测试", desk.user.id], ["电话核实为测试", desk.user.id]]);
  assert.deepEqual([...phone.faults, ...desk.faults], []);
  await phone.close();
  await desk.close();
});

test("an event is planned; its takings are counted by two, deposited, and a gift with the bank’s line", SKIP, async () => {
  const first = await atWork("counts-first", ["fundraising_officer", "finance_officer"]);
  await first.page.goto(`${house.base}/console/events`);
  await first.page.getByRole("button", { name: "登记活动" }).click();
  await first.page.getByLabel("名称").fill("中秋义卖");
  await choose(first.page, "形式", "义卖");
  await typeDay(first.page, "活动日", "2027-09-15");
  await choose(first.page, "项目", "aed");
  await first.page.getByRole("button", { name: /^登\s?记$/ }).click();
  await first.page.getByRole("heading", { level: 2, name: "中秋义卖" }).waitFor();
  assert.ok(await first.page.locator(".panel .acts").getByRole("button", { name: /点\s?款/ }).isDisabled(), "not before its day");

  const second = await atWork("counts-second", ["fundraising_officer", "finance_officer"]);
  const walk = async (/** @type {import("playwright-core").Page} */ page, /** @type {RegExp} */ step) => {
    await page.goto(`${house.base}/console/events?event=${event}`);
    await page.locator(".panel .acts").getByRole("button", { name: step }).click();
  };
  for (const { page } of [first, second]) {
    await walk(page, /点\s?款/);
    await page.getByLabel("您点到的金额").fill("345.60");
    await page.locator(".panel .acts").getByRole("button", { name: /点\s?款/ }).click();
    await page.getByText(page === first.page ? "已记下，等另一人点款" : "两人一致，已点清").waitFor();
  }
  await walk(first.page, /登记存款/);
  await choose(first.page, "收款账户", "bank");
  await first.page.getByLabel("存款单号").fill("SLIP-1");
  await first.page.getByRole("button", { name: "登记存款" }).click();
  await first.page.getByText("已存款，待对账").first().waitFor();
  await walk(first.page, /对上流水/);
  await first.page.getByLabel("银行流水号").fill("BANK-1");
  await first.page.getByRole("button", { name: "对上流水" }).click();
  await first.page.locator(".panel .trouble, .panel .ant-alert-error").waitFor();

  await walk(second.page, /对上流水/);
  await second.page.getByLabel("银行流水号").fill("BANK-1");
  await second.page.getByText("345.60 元立即入账为一笔捐赠").waitFor();
  await second.page.getByRole("button", { name: "对上流水" }).click();
  await second.page.getByText("已入账", { exact: true }).first().waitFor();
  const { items } = await asAdmin(house, "/api/v1/events");
  const booked = items.find((/** @type {any} */ one) => one.event === event);
  assert.equal((await asAdmin(house, `/api/v1/gifts/${booked.gift}`)).amount_fen, 34_560);
  assert.deepEqual([...first.faults, ...second.faults], []);
  await first.close();
  await second.close();
});

test("a village’s name is mended, and the village ended with a reason", SKIP, async () => {
  await asAdmin(house, "/api/v1/giving-sources", { unit: house.init.unit_id, csv: "kind,name\nvillage,示例东岭村\n" });
  const { page, faults, close } = await atWork("keeps-names", ["fundraising_officer"]);
  await page.goto(`${house.base}/console/events?sheet=sources`);
  await page.locator("tbody tr.ant-table-row", { hasText: "示例东岭村" }).click();
  await page.locator(".panel .acts").getByRole("button", { name: "更正名称" }).click();
  await page.locator(".panel").getByLabel("名称", { exact: true }).fill("示例东岭社区");
  await page.locator(".panel .acts").getByRole("button", { name: /保\s?存/ }).click();
  await page.getByRole("heading", { level: 2, name: "示例东岭社区" }).waitFor();
  await page.locator(".panel .acts").getByRole("button", { name: /停\s?用/ }).click();
  await page.getByLabel("停用原因").fill("并入镇区");
  await page.locator(".panel .acts").getByRole("button", { name: /停\s?用/ }).click();
  await page.getByText("还没有登记村、商户和企业").waitFor();
  const { items } = await asAdmin(house, "/api/v1/giving-sources?ended=true");
  assert.deepEqual(items.map((/** @type {any} */ one) => [one.name, one.reason]), [["示例东岭社区", "并入镇区"]]);
  assert.deepEqual(faults, []);
  await close();
});

test("a team is read and let pass; who started it is shown only when asked for", SKIP, async () => {
  const { page, faults, close } = await atWork("reads-teams", ["fundraising_officer"]);
  await page.goto(`${house.base}/console/teams?state=draft`);
  await page.locator("tbody tr.ant-table-row", { hasText: "示例读书会" }).click();
  assert.equal(await page.getByText("李示例").count(), 0);
  const panel = page.locator(".panel");
  const look = panel.getByRole("button", { name: /^查\s?看$/ });
  await look.click();
  await panel.locator(".ant-select").first().click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter({ hasText: "需要联系本人" }).first().click();
  await look.click();
  await panel.getByText("李示例").waitFor();
  await page.getByRole("button", { name: "通过并公开" }).click();
  await page.getByText("没有这样的队伍").waitFor();
  const { items } = await asAdmin(house, "/api/v1/teams?state=open");
  assert.equal(items.length, 1);
  assert.deepEqual(faults, []);
  await close();
});

test("a pool is made as a form: its rule is told as it will be published, then published and opened", SKIP, async () => {
  const { page, faults, close } = await atWork("makes-pools", ["fundraising_officer", "finance_officer"]);
  await page.goto(`${house.base}/console/pools`);
  await page.getByRole("button", { name: "新建配捐池" }).click();
  await page.getByLabel("名称").fill("示例企业九九配捐");
  await page.getByLabel("代码").fill("ninety-nine");
  await page.getByLabel("配捐方").fill("示例企业");
  await choose(page, "收款账户", "cash");
  await page.getByLabel("锁定").fill("50000.01");
  await page.getByLabel("捐赠编号").fill(backing);
  await page.getByRole("button", { name: "锁定资金" }).click();
  await page.getByText("这笔捐赠还可锁定 50000.00 元").waitFor();
  await page.getByLabel("锁定").fill("50000");
  await page.getByRole("button", { name: "锁定资金" }).click();
  await page.getByRole("heading", { level: 2, name: "示例企业九九配捐" }).waitFor();
  assert.ok(await page.getByRole("button", { name: "公布规则" }).isDisabled(), "not without a rule");

  await page.getByRole("button", { name: "写规则" }).click();
  await page.getByText("填好金额和时间后").waitFor();
  await choose(page, "怎么配", "按金额分档");
  // The first of the form's two lists of lines: the tiers.
  await page.getByRole("button", { name: "加一行" }).first().click();
  await page.getByRole("button", { name: "加一行" }).first().click();
  const lines = page.locator(".lines fieldset");
  for (const [at, [from, ratio]] of [["100", "1.5"], ["1", "1"]].entries()) {
    await lines.nth(at).getByLabel("满").fill(from ?? "");
    await lines.nth(at).getByLabel("每捐 1 元配几元").fill(ratio ?? "");
  }
  await typeDay(page, "开始日", "2027-09-07");
  await typeDay(page, "结束日", "2027-09-09");
  await page.getByLabel("每日开始").fill("25:00");
  await page.getByText("请填 00:00 至 24:00").waitFor();
  await page.getByLabel("每日开始").fill("10:00");
  await page.getByLabel("每日结束").fill("22:00");
  await page.getByLabel("起配金额").fill("1");
  await page.getByLabel("每笔上限").fill("500");
  await page.getByLabel(/^项目上限/).fill("20000");
  await page.getByLabel("不参加的手机号").fill("13800000001\n13800000002");
  await page.getByLabel("加成（%）").fill("5");
  const preview = await page.locator("[data-preview] li").allInnerTexts();
  assert.match(preview[0] ?? "", /满 1\.00 元 每 1 元配 1 元; 满 100\.00 元 每 1 元配 1\.5 元/);
  await page.getByRole("button", { name: "存为草稿" }).click();
  await page.locator("[data-rule] li").first().waitFor();
  const published = await page.locator("[data-rule] li").allInnerTexts();
  const excluded = published.filter((line) => line.includes("2 个账户"));
  assert.equal(excluded.length, 1);
  assert.deepEqual(preview, published.filter((line) => !excluded.includes(line)), "what was told is what will stand there");

  await page.getByRole("button", { name: "改规则" }).click();
  assert.deepEqual(await page.locator("[data-preview] li").allInnerTexts(), published, "the form knows its own rule again");
  await page.getByRole("button", { name: /^取\s?消$/ }).click();
  await page.getByRole("button", { name: "公布规则" }).click();
  await page.getByText("开放后规则锁定").waitFor();
  await page.locator(".panel .acts").getByRole("button", { name: /开\s?放/ }).click();
  await page.getByText("不能重新开放").waitFor();
  const pool = await asAdmin(house, "/api/v1/match/pools/ninety-nine");
  assert.deepEqual([pool.state, pool.locked_fen, pool.rule.caps, pool.rule.eligible.excluded.length], ["open", 5_000_000, { gift_fen: 50_000, project_fen: 2_000_000 }, 2]);
  assert.deepEqual(faults, []);
  await close();
});

test("a payout is asked for, holidays are entered, a unit gets its colour and certificate", SKIP, async () => {
  const { page, faults, close } = await atWork("keeps-house", ["finance_officer", "fundraising_officer"]);
  await page.goto(`${house.base}/console/payouts`);
  await page.getByRole("button", { name: "申请转付" }).click();
  await page.getByLabel("金额").fill("10");
  await choose(page, "资金（项目）", "sponsor-money");
  await page.getByText("申请付出 10.00 元代管资金").waitFor();
  await page.getByRole("button", { name: "提交申请" }).click();
  // All of it stands behind the pool of the test before; what comes besides may be passed on.
  await page.getByText("款项已被配捐池锁定").first().waitFor();
  await asAdmin(house, "/api/v1/gifts", { key: "to-pass-on", account: "cash", project: "sponsor-money", amount_fen: 10_00, payer: { name: "示例企业" }, receipt: "waived" });
  await page.getByRole("button", { name: "提交申请" }).click();
  await page.getByText("已提交，等待另一人审批").waitFor();
  assert.equal((await asAdmin(house, "/api/v1/books/payouts")).items.length, 1);

  const admin = await atWork("runs-house", ["administrator"]);
  await admin.page.goto(`${house.base}/console/calendar`);
  await admin.page.getByRole("button", { name: "录入日子" }).click();
  await typeDay(admin.page, "日期", "2027-10-01");
  await admin.page.getByLabel("依据").fill("国办发明电〔2026〕1号");
  await admin.page.getByRole("button", { name: /保\s?存/ }).click();
  await admin.page.locator("tbody", { hasText: "2027-10-01" }).waitFor();
  await admin.page.goto(`${house.base}/console/units?unit=${house.init.unit_id}`);
  await admin.page.locator(".panel .acts").getByRole("button", { name: /颜\s?色/ }).click();
  await admin.page.getByLabel("颜色").fill("blue");
  await admin.page.getByText("请填 # 和六位十六进制数").waitFor();
  await admin.page.getByLabel("颜色").fill("#1F6F78");
  await admin.page.locator(".panel .acts").getByRole("button", { name: /保\s?存/ }).click();
  await admin.page.locator(".panel .body").getByText("#1F6F78").waitFor();
  assert.deepEqual([...faults, ...admin.faults], []);
  await close();
  await admin.close();
});

for (const size of SIZES) {
  for (const language of LANGUAGES) {
    test(`the screens of what belongs together at ${size.name} px in ${language.tag} keep their manners`, SKIP, async () => {
      const { page, faults, close } = await atWork(`looks-${size.name}-${language.tag}`, ["fundraising_officer", "finance_officer", "storekeeper", "administrator"], size, language);
      const found = [];
      const look = async (/** @type {string} */ name) => {
        await page.waitForLoadState("networkidle");
        await shoot(page, `console-more-${name}-${size.name}-${language.tag}`);
        found.push(...(await screenManners(page)).map((fault) => `${name}: ${fault}`));
      };
      for (const name of ["holds?state=kept", "events", "events?sheet=coverage", "events?sheet=sources", "teams", "teams?sheet=tags", "pools", "payouts", "calendar", "stock"]) {
        await page.goto(`${house.base}/console/${name}`);
        await page.locator("main h1").waitFor();
        const word = name.replace(/\W+/g, "-");
        await look(word);
        const row = page.locator("tbody tr.ant-table-row").first();
        if (/coverage|tags|calendar/.test(name) || !(await row.count())) continue;
        await row.click();
        await page.locator(".panel").waitFor();
        await look(`${word}-open`);
      }
      // Every form that a button at the head opens.
      for (const name of ["events", "pools", "payouts", "calendar", "stock", "teams?sheet=tags"]) {
        await page.goto(`${house.base}/console/${name}`);
        await page.locator(name.includes("tags") ? "main .bar button" : "main > header .acts button").first().click();
        await page.locator(".panel form").waitFor();
        await look(`${name.replace(/\W+/g, "-")}-form`);
      }
      assert.deepEqual([...found, ...faults], []);
      await close();
    });
  }
}
