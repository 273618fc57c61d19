// SPDX-License-Identifier: Apache-2.0
// Drives a JDBC driver through every scenario and prints what an application sees, one JSON line a step:
//   {"step": "errors/late", "outcome": ...}
//   java -cp DRIVER.jar:CLASSES Client trino|presto HOST:PORT TAG [scenario...]
// TAG makes table names unique. Outcomes hold no times and no order that SQL does not promise.
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.zip.CRC32;

public class Client
{
    interface Body { Object run() throws Exception; }

    static String dialect, url, tag;
    static Set<String> only;
    static String scenario;

    static boolean trino() { return dialect.equals("trino"); }

    // --- output ---

    static String json(Object v)
    {
        if (v == null || v instanceof Number || v instanceof Boolean) {
            return String.valueOf(v);
        }
        if (v instanceof Map<?, ?> m) {
            StringJoiner out = new StringJoiner(",", "{", "}");
            m.forEach((k, x) -> out.add(json(String.valueOf(k)) + ":" + json(x)));
            return out.toString();
        }
        if (v instanceof Collection<?> c) {
            StringJoiner out = new StringJoiner(",", "[", "]");
            c.forEach(x -> out.add(json(x)));
            return out.toString();
        }
        StringBuilder out = new StringBuilder("\"");
        for (char c : v.toString().toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            }
            else if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", (int) c));
            }
            else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    static void step(String name, Body body)
    {
        Object outcome;
        try {
            outcome = body.run();
        }
        catch (SQLException e) {
            outcome = map("error", e.getMessage() == null ? "" : e.getMessage().lines().findFirst().orElse(""), "code", e.getErrorCode(), "state", String.valueOf(e.getSQLState()),
                    "class", e.getClass().getSimpleName());
        }
        catch (Throwable e) {
            outcome = map("error", String.valueOf(e.getMessage()), "class", e.getClass().getName());
        }
        System.out.println("{\"step\":" + json(scenario + "/" + name) + ",\"outcome\":" + json(outcome) + "}");
    }

    static Map<String, Object> map(Object... kv)
    {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < kv.length; i += 2) {
            m.put((String) kv[i], kv[i + 1]);
        }
        return m;
    }

    static void scenario(String name, Body body)
    {
        if (!only.isEmpty() && !only.contains(name)) {
            return;
        }
        scenario = name;
        long begin = System.nanoTime();
        step("end", () -> {
            body.run();
            return "ok";
        });
        System.err.printf("%-12s %5d ms%n", name, (System.nanoTime() - begin) / 1_000_000);
    }

    // --- values ---

    static String text(Object v) throws SQLException
    {
        if (v == null) {
            return null;
        }
        if (v instanceof byte[] b) {
            return "0x" + HexFormat.of().formatHex(b);
        }
        if (v instanceof java.sql.Array a) {
            return text(a.getArray());
        }
        if (v instanceof Object[] a) {
            StringJoiner out = new StringJoiner(", ", "[", "]");
            for (Object x : a) {
                out.add(String.valueOf(text(x)));
            }
            return out.toString();
        }
        if (v instanceof Collection<?> c) {
            return text(c.toArray());
        }
        if (v instanceof Map<?, ?> m) {
            TreeMap<String, String> sorted = new TreeMap<>();
            for (Map.Entry<?, ?> e : m.entrySet()) {
                sorted.put(String.valueOf(text(e.getKey())), text(e.getValue()));
            }
            return sorted.toString();
        }
        if (v.getClass().getSimpleName().equals("Row")) {       // io.trino.jdbc.Row; not every driver has it
            try {
                List<String> fields = new ArrayList<>();
                for (Object field : (Collection<?>) v.getClass().getMethod("getFields").invoke(v)) {
                    fields.add(field.getClass().getMethod("getName").invoke(field) + "=" + text(field.getClass().getMethod("getValue").invoke(field)));
                }
                return fields.toString();
            }
            catch (ReflectiveOperationException e) {
                return "!" + e;
            }
        }
        return v.toString();
    }

    static Object value(ResultSet rs, int i)
    {
        String object, kind = "null", string;
        try {
            Object v = rs.getObject(i);
            object = text(v);
            kind = v == null ? "null" : v.getClass().getSimpleName();
        }
        catch (SQLException | RuntimeException e) {
            object = "!" + e.getMessage();
        }
        try {
            string = rs.getObject(i) instanceof byte[] || rs.getObject(i) instanceof java.sql.Array ? null : rs.getString(i);
            string = string == null ? null : string.replaceAll("\\[([BC]|Ljava[^;]*;)@[0-9a-f]+", "[$1@");        // addresses of arrays
        }
        catch (SQLException | RuntimeException e) {
            string = "!" + e.getMessage();
        }
        return object != null && object.equals(string) ? List.of(kind, object) : Arrays.asList(kind, object, string);
    }

    static List<Object> columns(ResultSetMetaData m) throws SQLException
    {
        List<Object> out = new ArrayList<>();
        for (int i = 1; i <= m.getColumnCount(); i++) {
            out.add(map("name", m.getColumnName(i), "label", m.getColumnLabel(i), "type", m.getColumnTypeName(i), "sql", m.getColumnType(i), "class", m.getColumnClassName(i),
                    "precision", m.getPrecision(i), "scale", m.getScale(i), "size", m.getColumnDisplaySize(i), "signed", m.isSigned(i)));
        }
        return out;
    }

    static Object all(ResultSet rs) throws SQLException
    {
        List<Object> rows = new ArrayList<>();
        List<Object> columns = columns(rs.getMetaData());
        while (rs.next()) {
            List<Object> row = new ArrayList<>();
            for (int i = 1; i <= columns.size(); i++) {
                row.add(value(rs, i));
            }
            rows.add(row);
        }
        return map("columns", columns, "rows", rows);
    }

    // An order-independent checksum of all rows.
    static Object checksum(ResultSet rs) throws SQLException
    {
        long sum = 0, count = 0;
        int n = rs.getMetaData().getColumnCount();
        CRC32 crc = new CRC32();
        while (rs.next()) {
            StringBuilder row = new StringBuilder();
            for (int i = 1; i <= n; i++) {
                row.append(rs.getString(i)).append('|');
            }
            crc.reset();
            crc.update(row.toString().getBytes(StandardCharsets.UTF_8));
            sum += crc.getValue();
            count++;
        }
        return map("count", count, "checksum", sum);
    }

    static Connection open(String path, String... properties) throws SQLException
    {
        Properties p = new Properties();
        p.setProperty("user", "alice");
        for (int i = 0; i < properties.length; i += 2) {
            p.setProperty(properties[i], properties[i + 1]);
        }
        return DriverManager.getConnection(url + path, p);
    }

    static Object query(Connection c, String sql) throws SQLException
    {
        try (Statement s = c.createStatement(); ResultSet rs = s.executeQuery(sql)) {
            return all(rs);
        }
    }

    static Object execute(Connection c, String sql) throws SQLException
    {
        try (Statement s = c.createStatement()) {
            if (s.execute(sql)) {
                return all(s.getResultSet());
            }
            return map("updated", s.getLargeUpdateCount());
        }
    }

    static void statements(Connection c, String... sqls)
    {
        for (String sql : sqls) {
            step(sql, () -> execute(c, sql));
        }
    }

    // --- scenarios ---

    static Object connect() throws Exception
    {
        try (Connection c = open("tpch/tiny")) {
            step("valid", () -> c.isValid(10));
            step("session", () -> List.of(c.getCatalog(), c.getSchema(), c.getAutoCommit(), c.isReadOnly(), c.getTransactionIsolation()));
            step("product", () -> List.of(c.getMetaData().getDatabaseProductName(), c.getMetaData().getDatabaseProductVersion()));
            step("user", () -> c.getMetaData().getUserName());
            step("simple", () -> query(c, "SELECT 1 AS one, 'ä€😀' AS two, count(*) AS three FROM nation"));
        }
        step("validated", () -> {
            try (Connection c = open("tpch/tiny?validateConnection=true")) {
                return c.isValid(10);
            }
        });
        step("uncompressed", () -> {
            try (Connection c = open("tpch/tiny?disableCompression=true")) {
                return query(c, "SELECT name FROM nation ORDER BY 1");
            }
        });
        if (!trino()) {
            step("validateNextUriSource", () -> {
                try (Connection c = open("tpch/tiny?validateNextUriSource=true")) {
                    return query(c, "SELECT name FROM nation ORDER BY 1");
                }
            });
        }
        return null;
    }

    static Object metadata() throws Exception
    {
        try (Connection c = open("tpch/tiny")) {
            DatabaseMetaData m = c.getMetaData();
            step("getCatalogs", () -> all(m.getCatalogs()));
            step("getSchemas tpch", () -> all(m.getSchemas("tpch", null)));
            step("getSchemas pattern", () -> all(m.getSchemas("tpch", "t_n%")));
            step("getSchemas empty", () -> all(m.getSchemas("", "")));
            step("getTableTypes", () -> all(m.getTableTypes()));
            step("getTables", () -> all(m.getTables("tpch", "tiny", null, null)));
            step("getTables pattern", () -> all(m.getTables("tpch", "tiny", "o%", new String[] {"TABLE", "VIEW"})));
            step("getTables escape", () -> all(m.getTables("tpch", "tiny", "a_b\\_c", new String[] {})));
            step("getColumns", () -> all(m.getColumns("tpch", "tiny", "orders", null)));
            step("getColumns pattern", () -> all(m.getColumns("tpch", "tiny", "orders", "order%")));
            step("getTypeInfo", () -> all(m.getTypeInfo()));
            step("getProcedures", () -> all(m.getProcedures(null, null, null)));
            step("getUDTs", () -> all(m.getUDTs(null, null, null, null)));
            step("getSuperTypes", () -> all(m.getSuperTypes(null, null, null)));
            step("getAttributes", () -> all(m.getAttributes(null, null, null, null)));
            step("getPrimaryKeys", () -> all(m.getPrimaryKeys("tpch", "tiny", "orders")));
            step("getImportedKeys", () -> all(m.getImportedKeys("tpch", "tiny", "orders")));
            step("getIndexInfo", () -> all(m.getIndexInfo("tpch", "tiny", "orders", false, true)));
            step("getPseudoColumns", () -> all(m.getPseudoColumns(null, null, null, null)));
            step("getClientInfoProperties", () -> all(m.getClientInfoProperties()));
        }
        return null;
    }

    static Object read() throws Exception
    {
        String sql = "SELECT k, orderkey, linenumber, quantity, extendedprice, shipdate, comment FROM tpch.tiny.lineitem CROSS JOIN (VALUES 1, 2) AS t(k)";
        try (Connection c = open("tpch/sf1")) {
            step("120350 rows", () -> {
                try (Statement s = c.createStatement(); ResultSet rs = s.executeQuery(sql)) {
                    return checksum(rs);
                }
            });
            step("none", () -> query(c, "SELECT * FROM nation WHERE nationkey < 0"));
            step("max rows", () -> {
                try (Statement s = c.createStatement()) {
                    s.setMaxRows(5);
                    ResultSet rs = s.executeQuery("SELECT nationkey FROM nation ORDER BY nationkey");
                    return all(rs);
                }
            });
            step("two at once", () -> {
                try (Statement a = c.createStatement(); Statement b = c.createStatement()) {
                    ResultSet ra = a.executeQuery("SELECT * FROM tpch.sf1.customer WHERE custkey <= 20000 ORDER BY custkey");
                    ra.next();
                    Object first = all(b.executeQuery("SELECT * FROM region ORDER BY 1"));
                    return List.of(first, checksum(ra));
                }
            });
        }
        return null;
    }

    static final String TYPES = "true AS c_boolean, tinyint '-128' AS c_tinyint, smallint '-32768' AS c_smallint, integer '-2147483648' AS c_integer, "
            + "bigint '9223372036854775807' AS c_bigint, bigint '-9223372036854775808' AS c_bigint_min, real '1.5' AS c_real, real '3.4028235E38' AS c_real_max, double '1' AS c_double_whole, double '1.0E-10' AS c_double, "
            + "double '1.7976931348623157E308' AS c_double_max, nan() AS c_nan, infinity() AS c_inf, -infinity() AS c_ninf, double '-0.0' AS c_negzero, "
            + "decimal '123.4500' AS c_decimal, decimal '12345678901234567890123456789012345678' AS c_decimal38, decimal '-0.01' AS c_decimal_neg, "
            + "CAST('häß😀 \"q\" \\ \u0001' AS varchar) AS c_varchar, CAST('abc' AS varchar(10)) AS c_varchar10, CAST('ab' AS char(5)) AS c_char5, '' AS c_empty, "
            + "X'00017FFF' AS c_varbinary, X'' AS c_varbinary_empty, json '{\"a\": [1, 2.50, null]}' AS c_json, date '2024-02-29' AS c_date, date '-0001-01-01' AS c_date_bc, "
            + "time '01:02:03.456' AS c_time, time '01:02:03.456 +05:30' AS c_time_tz, "
            + "timestamp '2024-02-29 01:02:03.456' AS c_ts, timestamp '2024-02-29 01:02:03.456 America/New_York' AS c_ts_tz, timestamp '2024-02-29 01:02:03.456 +05:30' AS c_ts_tzo, "
            + "interval '3' year AS c_int_ym, interval '-1' month AS c_int_ym_neg, interval '2' day AS c_int_ds, interval '-1' second AS c_int_ds_neg, "
            + "uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59' AS c_uuid, ipaddress '10.0.0.1' AS c_ip4, ipaddress '2001:db8::1' AS c_ip6, "
            + "ARRAY[1, null, 3] AS c_array, ARRAY[ARRAY['a', null], ARRAY[]] AS c_array2, CAST(ARRAY[] AS array(bigint)) AS c_array0, MAP(ARRAY['k1', 'k2'], ARRAY[1, null]) AS c_map, "
            + "MAP(ARRAY[1, 2], ARRAY[double '1', nan()]) AS c_map_int, MAP(ARRAY[timestamp '2024-01-01 00:00:00'], ARRAY[date '2024-01-01']) AS c_map_ts, "
            + "MAP(ARRAY[true], ARRAY[ARRAY[decimal '1.10']]) AS c_map_bool, "
            + "CAST(ROW(1, 'x', null) AS ROW(a integer, b varchar, c date)) AS c_row, ROW(1, 2.5) AS c_row_anon, "
            + "CAST(ROW(ROW(decimal '1.50', timestamp '2024-02-29 01:02:03.456'), ARRAY[X'00ff']) AS ROW(\"In Ner\" ROW(d decimal(3,2), t timestamp), bins array(varbinary))) AS c_nested, "
            + "ARRAY[CAST(ROW(MAP(ARRAY['x'], ARRAY[ARRAY[real '1.5', null]]), 'y\"z') AS ROW(m map(varchar, array(real)), s varchar))] AS c_deep, "
            + "null AS c_unknown";
    static final String TYPES_TRINO = ", timestamp '2024-02-29 01:02:03' AS c_ts0, timestamp '2024-02-29 01:02:03.123456' AS c_ts6, timestamp '2024-02-29 01:02:03.123456789012' AS c_ts12, "
            + "time '01:02:03' AS c_time0, time '01:02:03.123456789012' AS c_time12, timestamp '2024-02-29 01:02:03.123456 UTC' AS c_ts6_tz, "
            + "ARRAY[timestamp '2024-02-29 01:02:03.123456'] AS c_ts6_array";
    static final String TYPES_PRESTO = ", ipprefix '10.0.0.0/8' AS c_ipprefix";

    // Which literals the server takes is asked, not told: a Trino driver may have Presto behind it.
    static Object types() throws Exception
    {
        try (Connection c = open("tpch/tiny")) {
            step("common", () -> query(c, "SELECT " + TYPES));
            step("trino", () -> query(c, "SELECT " + TYPES_TRINO.substring(2)));
            step("presto", () -> query(c, "SELECT " + TYPES_PRESTO.substring(2)));
            step("nulls", () -> query(c, "SELECT CAST(null AS boolean) b, CAST(null AS bigint) i, CAST(null AS double) d, CAST(null AS decimal(10,2)) e, CAST(null AS varchar) v, CAST(null AS varbinary) y, "
                    + "CAST(null AS date) f, CAST(null AS timestamp) t, CAST(null AS array(integer)) a, CAST(null AS map(varchar, integer)) m, CAST(null AS row(x integer)) r"));
            step("names", () -> query(c, "SELECT NATIONKEY, nationkey AS \"Odd Name\", 1, 2, name AS \"ä\", name AS n, name AS n FROM nation WHERE nationkey = 1"));
            step("sketches", () -> query(c, "SELECT typeof(approx_set(1)), typeof(qdigest_agg(bigint '1')), typeof(tdigest_agg(double '1'))"));
            step("many rows of nested values", () -> query(c, "SELECT n, ARRAY[n, null, n * 2] a, MAP(ARRAY[n], ARRAY[CAST(ROW(n, CAST(n AS varchar)) AS ROW(x bigint, y varchar))]) m FROM UNNEST(sequence(1, 300)) AS t(n) ORDER BY 1"));
        }
        return null;
    }

    static Object prepared() throws Exception
    {
        try (Connection c = open("tpch/tiny")) {
            step("twice", () -> {
                try (PreparedStatement s = c.prepareStatement("SELECT ? AS a, name FROM nation WHERE nationkey > ? AND name <> ? ORDER BY 2")) {
                    s.setInt(1, 7);
                    s.setLong(2, 20);
                    s.setString(3, "it's 50% café");
                    Object first = all(s.executeQuery());
                    s.setInt(1, 8);
                    return List.of(first, all(s.executeQuery()));
                }
            });
            step("parameter types", () -> {
                try (PreparedStatement s = c.prepareStatement("SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?")) {
                    s.setBoolean(1, true);
                    s.setByte(2, (byte) 1);
                    s.setShort(3, (short) 2);
                    s.setLong(4, 1L << 40);
                    s.setFloat(5, 1.5f);
                    s.setDouble(6, 1e-7);
                    s.setBigDecimal(7, new BigDecimal("123.4500"));
                    s.setString(8, "x'y\nz");
                    s.setBytes(9, new byte[] {0, 1, (byte) 0xff});
                    s.setDate(10, java.sql.Date.valueOf("2024-02-29"));
                    s.setTime(11, Time.valueOf("01:02:03"));
                    s.setTimestamp(12, Timestamp.valueOf("2024-02-29 01:02:03.456"));
                    s.setNull(13, Types.VARCHAR);
                    return all(s.executeQuery());
                }
            });
            step("metadata", () -> {
                try (PreparedStatement s = c.prepareStatement("SELECT name, nationkey FROM nation WHERE nationkey = ?")) {
                    return List.of(columns(s.getMetaData()), s.getParameterMetaData().getParameterCount());
                }
            });
            step("long text", () -> {
                StringJoiner list = new StringJoiner(", ");
                for (int i = 0; i < 400; i++) {
                    list.add("'value " + i + "'");
                }
                try (PreparedStatement s = c.prepareStatement("SELECT ? WHERE 'value 7' IN (" + list + ")")) {
                    s.setInt(1, 1);
                    return all(s.executeQuery());
                }
            });
            step("wrong", () -> {
                try (PreparedStatement s = c.prepareStatement("SELEC ?")) {
                    s.setInt(1, 1);
                    return all(s.executeQuery());
                }
            });
            statements(c, "PREPARE p1 FROM SELECT ? + 1 AS x", "EXECUTE p1 USING 41", "DESCRIBE INPUT p1", "DESCRIBE OUTPUT p1", "DEALLOCATE PREPARE p1", "EXECUTE p1 USING 1");
        }
        if (trino()) {
            step("immediate", () -> {
                try (Connection c = open("tpch/tiny?explicitPrepare=false"); PreparedStatement s = c.prepareStatement("SELECT ? AS a, ? AS b, name FROM nation WHERE nationkey = ?")) {
                    s.setString(1, "it's");
                    s.setLong(2, 5);
                    s.setInt(3, 3);
                    return all(s.executeQuery());
                }
            });
        }
        return null;
    }

    static Object dml() throws Exception
    {
        String t = "memory.default.t_" + tag;
        try (Connection c = open("memory/default")) {
            statements(c, "CREATE TABLE " + t + " (a integer, b varchar)", "INSERT INTO " + t + " VALUES (1, 'x'), (2, 'y')", "SELECT * FROM " + t + " ORDER BY a");
            step("batch", () -> {
                try (PreparedStatement s = c.prepareStatement("INSERT INTO " + t + " VALUES (?, ?)")) {
                    for (int i = 10; i < 13; i++) {
                        s.setInt(1, i);
                        s.setString(2, "b" + i);
                        s.addBatch();
                    }
                    return Arrays.stream(s.executeBatch()).boxed().toList();
                }
            });
            step("executeUpdate", () -> {
                try (Statement s = c.createStatement()) {
                    return s.executeUpdate("INSERT INTO " + t + " SELECT 20, 'z'");
                }
            });
            statements(c, "SELECT count(*), sum(a) FROM " + t, "CREATE TABLE " + t + "_2 AS SELECT * FROM tpch.tiny.nation", "SELECT count(*) FROM " + t + "_2", "CREATE TABLE " + t + " (a integer)",
                    "CREATE VIEW " + t + "_v AS SELECT a FROM " + t, "SELECT count(*) FROM " + t + "_v", "DROP VIEW " + t + "_v", "DROP TABLE " + t + "_2", "DROP TABLE " + t, "DROP TABLE " + t, "SHOW SCHEMAS FROM tpch LIKE 't%'",
                    "DESCRIBE tpch.tiny.region", "SHOW COLUMNS FROM tpch.tiny.nation", "SHOW TABLES FROM tpch.tiny", "SHOW CREATE TABLE tpch.tiny.region", "EXPLAIN (TYPE VALIDATE) SELECT 1");
        }
        return null;
    }

    static Object transaction() throws Exception
    {
        try (Connection c = open("tpch/tiny")) {
            c.setAutoCommit(false);
            step("read", () -> query(c, "SELECT count(*) FROM nation"));
            step("read again", () -> query(c, "SELECT count(*) FROM region"));
            step("commit", () -> {
                c.commit();
                return "ok";
            });
            step("read after commit", () -> query(c, "SELECT 2"));
            step("failure", () -> query(c, "SELECT * FROM nope"));
            step("after failure", () -> query(c, "SELECT 3"));
            step("rollback", () -> {
                c.rollback();
                return "ok";
            });
            step("after rollback", () -> query(c, "SELECT 4"));
            step("autocommit", () -> {
                c.setAutoCommit(true);
                return query(c, "SELECT 5");
            });
            statements(c, "START TRANSACTION READ ONLY", "SELECT 6", "COMMIT", "COMMIT", "START TRANSACTION", "ROLLBACK");
        }
        return null;
    }

    static Object cancel() throws Exception
    {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try (Connection c = open("tpch/sf100")) {
            step("cancel", () -> {
                try (Statement s = c.createStatement()) {
                    timer.schedule(() -> {
                        s.cancel();
                        return null;
                    }, 2, TimeUnit.SECONDS);
                    try (ResultSet rs = s.executeQuery("SELECT count(*), sum(length(comment)) FROM lineitem")) {
                        return all(rs);
                    }
                    catch (SQLException e) {
                        return "ended";
                    }
                }
            });
            step("next statement", () -> query(c, "SELECT 1"));
            step("close midway", () -> {
                long key;
                try (Statement s = c.createStatement(); ResultSet rs = s.executeQuery("SELECT 1 FROM tpch.sf10.orders")) {
                    rs.next();
                    key = rs.getLong(1);
                }
                return key;
            });
            step("after close", () -> query(c, "SELECT 2"));
            step("timeout", () -> {
                try (Statement s = c.createStatement()) {
                    s.setQueryTimeout(2);
                    return all(s.executeQuery("SELECT count(*), sum(length(comment)) FROM lineitem"));
                }
            });
        }
        finally {
            timer.shutdownNow();
        }
        return null;
    }

    static Object errors() throws Exception
    {
        try (Connection c = open("tpch/tiny")) {
            statements(c, "SELEC 1", "SELECT nope FROM nation", "SELECT * FROM nope", "SELECT * FROM tpch.nope.nation", "SELECT * FROM nope.tiny.nation", "SELECT nope(1)", "SELECT 'a' + 1", "SELECT CAST('a' AS integer)",
                    "SELECT nationkey / 0 FROM nation", "SELECT regionkey, count(*) FROM nation", "SET SESSION nope = 1", "SELECT DATE '2024-13-01'", "CALL system.runtime.nope()", "SELECT", "SELECT 1;");
            step("late", () -> {
                try (Statement s = c.createStatement(); ResultSet rs = s.executeQuery("SELECT k, 1 / (orderkey + k - 60002) FROM tpch.tiny.lineitem CROSS JOIN (VALUES 1, 2, 3) AS t(k)")) {
                    long rows = 0;
                    try {
                        while (rs.next()) {
                            rows++;
                        }
                    }
                    catch (SQLException e) {
                        return map("rows", rows > 180000 ? "too many" : "some", "code", e.getErrorCode(), "error", e.getMessage());
                    }
                    return map("rows", rows);
                }
            });
            step("after", () -> query(c, "SELECT 1"));
        }
        return null;
    }

    static Object session() throws Exception
    {
        try (Connection c = open("tpch/tiny")) {
            String now = "SELECT count(*) FROM customer";
            statements(c, now, "USE tpch.sf1", now, "USE nope.nope", "USE tpch.nope", "USE tpch.tiny", "SET SESSION query_max_run_time = '11m'", "SHOW SESSION LIKE 'query_max_run_time'", "RESET SESSION query_max_run_time",
                    "SHOW SESSION LIKE 'query_max_run_time'", "SET ROLE ALL", "SET ROLE NONE", "SELECT current_timezone()", "SELECT current_user", "SET SESSION tpch.splits_per_node = 2", "SELECT 7");
            step("setSchema", () -> {
                c.setSchema("sf1");
                return query(c, now);
            });
            step("setCatalog", () -> {
                c.setCatalog("system");
                c.setSchema("jdbc");
                return query(c, "SELECT count(*) FROM table_types");
            });
        }
        try (Connection c = open("tpch/tiny")) {
            statements(c, "SET TIME ZONE '+02:00'", "SELECT current_timezone()", "SELECT CAST(from_unixtime(0) AS varchar)", "SET TIME ZONE LOCAL", "SELECT current_timezone()");
        }
        step("properties", () -> {
            try (Connection c = trino() ? open("tpch/tiny", "sessionProperties", "query_max_run_time:12m", "clientTags", "a,b", "source", "tests") : open("tpch/tiny", "sessionProperties", "query_max_run_time:12m", "clientTags", "a,b", "applicationNamePrefix", "pre-")) {
                return query(c, "SHOW SESSION LIKE 'query_max_run_time'");
            }
        });
        step("credentials", () -> {
            try (Connection c = open("tpch/tiny", "extraCredentials", "token:abc123")) {
                return query(c, "SELECT 1");
            }
        });
        if (trino()) {
            try (Connection c = open("tpch/tiny")) {
                statements(c, "SET PATH tpch.tiny", "SELECT current_path", "SET SESSION AUTHORIZATION bob", "SELECT current_user", "RESET SESSION AUTHORIZATION", "SELECT current_user");
            }
        }
        return null;
    }

    public static void main(String[] args) throws Exception
    {
        dialect = args[0];
        url = "jdbc:" + dialect + "://" + args[1] + "/";
        tag = args[2];
        only = new HashSet<>(Arrays.asList(args).subList(3, args.length));
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        Locale.setDefault(Locale.US);
        scenario("connect", Client::connect);
        scenario("metadata", Client::metadata);
        scenario("read", Client::read);
        scenario("types", Client::types);
        scenario("prepared", Client::prepared);
        scenario("dml", Client::dml);
        scenario("transaction", Client::transaction);
        scenario("cancel", Client::cancel);
        scenario("errors", Client::errors);
        scenario("session", Client::session);
        System.exit(0);
    }
}
