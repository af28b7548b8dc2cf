// Prints, for each file named, the hashes that GitHub's upload action gives its
// lines, as JSON. It is an oracle for lineHashes: written from the definition,
// with a sum over each window instead of a rolling one.
import fs from "node:fs";

const WINDOW = 100;
const MODULUS = 1n << 64n;

function hashes(text) {
  const units = [];
  const starts = [];
  let lineStart = true;
  let afterCR = false;
  const push = (unit) => {
    if (lineStart) starts.push(units.length);
    units.push(BigInt(unit));
    lineStart = unit === 10;
  };
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const skip = unit === 32 || unit === 9 || (afterCR && unit === 10);
    afterCR = !skip && unit === 13;
    if (!skip) push(unit === 13 ? 10 : unit);
  }
  push(65535);
  const seen = new Map();
  return starts.map((start) => {
    let sum = 0n;
    for (let i = 0; i < WINDOW; i++) sum = (sum * 37n + (units[start + i] ?? 0n)) % MODULUS;
    const hash = sum.toString(16);
    seen.set(hash, (seen.get(hash) ?? 0) + 1);
    return `${hash}:${seen.get(hash)}`;
  });
}

console.log(JSON.stringify(process.argv.slice(2).map((f) => hashes(fs.readFileSync(f, "utf8")))));
