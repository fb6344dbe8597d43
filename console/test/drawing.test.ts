import { expect, test } from "vitest";
import { HEIGHT, type Stroke, WIDTH, drawingOf, linesOf, pointAt, thinned, withPoint } from "../src/lib/drawing";

const BOX = { left: 10, top: 20, width: 300, height: 120 };
/** What the server takes: crates/relief/src/dispatch/drawing.rs. */
const TAKEN = /^\d{1,3},\d{1,3}( \d{1,3},\d{1,3})*(;\d{1,3},\d{1,3}( \d{1,3},\d{1,3})*)*$/;

test("points of the screen lie in the field, in whole numbers, also when the finger leaves it", () => {
  expect(pointAt(10, 20, BOX)).toEqual([0, 0]);
  expect(pointAt(160.2, 80, BOX)).toEqual([300, 120]);
  expect(pointAt(999, -5, BOX)).toEqual([WIDTH, 0]);
  expect(pointAt(999, 999, { ...BOX, width: 0 })).toEqual([WIDTH, HEIGHT]);
});

test("a finger that hardly moves adds nothing, and nothing is added before it is down", () => {
  expect(withPoint([], [5, 5])).toEqual([]);
  expect(withPoint([[[5, 5]]], [6, 5])).toEqual([[[5, 5]]]);
  expect(withPoint([[[1, 1]], [[5, 5]]], [9, 5])).toEqual([[[1, 1]], [[5, 5], [9, 5]]]);
});

test("what a line shows anyway is left out, corners and turns back stay", () => {
  expect(thinned([[0, 0], [10, 0], [20, 1], [100, 0]], 1)).toEqual([[0, 0], [100, 0]]);
  expect(thinned([[0, 0], [50, 40], [100, 0]], 1)).toEqual([[0, 0], [50, 40], [100, 0]]);
  expect(thinned([[0, 0], [100, 0], [20, 0]], 1)).toEqual([[0, 0], [100, 0], [20, 0]]);
});

test("a signature is written in the server’s form and fits, however long the finger wandered", () => {
  expect(drawingOf([[[40, 60], [90, 120]], [[200, 80]]])).toBe("40,60 90,120;200,80");
  expect(drawingOf([])).toBe("");
  expect(drawingOf([[[5, 5]], [[7, 5]]])).toBe("");
  const wander: Stroke[] = Array.from({ length: 20 }, (_, stroke) => Array.from({ length: 400 }, (_, n) => [(n * 37 + stroke * 11) % (WIDTH + 1), (n * 53 + stroke * 7) % (HEIGHT + 1)] as const));
  const text = drawingOf(wander);
  expect(text).toMatch(TAKEN);
  expect(text.length).toBeLessThanOrEqual(2_400);
});

test("only strokes are shown; a single point is a dot", () => {
  expect(linesOf("1,2 3,4;5,6")).toEqual(["1,2 3,4", "5,6 5,6"]);
  expect(linesOf('<script>;1,2" onload="x;')).toEqual([]);
});
