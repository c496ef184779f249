// node duckdb.mjs CSV_GLOB OUT.parquet MEMORY KIND: DuckDB reads the CSV and writes it as Parquet, with two threads, types given and order not
// kept, as its manual advises for speed. KIND: plain (meter_id,timestamp,channel,kwh), or quoted ("MPAN","Reading time","Flow","Consumed").
// Prints {version, rows, seconds}: seconds of the one statement, without the start of the process.
import { createRequire } from "node:module";

const [glob, out, memory, kind] = process.argv.slice(2);
const { DuckDBInstance, version } = createRequire(process.cwd() + "/")("@duckdb/node-api");
const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: memory, preserve_insertion_order: "false" });
const connection = await instance.connect();
const columns = kind === "quoted"
  ? "{'MPAN': 'BIGINT', 'Reading time': 'TIMESTAMP', 'Flow': 'VARCHAR', 'Consumed': 'DOUBLE'}"
  : "{'meter_id': 'BIGINT', 'timestamp': 'TIMESTAMPTZ', 'channel': 'VARCHAR', 'kwh': 'DOUBLE'}";
const source = `read_csv('${glob}', header = true, delim = ',', quote = '"', columns = ${columns})`;
const begun = process.hrtime.bigint();
await connection.run(`COPY (SELECT * FROM ${source}) TO '${out}' (FORMAT parquet, COMPRESSION zstd)`);
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const counted = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet('${out}')`);
console.log(JSON.stringify({ version: version(), rows: Number(counted.getRows()[0][0]), seconds }));
