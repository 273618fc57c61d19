-- Statements whose tables a live Trino names (EXPLAIN (TYPE IO)), for tests/integration/test_sql_facts.py: the default
-- is tpch.tiny; memory.default has n (as nation), r (as region), o (as orders).
-- Format: see statements.sql.

-- both
SELECT * FROM nation
SELECT name FROM tpch.tiny.nation
SELECT name FROM sf1.nation
SELECT n.name FROM nation AS n, region r WHERE n.regionkey = r.regionkey
SELECT count(*) FROM nation n JOIN region r ON n.regionkey = r.regionkey JOIN tpch.sf1.region q ON q.regionkey = r.regionkey
SELECT * FROM nation JOIN memory.default.r USING (regionkey)
SELECT * FROM nation CROSS JOIN region
SELECT * FROM nation LEFT JOIN region USING (regionkey)
SELECT * FROM nation n FULL JOIN region r ON n.regionkey = r.regionkey AND n.name <> r.name
SELECT * FROM (SELECT * FROM nation) region
SELECT * FROM (SELECT regionkey FROM nation) n JOIN region r ON r.regionkey = n.regionkey
SELECT * FROM (nation n JOIN region r ON n.regionkey = r.regionkey)
SELECT * FROM (((nation)))
SELECT * FROM ((SELECT * FROM nation))
TABLE nation
TABLE tpch.sf1.nation
(TABLE nation)
SELECT name FROM nation UNION SELECT name FROM region
SELECT name FROM nation INTERSECT SELECT name FROM region
SELECT name FROM nation EXCEPT (SELECT name FROM region UNION SELECT name FROM supplier)
(SELECT name FROM nation ORDER BY 1 LIMIT 3) UNION ALL (SELECT name FROM region LIMIT 2)
WITH n AS (SELECT * FROM nation) SELECT * FROM n
WITH nation AS (SELECT * FROM region) SELECT * FROM nation
WITH nation AS (SELECT * FROM nation) SELECT * FROM nation
WITH nation AS (SELECT * FROM region) SELECT * FROM tpch.tiny.nation, nation
WITH nation AS (SELECT * FROM region) SELECT * FROM tiny.nation
WITH a AS (SELECT * FROM nation), b AS (SELECT * FROM a) SELECT * FROM b
WITH a AS (SELECT * FROM nation), b AS (SELECT * FROM region) SELECT a.name, b.name FROM a JOIN b ON a.regionkey = b.regionkey
WITH region AS (SELECT * FROM nation), b AS (SELECT * FROM region) SELECT * FROM b
WITH a AS (WITH nation AS (SELECT * FROM region) SELECT * FROM nation) SELECT a.name FROM a JOIN nation ON a.regionkey = nation.regionkey
WITH a (k, v) AS (SELECT nationkey, name FROM nation) SELECT v FROM a WHERE k > 3
WITH a AS (SELECT * FROM nation) SELECT * FROM (WITH a AS (SELECT * FROM region) SELECT * FROM a) x
WITH a AS (SELECT * FROM nation) SELECT * FROM (WITH b AS (SELECT * FROM a) SELECT * FROM b) x
WITH "NATION" AS (SELECT * FROM region) SELECT * FROM Nation
WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 4) SELECT * FROM t JOIN nation ON nation.nationkey = t.n
WITH RECURSIVE nation (n) AS (SELECT count(*) FROM region UNION ALL SELECT n + 1 FROM nation WHERE n < 8) SELECT * FROM nation
SELECT * FROM nation WHERE regionkey IN (SELECT regionkey FROM region)
SELECT * FROM nation WHERE regionkey NOT IN (SELECT regionkey FROM region WHERE name = 'ASIA')
SELECT * FROM nation n WHERE EXISTS (SELECT 1 FROM region r WHERE r.regionkey = n.regionkey)
SELECT * FROM nation n WHERE NOT EXISTS (SELECT * FROM region r WHERE r.regionkey = n.regionkey)
SELECT * FROM nation WHERE regionkey = (SELECT max(regionkey) FROM region)
SELECT * FROM nation WHERE regionkey > ALL (SELECT regionkey FROM region WHERE regionkey < 3)
SELECT (SELECT count(*) FROM region) AS regions, name FROM nation
SELECT CASE WHEN regionkey IN (SELECT regionkey FROM region) THEN 1 ELSE (SELECT max(custkey) FROM customer) END FROM nation
SELECT name FROM nation ORDER BY (SELECT max(regionkey) FROM region), name
SELECT regionkey, count(*) FROM nation GROUP BY regionkey HAVING count(*) > (SELECT min(regionkey) FROM region)
SELECT name, rank() OVER (PARTITION BY regionkey ORDER BY nationkey) FROM nation
SELECT * FROM nation n CROSS JOIN LATERAL (SELECT r.name AS rn FROM region r WHERE r.regionkey = n.regionkey) x
SELECT n.name, x.c FROM nation n, LATERAL (SELECT count(*) AS c FROM customer c WHERE c.nationkey = n.nationkey) x
SELECT * FROM nation CROSS JOIN UNNEST(ARRAY[1, 2]) AS region (x)
SELECT nation.name, u.x FROM nation, UNNEST(sequence(1, regionkey)) AS u (x)
SELECT * FROM UNNEST(ARRAY[1, 2]) AS nation (x) JOIN region ON region.regionkey = x
SELECT * FROM nation TABLESAMPLE BERNOULLI (50)
SELECT * FROM nation AS region TABLESAMPLE SYSTEM (50)
SELECT * FROM (VALUES 1, 2) AS nation (k) JOIN region ON regionkey = k
SELECT region.name FROM nation region
SELECT transform(ARRAY[1, 2], region -> region + 1), name FROM nation
SELECT filter(ARRAY[nationkey], x -> x IN (1, 2, 3)) FROM nation
SELECT "NAME" FROM "nation" WHERE "nation"."regionkey" = 1
SELECT Name FROM TINY.NATION
SELECT name FROM "TPCH"."Tiny"."Nation"
SELECT max_by(name, (SELECT count(*) FROM region)) FROM nation
SELECT sum(quantity) FROM lineitem l WHERE l.orderkey IN (SELECT o.orderkey FROM orders o WHERE o.custkey IN (SELECT custkey FROM customer WHERE mktsegment = 'BUILDING'))
SELECT o.orderkey FROM orders o JOIN (SELECT custkey FROM customer c JOIN (SELECT nationkey FROM nation WHERE name = 'PERU') n ON c.nationkey = n.nationkey) x ON o.custkey = x.custkey
SELECT DISTINCT name FROM nation n JOIN region USING (regionkey, name)
SELECT count(*) FROM partsupp ps, part p, supplier s WHERE ps.partkey = p.partkey AND ps.suppkey = s.suppkey
SELECT regionkey FROM nation GROUP BY GROUPING SETS ((regionkey), ())
SELECT * FROM memory.default.n JOIN nation ON n.nationkey = nation.nationkey
SELECT * FROM memory.default.n n, memory.default.r nation WHERE n.regionkey = nation.regionkey
SELECT * FROM information_schema.tables WHERE table_name IN (SELECT name FROM nation)
SELECT node_id FROM system.runtime.nodes, nation
CREATE TABLE memory.default.x1 AS SELECT * FROM nation
CREATE TABLE memory.default.x2 AS TABLE region
CREATE TABLE memory.default.x3 (a, b) AS SELECT n.name, r.name FROM nation n JOIN region r ON n.regionkey = r.regionkey
CREATE TABLE memory.default.x4 AS WITH nation AS (SELECT * FROM region) SELECT * FROM nation
CREATE TABLE memory.default.x5 AS (SELECT * FROM (SELECT * FROM nation) x) WITH NO DATA
CREATE TABLE IF NOT EXISTS memory.default.x6 AS SELECT 1 AS a
INSERT INTO memory.default.n SELECT * FROM nation
INSERT INTO memory.default.n TABLE nation
INSERT INTO memory.default.n VALUES (1, 'a', 2, 'b')
INSERT INTO memory.default.n (nationkey, name) SELECT nationkey, name FROM tpch.sf1.nation
INSERT INTO memory.default.n SELECT * FROM memory.default.n
INSERT INTO memory.default.n SELECT n.* FROM memory.default.n n JOIN nation ON nation.nationkey = n.nationkey WHERE n.regionkey IN (SELECT regionkey FROM region)
INSERT INTO memory.default.r WITH n AS (SELECT * FROM region) SELECT * FROM n
INSERT INTO memory.default.r SELECT regionkey, name, comment FROM (WITH r AS (SELECT * FROM region) SELECT * FROM r) q
-- trino
SELECT name FROM nation FETCH FIRST 3 ROWS ONLY
SELECT name FROM nation ORDER BY regionkey FETCH FIRST 2 ROWS WITH TIES
SELECT name, sum(regionkey) OVER w FROM nation WINDOW w AS (PARTITION BY regionkey ORDER BY nationkey)
SELECT * FROM orders MATCH_RECOGNIZE (PARTITION BY custkey ORDER BY orderdate MEASURES A.totalprice AS p PATTERN (A B+) DEFINE B AS totalprice < prev(totalprice))
SELECT * FROM (SELECT custkey, orderdate, totalprice FROM orders) nation MATCH_RECOGNIZE (ORDER BY orderdate MEASURES last(A.totalprice) AS p PATTERN (A) DEFINE A AS totalprice > 5) AS region
SELECT listagg(name, ',') WITHIN GROUP (ORDER BY (SELECT 1), name) FROM nation
SELECT * FROM TABLE(exclude_columns(input => TABLE(nation), columns => DESCRIPTOR(comment)))
SELECT * FROM TABLE(exclude_columns(TABLE(SELECT * FROM nation JOIN region USING (regionkey, name)), DESCRIPTOR(regionkey)))
SELECT * FROM TABLE(sequence(1, 5)) AS nation (x) JOIN region ON region.regionkey = x
SELECT j.a FROM nation, JSON_TABLE('[1, 2]', 'lax $[*]' COLUMNS (a integer PATH 'lax $')) AS j
SELECT JSON_VALUE(name, 'lax $.a' DEFAULT 'x' ON EMPTY) FROM nation
SELECT JSON_OBJECT('a' : (SELECT count(*) FROM region), 'b' : name) FROM nation
SELECT (n).name FROM (SELECT CAST(ROW(name) AS ROW(name varchar)) AS n FROM nation)
SELECT CAST(ROW(name, regionkey) AS ROW(a varchar, b bigint)).* FROM nation
WITH FUNCTION nation(x bigint) RETURNS bigint RETURN x + 1 SELECT nation(regionkey) FROM region
WITH FUNCTION f() RETURNS bigint RETURN 1 WITH nation AS (SELECT regionkey FROM region) SELECT f() + regionkey FROM nation
WITH SESSION query_max_run_time = '1h' SELECT * FROM nation
SELECT name FROM nation UNION CORRESPONDING SELECT name, regionkey FROM region
INSERT INTO memory.default.o SELECT * FROM orders WHERE orderkey = ANY (SELECT orderkey FROM lineitem)
