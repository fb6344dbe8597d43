// Writes the client's types from docs/api/openapi.json. Names of operations are left out: two routes share one there.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import openapiTS, { astToString } from "openapi-typescript";

const HERE = path.resolve(import.meta.dirname, "..");
const document = JSON.parse(await readFile(path.join(HERE, "../docs/api/openapi.json"), "utf8"));
for (const methods of Object.values(document.paths)) for (const operation of Object.values(methods)) delete operation.operationId;
await writeFile(path.join(HERE, "src/api/schema.gen.ts"), astToString(await openapiTS(document)));
