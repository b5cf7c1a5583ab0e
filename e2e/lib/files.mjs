// Lists as files: what stands in one, whether it is comma separated or a workbook.
import { inflateRawSync } from "node:zlib";

const [LOCAL, STORED] = [0x04034b50, 0];

/** All text of a file that came as an answer. */
export function words(bytes) {
  return bytes.length > 4 && bytes.readUInt32LE(0) === LOCAL ? parts(bytes).join("\n") : bytes.toString("utf8");
}

/** The parts of a zip, by the list at its end: sizes may stand nowhere else. */
function parts(bytes) {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const found = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n -= 1) {
    const [method, size, from] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
    const body = from + 30 + bytes.readUInt16LE(from + 26) + bytes.readUInt16LE(from + 28);
    const packed = bytes.subarray(body, body + size);
    found.push((method === STORED ? packed : inflateRawSync(packed)).toString("utf8"));
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return found;
}
