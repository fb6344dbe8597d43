/** Outlines that the operator loads: plain GeoJSON, checked, matched to units by region code or name, drawn as SVG paths. */
import type { Unit } from "./tree";
import { sameRegion } from "./tree";

/** A city with its counties has below one megabyte; above this a wall's browser would stutter. */
export const BYTES_MAX = 8 << 20;
export const FEATURES_MAX = 2_000;

type Point = readonly [number, number];
export type Shape = { code: string | null; name: string | null; rings: Point[][] };
export type Outlines = { shapes: Shape[] };
export type GeoFault = "too_large" | "no_json" | "no_collection" | "no_areas" | "encoded" | "too_many";

export class Refused extends Error {
  constructor(readonly fault: GeoFault) {
    super(fault);
  }
}

const isPoint = (value: unknown): value is Point =>
  Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1]);
const ringsOf = (polygon: unknown): Point[][] =>
  Array.isArray(polygon)
    ? polygon.flatMap((ring) => {
        const points = Array.isArray(ring) ? ring.filter(isPoint).map(([x, y]): Point => [x, y]) : [];
        return points.length >= 3 ? [points] : [];
      })
    : [];

function textOf(...values: unknown[]): string | null {
  for (const value of values) if ((typeof value === "string" || typeof value === "number") && String(value).trim() !== "") return String(value).trim();
  return null;
}

/** Reads a file's text. @throws Refused, naming what is wrong with it */
export function read(text: string): Outlines {
  if (text.length > BYTES_MAX) throw new Refused("too_large");
  let all: { type?: unknown; features?: unknown; UTF8Encoding?: unknown };
  try {
    all = JSON.parse(text);
  } catch {
    throw new Refused("no_json");
  }
  if (all === null || typeof all !== "object" || all.type !== "FeatureCollection" || !Array.isArray(all.features)) throw new Refused("no_collection");
  if (all.UTF8Encoding) throw new Refused("encoded");
  if (all.features.length > FEATURES_MAX) throw new Refused("too_many");
  const shapes = all.features.flatMap((feature): Shape[] => {
    const { geometry, properties: named, id } = (feature ?? {}) as { geometry?: { type?: string; coordinates?: unknown }; properties?: Record<string, unknown>; id?: unknown };
    const rings =
      geometry?.type === "Polygon" ? ringsOf(geometry.coordinates)
      : geometry?.type === "MultiPolygon" && Array.isArray(geometry.coordinates) ? geometry.coordinates.flatMap(ringsOf)
      : [];
    if (rings.length === 0) return [];
    const code = textOf(named?.region_code, named?.adcode, named?.code, named?.id, id);
    return [{ code: code && /^\d{2,12}$/.test(code) ? code : null, name: textOf(named?.name, named?.NAME), rings }];
  });
  if (shapes.length === 0) throw new Refused("no_areas");
  return { shapes };
}

/** Which unit an outline is: by code, else by a name that only one unit bears. */
export function unitOf(shape: Shape, units: Unit[]): Unit | null {
  if (shape.code) {
    const code = shape.code;
    const coded = units.find((unit) => unit.region_code === code) ?? units.find((unit) => sameRegion(unit.region_code, code));
    if (coded) return coded;
  }
  const name = shape.name;
  if (!name) return null;
  const bearing = units.filter((unit) => unit.short_name === name || unit.name.startsWith(name));
  return bearing.length === 1 ? (bearing[0] ?? null) : null;
}

export type Drawn = { shape: Shape; path: string; x: number; y: number };

/** Paths in a box: lengths east to west are shortened as at the middle latitude, which keeps a province's form. */
export function draw(shapes: Shape[], width: number, height: number): Drawn[] {
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const shape of shapes) {
    for (const ring of shape.rings) {
      for (const [x, y] of ring) {
        west = Math.min(west, x);
        east = Math.max(east, x);
        south = Math.min(south, y);
        north = Math.max(north, y);
      }
    }
  }
  const narrow = Math.abs(north) <= 90 && Math.abs(south) <= 90 ? Math.cos((((north + south) / 2) * Math.PI) / 180) : 1;
  const scale = Math.min(width / Math.max((east - west) * narrow, 1e-9), height / Math.max(north - south, 1e-9));
  const [left, top] = [(width - (east - west) * narrow * scale) / 2, (height - (north - south) * scale) / 2];
  const place = ([x, y]: Point): Point => [left + (x - west) * narrow * scale, top + (north - y) * scale];
  const fixed = (value: number) => value.toFixed(1);
  return shapes.map((shape) => {
    const rings = shape.rings.map((ring) => ring.map(place));
    const path = rings.map((ring) => `M${ring.map(([x, y]) => `${fixed(x)} ${fixed(y)}`).join("L")}Z`).join("");
    const widest = rings.reduce((best, ring) => (ring.length > best.length ? ring : best), rings[0] ?? []);
    const [xs, ys] = [widest.map(([x]) => x), widest.map(([, y]) => y)];
    return { shape, path, x: (Math.min(...xs) + Math.max(...xs)) / 2, y: (Math.min(...ys) + Math.max(...ys)) / 2 };
  });
}
