import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Feed, type Now, CONTACT_MS_MAX, GRACE_MS, STREAM, backoff, judge, polled, worst } from "../src/wall/lib/freshness";
import { BYTES_MAX, Refused, draw, read as readMap, unitOf } from "../src/wall/lib/geo";
import { clock, lasting, when } from "../src/wall/lib/moments";
import { type Scene, ITEMS_MAX, SECONDS_MAX, SECONDS_MIN, format, pageOf, parse, parseItem, turn, usual } from "../src/wall/lib/playlist";
import { fit } from "../src/wall/lib/scale";
import { ownPath, read, write } from "../src/wall/lib/settings";
import { Cutter, checkpoint } from "../src/wall/lib/sse";
import { type Row, type Unit, fold, grow, rowsBelow, sameRegion, shade, startAt, wayTo } from "../src/wall/lib/tree";
import { withoutNames } from "../src/wall/feeds";
import { training } from "../src/wall/shapes";
import { figuresOf } from "../src/wall/sources";
import { scriptsOf } from "../src/wall/version";

const HERE = path.resolve(import.meta.dirname, "..");

describe("the two screens", () => {
  test("each whole screen has its whole factor, and no other size is stretched", () => {
    expect(fit(1920, 1080)).toEqual({ mode: "stage", factor: 1 });
    expect(fit(3840, 2160)).toEqual({ mode: "stage", factor: 2 });
    expect(fit(2560, 1440)).toEqual({ mode: "stage", factor: 1 });
    expect(fit(3839, 2160)).toEqual({ mode: "stage", factor: 1 });
    for (const [width, height] of [[390, 844], [1440, 900], [1919, 1080], [1920, 1079]] as const) expect(fit(width, height).mode).toBe("flow");
  });
});

describe("what may be called live", () => {
  const at_ms = 1_000_000;
  const server_ms = Date.parse("2026-11-22T14:00:00Z");
  const now: Now = { at_ms, server_ms, contact_ms: at_ms - 1_000, failed: 0 };
  const iso = (ago_ms: number) => new Date(server_ms - ago_ms).toISOString();
  const feed: Feed = { kept: { value: 1, as_of: iso(1_000) }, link: "open", heard_ms: at_ms - 1_000, lost_ms: 0 };

  test("figures on a healthy line are live", () => expect(judge(feed, now, STREAM)).toBe("live"));
  test("nothing received is nothing, and not zero", () => {
    expect(judge(undefined, now, STREAM)).toBe("none");
    expect(judge({ ...feed, kept: null }, now, STREAM)).toBe("none");
  });
  test("what the server does not show is missing, whatever was kept", () => expect(judge({ ...feed, link: "missing" }, now, STREAM)).toBe("missing"));
  test("figures whose own moment is past are old, even on an open line that beats", () => {
    expect(judge({ ...feed, kept: { value: 1, as_of: iso(STREAM.age_ms_max) } }, now, STREAM)).toBe("live");
    expect(judge({ ...feed, kept: { value: 1, as_of: iso(STREAM.age_ms_max + 1) } }, now, STREAM)).toBe("old");
  });
  test("a moment that cannot be read is not fresh", () => expect(judge({ ...feed, kept: { value: 1, as_of: "soon" } }, now, STREAM)).toBe("old"));
  test("a silent line is old, a beating one is not", () => {
    expect(judge({ ...feed, heard_ms: at_ms - STREAM.silent_ms_max - 1 }, now, STREAM)).toBe("old");
    expect(judge({ ...feed, heard_ms: at_ms - STREAM.silent_ms_max }, now, STREAM)).toBe("live");
  });
  test("a line that broke is live for a moment and then old", () => {
    const broken: Feed = { ...feed, link: "lost", lost_ms: at_ms - GRACE_MS };
    expect(judge(broken, now, STREAM)).toBe("live");
    expect(judge({ ...broken, lost_ms: at_ms - GRACE_MS - 1 }, now, STREAM)).toBe("old");
  });
  test("figures of before a restart are old until the server speaks", () => {
    const restored: Feed = { ...feed, link: "connecting", heard_ms: Number.NEGATIVE_INFINITY, lost_ms: Number.NEGATIVE_INFINITY };
    expect(judge(restored, now, STREAM)).toBe("old");
  });
  test("without contact nothing is live: by silence, or by two tries in a row that reach nobody", () => {
    expect(judge(feed, { ...now, contact_ms: at_ms - CONTACT_MS_MAX }, STREAM)).toBe("live");
    expect(judge(feed, { ...now, contact_ms: at_ms - CONTACT_MS_MAX - 1 }, STREAM)).toBe("old");
    expect(judge(feed, { ...now, failed: 1 }, STREAM)).toBe("live");
    expect(judge(feed, { ...now, failed: 2 }, STREAM)).toBe("old");
  });
  test("a table that is asked every ten seconds may miss two answers", () => expect(polled(10_000)).toEqual({ silent_ms_max: 35_000, age_ms_max: 60_000 }));
  test("a screen is as old as its oldest part", () => {
    expect(worst(["live", "old", "none"])).toBe("old");
    expect(worst(["live", "none"])).toBe("none");
    expect(worst(["live", "missing"])).toBe("live");
    expect(worst(["missing"])).toBe("missing");
    expect(worst([])).toBe("none");
  });
  test("tries come slower and slower, up to fifteen seconds, and not all walls at once", () => {
    const middle = [0, 1, 2, 3, 4, 5, 50].map((tries) => backoff(tries, 0.5));
    expect(middle).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect([backoff(3, 0), backoff(3, 1)]).toEqual([3_200, 4_800]);
  });
});

describe("the playlist", () => {
  test("what was written is read again", () => {
    const text = "now@abc234:25,map~371300:20,ranks@abc234:15,goods:15";
    expect(format(parse(text).scenes)).toBe(text);
  });
  test("lines and commas part items; seconds are kept within reason; what is no item is named", () => {
    const { scenes, refused } = parse("now\n coverage:1 ,map:99999, dance:5, now@../x:5,training:abc");
    expect(scenes.map((one) => one.seconds)).toEqual([20, SECONDS_MIN, SECONDS_MAX]);
    expect(refused).toEqual(["dance:5", "now@../x:5", "training:abc"]);
    expect(parse("now,".repeat(ITEMS_MAX + 3)).refused).toHaveLength(3);
    expect(parseItem("")).toBeNull();
  });
  test("each has its time, then the next, and after the last the first", () => {
    const scenes: Scene[] = [{ name: "now", seconds: 5 }, { name: "map", seconds: 10 }];
    const first = { at: 0, since_ms: 0 };
    expect(turn(scenes, first, 4_999)).toBe(first);
    expect(turn(scenes, first, 5_000)).toEqual({ at: 1, since_ms: 5_000 });
    expect(turn(scenes, { at: 1, since_ms: 5_000 }, 15_000)).toEqual({ at: 0, since_ms: 15_000 });
    expect(turn(scenes, { at: 7, since_ms: 0 }, 100)).toEqual({ at: 0, since_ms: 100 });
  });
  test("where nobody made a list, only what has something to show is shown", () => {
    const bare = { running: [], units: 1, goods: false, coverage: false, pools: 0, training: false };
    expect(usual(bare).map((one) => one.name)).toEqual(["now"]);
    const all = usual({ running: ["a", "b", "c", "d"], units: 9, goods: true, coverage: true, pools: 1, training: true });
    expect(all.map((one) => one.name)).toEqual(["now", "now", "ranks", "now", "ranks", "now", "ranks", "map", "coverage", "pools", "goods", "training"]);
  });
  test("a long table is turned page by page", () => {
    const rows = [1, 2, 3, 4, 5];
    expect(pageOf(rows, 2, 0, 8_000)).toEqual({ rows: [1, 2], page: 1, pages: 3 });
    expect(pageOf(rows, 2, 16_000, 8_000)).toEqual({ rows: [5], page: 3, pages: 3 });
    expect(pageOf(rows, 2, 24_000, 8_000).page).toBe(1);
    expect(pageOf([], 2, 9, 8)).toEqual({ rows: [], page: 1, pages: 1 });
  });
});

describe("settings", () => {
  test("the address says all, and is read again as it was", () => {
    const query = "play=now:20,map~371300:15&lang=en&theme=light&pools=a,b&training=/feed/t.json&map=/maps/m.geojson&map_number=GS-1";
    expect(write(read(query, null, "zh-CN"))).toBe(query);
  });
  test("an address that says nothing leaves what this browser kept", () => {
    expect(read("", "lang=en&theme=light", "zh-CN")).toMatchObject({ language: "en", theme: "light" });
    expect(read("utm=1", "lang=en", "zh-CN").language).toBe("en");
    expect(read("lang=zh-Hans", "lang=en&theme=light", "en-US")).toMatchObject({ language: "zh-Hans", theme: "dark" });
    expect(read("", null, "en-US").language).toBe("en");
  });
  test("no setting leads to another server", () => {
    for (const path of ["//evil.example/x", "https://evil.example/x", "/\\evil", "/a/../../x", "relative", "", "/a b"]) expect(ownPath(path)).toBeNull();
    expect(ownPath("/wall-files/map.geojson")).toBe("/wall-files/map.geojson");
    expect(read("pools=a b,../c,good-1", null, "zh").pools).toEqual(["good-1"]);
  });
});

describe("units, from province to township", () => {
  const unit = (id: string, parent: string | null, region_code: string, level: string): Unit => ({ id, name: `${id}红十字会`, short_name: id, level, parent, region_code });
  const units = [unit("p", null, "370000", "province"), unit("c", "p", "371300", "city"), unit("d", "p", "370100", "city"), unit("x", "c", "371302", "county"), unit("t", "x", "371302001", "township")];
  const rows = new Map([["c", { gifts: 10, net_fen: 100 }], ["x", { gifts: 20, net_fen: 50 }], ["t", { gifts: 30, net_fen: 7 }]]);
  const tree = grow(units, rows);

  test("sums are added upwards from published rows alone", () => {
    expect(tree.nodes.get("p")?.whole).toEqual({ gifts: 60, net_fen: 157 });
    expect(tree.nodes.get("x")?.whole).toEqual({ gifts: 50, net_fen: 57 });
    expect(tree.nodes.get("p")?.own).toBeNull();
  });
  test("a unit without a row has no figure, which is not zero, and stands last", () => {
    expect(rowsBelow(tree, "p").map((row) => [row.id, row.figures?.net_fen ?? null])).toEqual([["c", 157], ["d", null]]);
  });
  test("a unit's own gifts are a row of their own, so that the rows make up the sum", () => {
    const below = rowsBelow(tree, "c");
    expect(below.map((row) => [row.id, row.figures?.net_fen, row.isOwn])).toEqual([["c#own", 100, true], ["x", 57, false]]);
    expect(below.reduce((all, row) => all + (row.figures?.net_fen ?? 0), 0)).toBe(tree.nodes.get("c")?.whole?.net_fen);
    expect(rowsBelow(tree, "t")).toEqual([]);
  });
  test("few gifts stand with the next smallest, so that neither their sum nor its difference is told", () => {
    const row = (id: string, gifts: number, net_fen: number): Row => ({ id, unit: unit(id, "c", "1", "county"), figures: { gifts, net_fen }, opens: true, isOwn: false });
    const at = unit("c", "p", "371300", "city");
    const told = (rows: Row[]) => fold(rows, at).map((one) => [one.id, one.figures?.net_fen ?? null, one.folded ?? 0]);
    expect(told([row("a", 900, 5000), row("b", 40, 300), row("s", 1, 88)])).toEqual([["a", 5000, 0], ["c#others", 388, 2]]);
    expect(told([row("a", 9, 500), row("r", 2, 7), row("s", 3, 8)])).toEqual([["a", 500, 0], ["c#others", 15, 2]]);
    expect(told([row("s", 1, 88)])).toEqual([["c#others", null, 1]]);
    expect(told([row("r", 1, 88), row("s", 2, 10)])).toEqual([["c#others", null, 2]]);
    expect(told([row("a", 5, 50), row("b", 0, 0)])).toEqual([["a", 50, 0], ["b", 0, 0]]);
  });
  test("the way down and the region where it begins", () => {
    expect(wayTo(tree, "t").map((one) => one.id)).toEqual(["p", "c", "x", "t"]);
    expect(startAt(tree, "3713")).toBe("c");
    expect(startAt(tree, "999999")).toBe("p");
    expect(startAt(grow([], new Map()))).toBeNull();
  });
  test("units that name each other as parents end somewhere", () => {
    const loop = grow([unit("a", "b", "1", "city"), unit("b", "a", "2", "city")], new Map());
    expect(loop.roots).toEqual([]);
    expect(wayTo(loop, "a").length).toBeLessThan(20);
  });
  test("codes of one region in their short and long forms", () => {
    for (const [a, b] of [["371300", "3713"], ["370000", "37"], ["371302000", "371302"]] as const) expect(sameRegion(a, b)).toBe(true);
    for (const [a, b] of [["371300", "371302"], ["370000", "371300"], ["371000", "370000"], ["371302001", "371302"], ["", "37"]] as const) expect(sameRegion(a, b)).toBe(false);
  });
  test("shades rise with the sum, and nothing has none", () => {
    expect([undefined, 0, -5, 1, 20, 21, 100].map((fen) => shade(fen, 100))).toEqual([0, 0, 0, 1, 1, 2, 5]);
    expect(shade(5, 0)).toBe(0);
  });
  test("figures are net of refunds; books by project add up to units", () => {
    const books = { as_of: "", size: 1, projects: [{ unit: "x", gifts: 2, sum_fen: 100, refunds: { sum_fen: 30 } }, { unit: "x", gifts: 1, sum_fen: 5, refunds: { sum_fen: 0 } }] };
    expect(figuresOf(books).get("x")).toEqual({ gifts: 3, net_fen: 75 });
    expect(figuresOf({ as_of: "", by_day: [], units: [{ unit: "y", gifts: 1, sum_fen: 9, refunds: { sum_fen: 9 } }] }).get("y")).toEqual({ gifts: 1, net_fen: 0 });
    expect(figuresOf(undefined).size).toBe(0);
  });
});

describe("outlines", () => {
  const square = (properties: object, x = 117, y = 35) => ({ type: "Feature", properties, geometry: { type: "Polygon", coordinates: [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]] } });
  const collection = (...features: object[]) => JSON.stringify({ type: "FeatureCollection", features });
  const fault = (text: string) => {
    try {
      readMap(text);
      return null;
    } catch (wrong) {
      return wrong instanceof Refused ? wrong.fault : "another fault";
    }
  };

  test("areas are read, everything else in the file is left", () => {
    const { shapes } = readMap(collection(square({ adcode: 371302, name: "兰山区" }), { type: "Feature", geometry: { type: "Point", coordinates: [1, 2] } }, square({ name: "无码" })));
    expect(shapes.map((one) => [one.code, one.name])).toEqual([["371302", "兰山区"], [null, "无码"]]);
  });
  test("what cannot be drawn is refused with its reason", () => {
    expect(fault("{")).toBe("no_json");
    expect(fault("null")).toBe("no_collection");
    expect(fault(`{"type":"Topology"}`)).toBe("no_collection");
    expect(fault(collection())).toBe("no_areas");
    expect(fault(JSON.stringify({ type: "FeatureCollection", UTF8Encoding: true, features: [square({})] }))).toBe("encoded");
    expect(fault(collection({ type: "Feature", geometry: { type: "Polygon", coordinates: [[["a", 1], [2, 2], [3, 3]]] } }))).toBe("no_areas");
    expect(fault(" ".repeat(BYTES_MAX + 1))).toBe("too_large");
    expect(fault(collection(...Array.from({ length: 2_001 }, () => square({}))))).toBe("too_many");
  });
  test("an outline is a unit by its code, else by a name only one bears", () => {
    const units: Unit[] = [{ id: "a", name: "兰山区红十字会", short_name: "兰山区", level: "county", parent: null, region_code: "371302" }, { id: "b", name: "城关镇一", short_name: "城关", level: "township", parent: null, region_code: "1" }, { id: "c", name: "城关镇二", short_name: "城关", level: "township", parent: null, region_code: "2" }];
    const shape = (code: string | null, name: string | null) => ({ code, name, rings: [] });
    expect(unitOf(shape("371302", "别名"), units)?.id).toBe("a");
    expect(unitOf(shape(null, "兰山区"), units)?.id).toBe("a");
    expect(unitOf(shape(null, "城关"), units)).toBeNull();
    expect(unitOf(shape(null, null), units)).toBeNull();
  });
  test("a drawing lies within its box, north is up", () => {
    const { shapes } = readMap(collection(square({ name: "south" }, 117, 35), square({ name: "north" }, 117, 36)));
    const [south, north] = draw(shapes, 400, 400);
    const numbers = [south, north].flatMap((one) => one?.path.match(/[\d.]+/g)?.map(Number) ?? []);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(400);
    expect(north?.y ?? 0).toBeLessThan(south?.y ?? 0);
  });
});

describe("the line to the server", () => {
  test("events are put together from pieces, heartbeats give none", () => {
    const cutter = new Cutter();
    expect(cutter.take("retry: 3000\nda")).toEqual([]);
    expect(cutter.take('ta: {"a":1}\n')).toEqual([]);
    expect(cutter.take("\n:\n\n")).toEqual(['{"a":1}']);
    expect(cutter.take("data: one\r\ndata: two\r\n\r\ndata: three\n\n")).toEqual(["one\ntwo", "three"]);
  });
  test("a checkpoint is read, and nothing else for one", () => {
    const root = "jMJpi1eYgcRLsQ/0GkkliCVA4slSmt7V2vuqmaOMvLY=";
    expect(checkpoint(`localhost/371300\n3000\n${root}\n\n— localhost/371300 1jUb\n`)).toEqual({ origin: "localhost/371300", size: 3000, root });
    for (const text of ["", "<html>\n<body>\n<p>", `a\nb\n${root}\n`, "a\n1\nshort\n"]) expect(checkpoint(text)).toBeNull();
  });
  test("no name of a giver is kept over a restart", () => {
    expect(withoutNames({ total_fen: 1, latest: [{ who: "王**" }], came: [], went: [] })).toEqual({ total_fen: 1 });
    expect(withoutNames([1])).toEqual([1]);
  });
  test("a new version of the page is known by the names of its scripts", () => {
    const page = (hash: string) => `<script src="/console/assets/wall-${hash}.js"></script><link href="/console/assets/x.css">`;
    expect(scriptsOf(page("a"))).toBe(scriptsOf(page("a")));
    expect(scriptsOf(page("a"))).not.toBe(scriptsOf(page("b")));
    expect(scriptsOf("<h1>502</h1>")).toBe("");
  });
});

describe("figures from the operator's file", () => {
  const good = { as_of: "2026-11-22T00:00:00Z", source: "市红十字会培训中心", figures: [{ label: "持证救护员", value: 12_000, unit: "人" }] };
  test("are taken as they are written", () => expect(training(good)).toEqual(good));
  test("are refused where anything is not of its form", () => {
    for (const wrong of [null, {}, { ...good, as_of: "yesterday" }, { ...good, figures: [] }, { ...good, figures: [null] }, { ...good, figures: [{ label: "a", value: 1.5 }] }, { ...good, figures: [{ label: "a", value: -1 }] }, { ...good, figures: [{ label: "a", value: "many" }] }]) {
      expect(training(wrong)).toBeNull();
    }
  });
});

test("moments are Beijing's, to the second", () => {
  expect(when("2026-11-22T16:30:05Z")).toBe("2026-11-23 00:30:05");
  expect(clock("2026-11-22T13:58:03Z")).toBe("21:58:03");
  expect(lasting(3_725_999)).toEqual({ hours: 1, minutes: 2, seconds: 5 });
  expect(lasting(-1)).toEqual({ hours: 0, minutes: 0, seconds: 0 });
});

test("every word of the wall is used", () => {
  const folder = path.join(HERE, "src/wall");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
  const source = files.map((file) => readFileSync(path.join(folder, file), "utf8")).join("\n");
  const words = Object.keys(JSON.parse(readFileSync(path.join(HERE, "../locales/en.json"), "utf8"))).filter((key) => key.startsWith("wall.")).map((key) => key.slice("wall.".length).replace(/\.one$/, ""));
  expect(words.length).toBeGreaterThan(50);
  expect(words.filter((word) => !source.includes(`"${word}"`) && !source.includes(`\`${word.split(".")[0]}.\${`))).toEqual([]);
});
