-- Shapes of statements as tools and people write them: business intelligence, dbt, drivers, catalogue browsers.
-- Written for these tests, after the shape of what those tools send.
-- Format: see statements.sql.

-- both
-- Tableau
SELECT "orders"."status" AS "status",
   SUM("orders"."total") AS "sum:total:ok",
   DATE_TRUNC('MONTH', CAST("orders"."day" AS TIMESTAMP)) AS "tmn:day:ok"
 FROM "sales"."orders" "orders"
   INNER JOIN "sales"."customers" "customers" ON ("orders"."customer id" = "customers"."id")
 WHERE (("customers"."region" IN ('EMEA', 'APAC')) AND (CAST("orders"."day" AS DATE) >= (DATE '2024-01-01')) AND (NOT ("orders"."status" IS NULL)))
 GROUP BY 1,
   3
SELECT COUNT(DISTINCT (CASE WHEN ("t0"."x_measure" > 1) THEN "t0"."id" ELSE NULL END)) AS "ctd:id:ok" FROM (SELECT "o"."id" AS "id", SUM("o"."n") AS "x_measure" FROM "s"."o" "o" GROUP BY 1) "t0" HAVING (COUNT(1) > 0)
SELECT * FROM (SELECT 1 AS "COL") AS "CONNECTION_TEST" LIMIT 1
-- Looker
WITH daily AS (SELECT DATE_TRUNC('day', created_at) AS day, COUNT(*) AS n FROM events WHERE ((( created_at ) >= ((DATE_ADD('day', -6, CAST(CAST(DATE_TRUNC('DAY', NOW()) AS DATE) AS TIMESTAMP)))) AND ( created_at ) < ((DATE_ADD('day', 7, DATE_ADD('day', -6, CAST(CAST(DATE_TRUNC('DAY', NOW()) AS DATE) AS TIMESTAMP))))))) GROUP BY 1)
 SELECT
     (DATE_FORMAT(daily.day, '%Y-%m-%d')) AS "daily.day_date",
     COALESCE(SUM(daily.n), 0) AS "daily.total"
 FROM daily
 GROUP BY
     1
 ORDER BY
     1 DESC
 LIMIT 500
SELECT CASE WHEN users.age < 18 THEN 'under 18' WHEN users.age >= 18 AND users.age < 65 THEN '18 to 64' ELSE 'Undefined' END AS "users.age_tier", COUNT(DISTINCT users.id) FROM analytics.users AS users LEFT JOIN analytics.orders AS orders ON orders.user_id = users.id WHERE LENGTH(orders.status) <> 0 AND (orders.status LIKE '%open%' OR orders.status = 'new') GROUP BY 1 HAVING COUNT(DISTINCT users.id) > 10 ORDER BY 2 DESC LIMIT 500
-- Superset
SELECT date_trunc('week', CAST(ts AS TIMESTAMP)) AS "__timestamp", country AS country, sum(amount) AS "SUM(amount)" FROM "hive"."default"."sales" JOIN (SELECT country AS "country__", sum(amount) AS "mme_inner__" FROM "hive"."default"."sales" WHERE ts >= TIMESTAMP '2024-01-01 00:00:00.000000' AND ts < TIMESTAMP '2025-01-01 00:00:00.000000' GROUP BY country ORDER BY "mme_inner__" DESC LIMIT 25) AS "anon_1" ON country = "country__" WHERE ts >= TIMESTAMP '2024-01-01 00:00:00.000000' AND ts < TIMESTAMP '2025-01-01 00:00:00.000000' AND country NOT IN ('', 'N/A') GROUP BY date_trunc('week', CAST(ts AS TIMESTAMP)), country ORDER BY "SUM(amount)" DESC LIMIT 10000
SELECT "$path", count(*) AS rows_ FROM "hive"."default"."sales" GROUP BY "$path"
SELECT * FROM "sales$partitions" ORDER BY dt DESC LIMIT 1
-- DBeaver and other browsers
SELECT * FROM information_schema.tables WHERE table_schema = 'default' ORDER BY table_name
SELECT table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type FROM hive.information_schema.columns WHERE table_schema = 'default' AND table_name = 'orders' ORDER BY ordinal_position
SELECT x.* FROM tpch.tiny.orders x
 WHERE orderkey = 1
SHOW TABLES FROM "hive"."default"
SHOW CREATE TABLE "hive"."default"."orders"
SELECT "orders"."orderkey" AS "orderkey" FROM "tpch"."tiny"."orders" AS "orders" LIMIT 200
-- JDBC metadata
SELECT TABLE_CAT, TABLE_SCHEM, TABLE_NAME, TABLE_TYPE, REMARKS, TYPE_CAT, TYPE_SCHEM, TYPE_NAME, SELF_REFERENCING_COL_NAME, REF_GENERATION FROM system.jdbc.tables WHERE TABLE_CAT = 'hive' AND TABLE_SCHEM LIKE 'a\_b' ESCAPE '\' AND TABLE_TYPE IN ('TABLE', 'VIEW') ORDER BY TABLE_TYPE, TABLE_CAT, TABLE_SCHEM, TABLE_NAME
SELECT TABLE_SCHEM, TABLE_CATALOG FROM system.jdbc.schemas WHERE TABLE_CATALOG IS NULL OR TABLE_SCHEM LIKE '%' ORDER BY TABLE_CATALOG, TABLE_SCHEM
SELECT DISTINCT TABLE_TYPE FROM system.jdbc.table_types ORDER BY TABLE_TYPE
-- dbt
create table "hive"."dbt"."stg_orders__dbt_tmp"

   as (
     with source as (
       select * from "hive"."raw"."orders"
     ),

     renamed as (
       select id as order_id, user_id as customer_id, order_date, status
       from source
     )

     select * from renamed
   )
insert into "hive"."dbt"."fct_orders" ("order_id", "amount")
   (
     select "order_id", "amount"
     from "hive"."dbt"."fct_orders__dbt_tmp"
   )
alter table "hive"."dbt"."stg_orders__dbt_tmp" rename to "hive"."dbt"."stg_orders"
drop table if exists "hive"."dbt"."stg_orders__dbt_backup"
create or replace view "hive"."dbt"."v" as
   select 1 as id
/* {"app": "dbt", "dbt_version": "1.8.0", "node_id": "model.x.y"} */ create schema if not exists "hive"."dbt"
select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error from (select customer_id as unique_field, count(*) as n_records from "dbt"."customers" where customer_id is not null group by customer_id having count(*) > 1) dbt_internal_test
-- people
select c.name, sum(l.extendedprice * (1 - l.discount)) revenue, rank() over (partition by n.name order by sum(l.extendedprice * (1 - l.discount)) desc) rk from customer c join orders o on c.custkey = o.custkey join lineitem l on l.orderkey = o.orderkey join nation n on n.nationkey = c.nationkey where o.orderdate >= date '1994-01-01' and o.orderdate < date '1994-01-01' + interval '1' year group by c.name, n.name having sum(l.quantity) > 300 order by revenue desc, c.name limit 20
select approx_percentile(x, ARRAY[0.5, 0.9, 0.99]), approx_distinct(y), max_by(a, b), histogram(c), map_agg(k, v) from t
select user_id, array_agg(page order by ts) path from hits where dt between '2024-01-01' and '2024-01-31' group by user_id having cardinality(array_agg(page)) > 3
select a.* from a left join b on a.id = b.id where b.id is null
select coalesce(a, 0) as a, nullif(trim_(b), '') as b, try(cast(c as bigint)) c, if(d > 0, 'pos', 'neg') sign from t
select date_diff('day', min(ts), max(ts)) days, date_parse('2024-01-01', '%Y-%m-%d'), from_unixtime(e) at time zone 'UTC', format_datetime(ts, 'yyyy-MM') from t
select t.id, u.k, u.v from t cross join unnest(map_keys(t.m), map_values(t.m)) as u (k, v)
select json_extract_scalar(payload, '$.user.id') as uid, cast(json_extract(payload, '$.tags') as array(varchar)) tags from events where json_array_contains(json_extract(payload, '$.tags'), 'x')
select count(*) filter (where status = 'ok') * 1.0 / count(*) as rate, count_if(status <> 'ok') from requests
with recursive t(n) as (values (1) union all select n + 1 from t where n < 100) select sum(n) from t
select * from (values ('a', 1), ('b', 2)) as t (k, v) where (k, v) in (select k, max(v) from u group by k)
select region, product, grouping(region, product), sum(sales) from s group by cube (region, product) order by 1 nulls last, 2
select regexp_replace(url, '\?.*$', ''), url_extract_host(url), split_part(path, '/', 2), element_at(split(path, '/'), -1) from hits
explain (type distributed, format json) select * from t
insert into hive.default.sales select * from hive.staging.sales where dt = '2024-01-01'
delete from iceberg.db.t where dt < date '2020-01-01' and status in ('old', 'expired')
call system.sync_partition_metadata('default', 'sales', 'FULL')
call system.runtime.kill_query(query_id => '20240101_000000_00001_abcde', message => 'too slow')
set session query_max_run_time = '10m'
set session hive.insert_existing_partitions_behavior = 'OVERWRITE'
create table t2 with (format = 'PARQUET', partitioned_by = ARRAY['dt']) as select a, b, dt from t where dt > '2024'
prepare my_select from select * from t where a = ? and b in (?, ?)
execute my_select using 1, 'x', 'y'
select 1 as ok
SELECT 1
select version()
select current_user, current_timestamp
select node_id, http_uri, node_version, coordinator, state from system.runtime.nodes
select query_id, state, "user", source, query, created, date_diff('second', created, now()) from system.runtime.queries where state = 'RUNNING' order by created
-- trino
ALTER TABLE iceberg.db.t EXECUTE optimize(file_size_threshold => '128MB') WHERE dt = DATE '2024-01-01'
ALTER TABLE iceberg.db.t EXECUTE expire_snapshots(retention_threshold => '7d')
ALTER TABLE iceberg.db.t SET PROPERTIES partitioning = ARRAY['day(ts)', 'bucket(id, 16)']
MERGE INTO t AS target USING (SELECT id, max(v) AS v FROM s GROUP BY id) AS source ON target.id = source.id WHEN MATCHED AND source.v IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET v = source.v, updated = current_timestamp WHEN NOT MATCHED THEN INSERT (id, v) VALUES (source.id, source.v)
COMMENT ON COLUMN hive.dbt.t.a IS 'from dbt'
EXECUTE IMMEDIATE 'SELECT * FROM t WHERE a = ?' USING 5
create or replace table "iceberg"."dbt"."m" with (format = 'PARQUET') as (select 1 as id)
create materialized view if not exists mv grace period interval '1' hour with (x = 1) as select count(*) as n from t
-- both
SELECT * FROM iceberg.db."t$snapshots" FOR VERSION AS OF 123456789
SELECT TABLE_CAT, TABLE_SCHEM FROM system.jdbc.columns WHERE TABLE_CAT = 'x' AND COLUMN_NAME LIKE '%' ESCAPE '\' ORDER BY TABLE_CAT FETCH FIRST 10 ROWS ONLY
