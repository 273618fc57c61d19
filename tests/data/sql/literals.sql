-- Literals in all their forms, comments and blanks between tokens, names in quotes.
-- The lines "-- both", "-- trino" and "-- presto" say which dialects accept what follows; one statement a
-- line, without its ";"; a line that begins with a blank goes on with the one above it.

-- both
SELECT NULL, TRUE, false, True
SELECT 0, 00, 007, 1234567890, 9223372036854775807
SELECT 1.0, 1., .5, 0.0, 123456789012345678901234567890.12345678
SELECT 1e0, 1E5, 1.5e10, 1.e3, .5E-3, 1e+308, 1E-400
SELECT '', 'a', 'it''s', '''', '''''', 'a''b''c'
SELECT 'line
 break', 'tab	tab', '-- no comment', '/* no comment */', 'semi;colon', '"quotes"', '`back`'
SELECT 'ünïcödé', '日本語', '🎉', 'ß', 'é'
SELECT U&'', U&'abc', u&'\0041\00e9', U&'\+01F600', U&'a\\b', U&'it''s'
SELECT U&'!0041' UESCAPE '!', U&'#0041#+00004F' UESCAPE '#', u&'x' uescape '*'
SELECT X'', x'00', X'DEADBEEF', X'de ad be ef', X'65683F'
SELECT DATE '2020-01-01', TIME '10:00:00', TIMESTAMP '2020-01-01 00:00:00 UTC', date'2020-01-01'
SELECT TIME '01:02:03.456 -08:00', TIMESTAMP '2001-08-22 03:04:05.321 America/Los_Angeles'
SELECT DOUBLE PRECISION '1.5', double '1', DECIMAL '10.5', decimal'1', REAL '1.5', BIGINT '7'
SELECT JSON '{}', IPADDRESS '10.0.0.1', char 'a', varchar 'b', boolean 'true', custom_type 'x'
SELECT "Quoted Type" 'x'
SELECT INTERVAL '1' YEAR, INTERVAL '2' MONTH, INTERVAL '3' DAY, INTERVAL '4' HOUR, INTERVAL '5' MINUTE, INTERVAL '6' SECOND
SELECT INTERVAL -'1' YEAR, INTERVAL + '2' DAY, interval - '3' hour
SELECT INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 2:3:4.567' DAY TO SECOND, INTERVAL '1:2' HOUR TO MINUTE
SELECT INTERVAL '1' SECOND TO YEAR
SELECT interval, interval + 1, day, second FROM t
SELECT ARRAY[1, 2.5, 1e3], ROW(1, 'x', NULL, true)
SELECT 1/*comment*/+/* another */2 -- the end
SELECT 1 --
SELECT 1 -- comment at the end, no newline
SELECT a -- comment
 , b -- another
 FROM t -- last
SELECT	1	,	2
SELECT "select", "FROM"."where"."group by" FROM "order"
SELECT "ünï cödé", "日本", "🎉 party" FROM "t$files"
SELECT _a, a_1, _1, a1b2, __ FROM _t
SELECT a.b.c.d.e.f
SELECT 'a' AS "b", "c" AS d
SELECT "a" FROM t "b"
SELECT x'ff' || X'00', xx'ff' FROM t
SELECT 1.5.a
SELECT 1 . a
-- presto
-- trino
SELECT 0xDEADBEEF + 0B1 - 0O7
SELECT -9223372036854775808
-- both
SELECT * FROM t WHERE a = -1 AND b = - 1 AND c = -1.5 AND d = -1e5 AND e = +1
-- presto
SELECT "a", "A b", "a""b", "", """"
-- compared
-- look right, but are refused or not built
SELECT/**/1/***/,/* * */2/*/*/*/
/* before */ SELECT 1 /* after */
  -- a comment first
 SELECT 1
SELECT 1a FROM t AS x
SELECT 9223372036854775808
SELECT 0x1F, 0b1010, 0o17, 0XAB_CD, 0b1111_0000, 1_000_000, 1_000.5, 1_0e1_0
