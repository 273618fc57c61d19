-- Expressions: operators and their order, predicates, functions, conditions, lambdas, subscripts.
-- The lines "-- both", "-- trino" and "-- presto" say which dialects accept what follows; one statement a
-- line, without its ";"; a line that begins with a blank goes on with the one above it.

-- both
SELECT 1 + 2 * 3 - 4 / 5 % 6
SELECT (1 + 2) * (3 - 4)
SELECT -x, +x, - -x, -(x), +-x
SELECT -1, - 1, 1 -1, 1-1, 1- -1
SELECT a || b || 'c' || d
SELECT a + b || c - d
SELECT a = b, a <> b, a != b, a < b, a <= b, a > b, a >= b
SELECT NOT a AND b OR NOT (c OR d)
SELECT a OR b AND c OR d AND NOT e
SELECT NOT NOT NOT a
SELECT x BETWEEN 1 AND 10 AND y
SELECT x NOT BETWEEN a + 1 AND b * 2 OR z
SELECT x BETWEEN SYMMETRIC AND 2 FROM t
SELECT x IN (1, 2, 3), x NOT IN ('a'), x IN (y), (a, b) IN ((1, 2), (3, 4))
SELECT x IN (SELECT y FROM t), x NOT IN (TABLE t), x IN (VALUES 1, 2)
SELECT x LIKE 'a%', x NOT LIKE '%b_' ESCAPE '!', x LIKE a || '%' ESCAPE chr(92)
SELECT x IS NULL, x IS NOT NULL, x IS DISTINCT FROM y, x IS NOT DISTINCT FROM NULL
SELECT x = ALL (SELECT 1), x <> ANY (VALUES 1, 2), x >= SOME (TABLE t)
SELECT EXISTS (SELECT 1), NOT EXISTS (SELECT * FROM t WHERE t.a = o.a)
SELECT (SELECT max(a) FROM t), (VALUES 1), (TABLE t)
SELECT CASE WHEN a THEN 1 END, CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END
SELECT CASE x WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END
SELECT CASE x + 1 WHEN y THEN CASE WHEN z THEN 1 END END
SELECT CASE WHEN a THEN CASE b WHEN c THEN d ELSE e END ELSE f END AS case_
SELECT CAST(x AS bigint), TRY_CAST('1' AS integer), cast(NULL AS varchar(10))
SELECT f(), f(1), f(a, b, c), s.f(1), c.s.f(x), "F"(1)
SELECT count(*), count(DISTINCT a), count(ALL a), sum(DISTINCT a + b)
SELECT count(*) FILTER (WHERE x > 1), sum(a) FILTER (WHERE b AND c)
SELECT array_agg(a ORDER BY b), array_agg(DISTINCT a ORDER BY a DESC NULLS LAST, b)
SELECT x -> x + 1, (x, y) -> x + y, () -> 1, x -> y -> x + y
SELECT transform(a, x -> x * 2), reduce(a, 0, (s, x) -> s + x, s -> s)
SELECT filter(a, x -> x IS NOT NULL AND x <> ''), zip_with(a, b, (x, y) -> (x, y))
SELECT map_filter(m, (k, v) -> k = 'a' OR v > 1)
SELECT a[1], a[1][2], m['k'], f(x)[1], ARRAY[1, 2][1], a[i + 1].b[2].c
SELECT r.a, r.a.b, r.a.b.c.d, (r).a, ROW(1, 2).field0, f(x).y
SELECT (1, 2), (1, 'a', NULL), ROW(1), ROW(a, b)
SELECT ARRAY[], ARRAY[1], ARRAY[ARRAY[1, 2], ARRAY[]], array[a, b || c]
SELECT t AT TIME ZONE 'UTC', t AT TIME ZONE INTERVAL '1' HOUR, t at time zone 'Europe/Berlin' at time zone 'UTC'
SELECT a + t AT TIME ZONE 'UTC' + b
SELECT -t AT TIME ZONE 'UTC'
SELECT extract(YEAR FROM d), EXTRACT(day_of_week FROM d), extract(TIMEZONE_HOUR FROM now())
SELECT extract(quarter FROM d) + extract(dow FROM d) * extract(yow FROM d)
SELECT position('a' IN 'abc'), POSITION(a || b IN c)
SELECT substring(a FROM 2), substring(a FROM 2 FOR 3), substring(a, 1, 2), SUBSTRING('x' FROM a + 1 FOR b * 2)
SELECT normalize(a), normalize(a, NFC), NORMALIZE(a, nfkd)
SELECT current_date, current_time, current_timestamp, localtime, localtimestamp, current_user
SELECT current_time(3), current_timestamp(6), localtime(0), localtimestamp(9)
SELECT grouping(a), GROUPING(a, b.c) FROM t GROUP BY a, b
SELECT if(a, b, c), nullif(a, b), coalesce(a, b, c), try(a / b)
SELECT date '2020-01-01' + interval '1' day
SELECT a AND b = c OR d < e + f * g
SELECT NOT x IN (1, 2), NOT x LIKE 'a', NOT x BETWEEN 1 AND 2, NOT x IS NULL
SELECT NOT a = b AND c
SELECT "a"."b", a."b".c, "A""B"
SELECT ?, f(?), ? + ?, x = ? AND y IN (?, ?)
SELECT a.*, b.* FROM a, b
SELECT (((((((((1)))))))))
SELECT ((a)), ((a, b)), (((a, b)))
SELECT f(DISTINCT a, b), f(ALL a)
SELECT a.b.c.d(e)
SELECT first(a), last(b), date(x), time, timestamp, year(x), row, if, zone, user
SELECT sum(x) FILTER (WHERE y) OVER (PARTITION BY z)
SELECT lag(x) IGNORE NULLS OVER (ORDER BY y), first_value(x) RESPECT NULLS OVER (ORDER BY y)
SELECT map(ARRAY['a'], ARRAY[1])['a'] + 1
SELECT regexp_like(a, '^\d+$') AND json_extract_scalar(b, '$.a') = '1'
SELECT a AS "quoted alias", b "another", c AS x, d y
SELECT x AS select_, y AS first, z AS date
SELECT 1 AS set, 2 AS show, 3 AS type, 4 AS view
SELECT (SELECT (SELECT (SELECT 1)))
SELECT f(g(h(i(j(k(1))))))
SELECT f((SELECT 1), (VALUES 2)), ARRAY[(SELECT 1)]
SELECT try_cast(json_parse(x) AS array(row(a bigint, b varchar)))
SELECT CAST(ROW(1, 2.0) AS ROW(x bigint, y double)).x
SELECT a b, 'x' y FROM t
-- trino
SELECT [], [1], [1, 2, 3], [[1], [2]], [a || b, c][1]
SELECT TRIM(TRAILING a || b FROM c || d)
SELECT listagg(a) WITHIN GROUP (ORDER BY b), listagg(DISTINCT a, ',') WITHIN GROUP (ORDER BY b DESC, c)
SELECT listagg(a, ',' ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY a)
SELECT listagg(a, ',' ON OVERFLOW TRUNCATE '...' WITH COUNT) WITHIN GROUP (ORDER BY a) FILTER (WHERE b)
SELECT listagg(a ON OVERFLOW TRUNCATE WITHOUT COUNT) WITHIN GROUP (ORDER BY a)
SELECT (a).*, f(x).*, r.s.* AS (p, q), (SELECT ROW(1, 2)).* FROM t
SELECT row.*, a[1].* FROM t
SELECT count(t.*), count("T".*) FROM t
SELECT CASE a AND b WHEN true THEN 1 END
SELECT CASE x IN (1, 2) WHEN true THEN 1 END
SELECT array_agg(a ORDER BY b) FILTER (WHERE c) OVER w FROM t WINDOW w AS (ORDER BY d)
-- presto
SELECT current_role, auto, skip, listagg, trim(a), json_object, json_value(a, 'b')
SELECT listagg(a, ',') FROM t
-- both
SELECT 'UTC' AT TIME ZONE 'UTC' AT TIME ZONE 'x'
SELECT current_catalog, current_schema, current_path
SELECT x -> x.y[1], (first, last) -> first
SELECT auto_ FROM t GROUP BY AUTO
SELECT system_time, system_version, sql, name, temporary FROM before
-- compared
-- look right, but are refused or not built
SELECT a = b = c
SELECT a < b < c
SELECT x IS NULL IS NULL
SELECT x IN (1) = true
SELECT 'a' 'b'
SELECT x 'literal', point '1 2', my_type 'v', json '{"a":1}', uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'
SELECT 2 * -3, 2 - -3, 2 - - 3, 2 * +3, 2 ** 3
SELECT trim(a), trim(FROM a), trim(BOTH FROM a), trim(LEADING 'x' FROM a), trim('x' FROM a), trim(a, 'x')
SELECT f(a => 1) FROM t
