// The second factor of administrators: codes of six digits that change every thirty seconds (RFC 6238, SHA-1).
import { createHmac } from "node:crypto";

const STEP_SECONDS = 30;
const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of a base32 secret at a moment, in seconds since 1970. */
export function code(secret, seconds) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / STEP_SECONDS)));
  const digest = createHmac("sha1", bytes(secret)).update(step).digest();
  const from = digest[19] & 15;
  const number = digest.readUInt32BE(from) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function bytes(secret) {
  let [bits, held] = [0, 0];
  const out = [];
  for (const sign of secret) {
    held = ((held << 5) | SIGNS.indexOf(sign)) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push((held >> bits) & 255);
  }
  return Buffer.from(out);
}
