// Packs what was built beside itself (.br, .gz): the server only hands it out. Python has no brotli of its own; Node has.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.argv[2];
for (const name of readdirSync(folder).filter((one) => /\.(js|css|svg)$/.test(one))) {
  const body = readFileSync(join(folder, name));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  writeFileSync(join(folder, `${name}.br`), brotliCompressSync(body, { params: quality }));
  writeFileSync(join(folder, `${name}.gz`), gzipSync(body, { level: 9 }));
}
