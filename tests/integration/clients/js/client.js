// SPDX-License-Identifier: Apache-2.0
// Drives the JavaScript clients and prints what an application sees, one JSON line a step.
//   node client.js trino|presto HOST:PORT TAG [scenario...]     (NODE_PATH = folder of the packages)
const [library, address, tag, ...only] = process.argv.slice(2);
const [host, port] = address.split(':');
let scenario;

async function step(name, body) {
  let outcome;
  try {
    outcome = await body();
  } catch (e) {
    outcome = {error: String(e.message ?? e).split('\n')[0], name: e.errorName ?? e.name};
  }
  console.log(JSON.stringify({step: `${scenario}/${name}`, outcome}));
}

function checksum(rows) {
  let sum = 0;
  for (const row of rows) {
    let h = 0;
    for (const c of JSON.stringify(row)) h = (h * 31 + c.codePointAt(0)) % 1000000007;
    sum = (sum + h) % 1000000007;
  }
  return {count: rows.length, checksum: sum};
}

const TYPES = `true AS c_boolean, bigint '1234567' AS c_bigint, double '1.5' AS c_double, nan() AS c_nan, decimal '123.4500' AS c_decimal, 'häß😀' AS c_varchar,
 X'00017FFF' AS c_binary, json '{"a": [1]}' AS c_json, date '2024-02-29' AS c_date, time '01:02:03.456' AS c_time, timestamp '2024-02-29 01:02:03.456' AS c_ts,
 interval '3' year AS c_ym, uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59' AS c_uuid, ARRAY[1, null, 3] AS c_array, MAP(ARRAY['k1', 'k2'], ARRAY[1, null]) AS c_map,
 CAST(ROW(1, 'x', null) AS ROW(a integer, b varchar, c date)) AS c_row, null AS c_unknown`;
const READ = 'SELECT k, orderkey, linenumber, comment FROM tpch.tiny.lineitem CROSS JOIN (VALUES 1, 2) AS t(k)';
const ERRORS = ['SELEC 1', 'SELECT nope FROM nation', 'SELECT * FROM nope', 'SELECT nationkey / 0 FROM nation'];

function trino() {
  const {Trino, BasicAuth} = require('trino-client');
  const open = (more = {}) => Trino.create({server: `http://${address}`, catalog: 'tpch', schema: 'tiny', auth: new BasicAuth('alice'), ...more});
  const query = async (client, sql) => {
    let columns, rows = [];
    for await (const page of await client.query(sql)) {
      if (page.error) throw Object.assign(new Error(page.error.message), {errorName: page.error.errorName});
      columns = page.columns ?? columns;
      rows = rows.concat(page.data ?? []);
    }
    return {columns, rows};
  };
  return {open, query, more: async () => {
    scenario = 'session';
    const client = open();
    for (const sql of ['USE tpch.sf1', 'SELECT count(*) FROM customer', "SET SESSION query_max_run_time = '11m'", "SHOW SESSION LIKE 'query_max_run_time'", 'PREPARE p FROM SELECT ?', 'EXECUTE p USING 1'])
      await step(sql, () => query(client, sql));
    scenario = 'cancel';
    await step('cancel', async () => {
      const c = open({schema: 'sf1'});
      const iterator = await c.query('SELECT * FROM orders');
      const first = await iterator.next();
      await c.cancel(first.value.id);
      const info = await c.queryInfo(first.value.id);
      return [info.state, info.query];
    });
    await step('next statement', () => query(open(), 'SELECT 1'));
  }};
}

function presto() {
  const {PrestoClient} = require('@prestodb/presto-js-client');
  const open = (more = {}) => new PrestoClient({host: `http://${host}`, port: Number(port), user: 'alice', catalog: 'tpch', schema: 'tiny', ...more});
  return {open, query: async (client, sql) => {
    const {columns, data} = await client.query(sql);
    return {columns, rows: data};
  }, more: async () => {
    scenario = 'options';
    await step('credential', async () => (await open({extraHeaders: {'X-Presto-Extra-Credential': 'token=abc'}, source: 'my-source', timezone: 'Europe/Berlin'}).query('SELECT current_timezone()')).data);
    await step('schemas', () => open().getSchemas());
    await step('tables', async () => (await open().getTables({catalog: 'tpch', schema: 'tiny'})).map(t => t.tableName).sort());
  }};
}

async function main() {
  const {open, query, more} = library === 'trino' ? trino() : presto();
  scenario = 'simple';
  for (const sql of ["SELECT 1 AS one, 'ä' AS two", 'SELECT name, regionkey FROM nation ORDER BY nationkey', 'SELECT * FROM nation WHERE nationkey < 0', 'SHOW TABLES FROM tpch.tiny'])
    await step(sql, () => query(open(), sql));
  scenario = 'types';
  await step('all', () => query(open(), 'SELECT ' + TYPES));
  scenario = 'read';
  await step('120350 rows', async () => checksum((await query(open(), READ)).rows));
  scenario = 'errors';
  for (const sql of ERRORS) await step(sql, () => query(open(), sql));
  scenario = 'dml';
  const t = `memory.default.t_${tag}`;
  for (const sql of [`CREATE TABLE ${t} (a integer)`, `INSERT INTO ${t} VALUES 1, 2`, `SELECT count(*) FROM ${t}`, `DROP TABLE ${t}`]) await step(sql, () => query(open(), sql));
  await more();
}

main().then(() => process.exit(0), e => { console.error(e); process.exit(1); });
