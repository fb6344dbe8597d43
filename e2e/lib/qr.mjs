// A QR code as a film for a camera that is none: version 4, correction L, one mask. Enough for the address on a box's label.
import { writeFile } from "node:fs/promises";

const SIZE = 33;
const DATA_BYTES = 80;
const CHECK_BYTES = 20;

/** Multiplies in GF(256) by x^8 + x^4 + x^3 + x^2 + 1. @param {number} a @param {number} b */
function times(a, b) {
  let out = 0;
  for (let bit = 7; bit >= 0; bit--) {
    out = (out << 1) ^ ((out >>> 7) * 0x11d);
    out ^= ((b >>> bit) & 1) * a;
  }
  return out;
}

/** The remainder of Reed and Solomon. @param {number[]} data */
function checks(data) {
  let divisor = [...Array(CHECK_BYTES - 1).fill(0), 1];
  let root = 1;
  for (let i = 0; i < CHECK_BYTES; i++) {
    divisor = divisor.map((one, at) => times(one, root) ^ (divisor[at + 1] ?? 0));
    root = times(root, 2);
  }
  const rest = Array(CHECK_BYTES).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((one, at) => { rest[at] ^= times(one, factor); });
  }
  return rest;
}

/** The modules of a text, dark ones true. @param {string} text @returns {boolean[][]} rows */
export function qr(text) {
  const bytes = [...Buffer.from(text, "utf8")];
  if (bytes.length > DATA_BYTES - 2) throw new Error("too long for this small code");
  const bits = [0, 1, 0, 0, ...[bytes.length, ...bytes].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >>> (7 - i)) & 1)), 0, 0, 0, 0];
  const data = [];
  for (let at = 0; at < bits.length; at += 8) data.push(Number.parseInt(bits.slice(at, at + 8).join("").padEnd(8, "0"), 2));
  for (let pad = 0xec; data.length < DATA_BYTES; pad ^= 0xec ^ 0x11) data.push(pad);
  const all = [...data, ...checks(data)];

  const dark = Array.from({ length: SIZE }, () => Array(SIZE).fill(false));
  const fixed = Array.from({ length: SIZE }, () => Array(SIZE).fill(false));
  /** @param {number} x @param {number} y @param {boolean} is */
  const set = (x, y, is) => {
    if (x < 0 || y < 0 || x >= SIZE || y >= SIZE) return;
    dark[y][x] = is;
    fixed[y][x] = true;
  };
  for (let i = 0; i < SIZE; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  for (const [cx, cy] of [[3, 3], [SIZE - 4, 3], [3, SIZE - 4]]) {
    for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
      const ring = Math.max(Math.abs(dx), Math.abs(dy));
      set(cx + dx, cy + dy, ring !== 2 && ring !== 4);
    }
  }
  for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(26 + dx, 26 + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
  // Correction L, mask 0.
  const level = 8;
  let rest = level;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const format = ((level << 10) | rest) ^ 0x5412;
  const bit = (/** @type {number} */ i) => ((format >>> i) & 1) === 1;
  for (let i = 0; i <= 5; i++) set(8, i, bit(i));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
  for (let i = 0; i < 8; i++) set(SIZE - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i++) set(8, SIZE - 15 + i, bit(i));
  set(8, SIZE - 8, true);

  let next = 0;
  for (let right = SIZE - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < SIZE; step++) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? SIZE - 1 - step : step;
        if (fixed[y][x]) continue;
        const value = next < all.length * 8 && ((all[next >>> 3] >>> (7 - (next & 7))) & 1) === 1;
        next++;
        dark[y][x] = value !== ((x + y) % 2 === 0);
      }
    }
  }
  return dark;
}

/** A film of a label held before the camera. @param {string} file @param {string} text */
export async function film(file, text, [width, height] = [640, 480], scale = 10) {
  const code = qr(text);
  const [left, top] = [Math.floor((width - SIZE * scale) / 2), Math.floor((height - SIZE * scale) / 2)];
  const light = Buffer.alloc(width * height, 235);
  code.forEach((row, y) => row.forEach((is, x) => {
    if (is) for (let dy = 0; dy < scale; dy++) light.fill(16, (top + y * scale + dy) * width + left + x * scale, (top + y * scale + dy) * width + left + (x + 1) * scale);
  }));
  const frame = Buffer.concat([Buffer.from("FRAME\n"), light, Buffer.alloc((width * height) / 2, 128)]);
  await writeFile(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]));
}
