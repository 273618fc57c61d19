-- Types, in casts and in column definitions.
-- The lines "-- both", "-- trino" and "-- presto" say which dialects accept what follows; one statement a
-- line, without its ";"; a line that begins with a blank goes on with the one above it.

-- both
SELECT CAST(a AS boolean), CAST(a AS tinyint), CAST(a AS smallint), CAST(a AS integer), CAST(a AS int), CAST(a AS bigint)
SELECT CAST(a AS real), CAST(a AS double), CAST(a AS DOUBLE PRECISION), CAST(a AS decimal), CAST(a AS decimal(10)), CAST(a AS decimal(10, 2))
SELECT CAST(a AS varchar), CAST(a AS varchar(10)), CAST(a AS char(3)), CAST(a AS varbinary), CAST(a AS json), CAST(a AS uuid)
SELECT CAST(a AS date), CAST(a AS time), CAST(a AS timestamp), CAST(a AS time with time zone), CAST(a AS TIMESTAMP WITH TIME ZONE)
SELECT CAST(a AS timestamp   with
 time	zone)
SELECT CAST(a AS interval year to month), CAST(a AS INTERVAL DAY TO SECOND)
SELECT CAST(a AS array(bigint)), CAST(a AS array<bigint>), CAST(a AS bigint array), CAST(a AS bigint array array)
SELECT CAST(a AS array(array(array(varchar(5))))), CAST(a AS ARRAY<ARRAY<varchar>>)
SELECT CAST(a AS map(varchar, bigint)), CAST(a AS map<varchar, array(bigint)>), CAST(a AS MAP<bigint, MAP<bigint, bigint>>)
SELECT CAST(a AS row(x bigint)), CAST(a AS row(x bigint, y varchar(10), z row(w double)))
SELECT CAST(a AS ROW("X y" bigint, "select" array(row(a int, b int))))
SELECT CAST(a AS hyperloglog), CAST(a AS qdigest(bigint)), CAST(a AS tdigest), CAST(a AS ipaddress), CAST(a AS my_type(1, 2, bigint))
SELECT CAST(a AS date array), CAST(a AS row(x int) array), CAST(a AS timestamp with time zone array)
SELECT CAST(a AS "Quoted"), CAST(a AS "Quoted"(5))
CREATE TABLE t (a bigint, b varchar(10) NOT NULL, c array(row(x int, y map(varchar, double))), d timestamp with time zone)
CREATE TABLE t (a decimal(38, 10), b char(1), c interval day to second, d double precision)
CREATE TABLE t (date date, time time, timestamp timestamp, year integer, row row(row int), map map(int, int))
-- trino
SELECT CAST(a AS timestamp(3)), CAST(a AS timestamp(p)), CAST(a AS timestamp(6) with time zone), CAST(a AS time(9) without time zone)
SELECT CAST(a AS timestamp without time zone), CAST(a AS time(3) with time zone), CAST(a AS TIME(0))
SELECT CAST(a AS timestamp with /* comment */ time zone), CAST(a AS double -- x
 precision)
SELECT CAST(a AS row(bigint, varchar)), CAST(a AS row(x bigint, varchar, row(int))), CAST(a AS row(date, time, x timestamp(3)))
SELECT CAST(a AS interval year), CAST(a AS interval second), CAST(a AS interval day to day)
SELECT CAST(a AS row(timestamp with time zone, time with time zone)), CAST(a AS row(double precision, x double precision))
CREATE TABLE t (a row(bigint, varchar), b timestamp(9), c.d.e bigint)
-- presto
SELECT CAST(a AS c.s.my_type), CAST(a AS "s"."t"(1)), CAST(a AS array(c.s.t))
SELECT CAST(a AS varchar(10) array), CAST(a AS map(c.s.k, row(x c.s.v)))
-- both
SELECT CAST(a AS row(interval day to second)), CAST(a AS row(interval interval day to second))
