// SPDX-License-Identifier: Apache-2.0
// Oracle: the parser of a real Trino or Presto coordinator as a filter.
//
// Reads one JSON string a line (a statement), writes one JSON object a line:
//     {"ok":true}
//     {"line":1,"column":8,"message":"mismatched input ..."}     refused by the parser
//     {"crash":"java.lang....: ..."}                             the parser itself broke
// Both parsers are reached by reflection, so that one class file serves both and no compiler as new as
// Trino's is needed. They are made as the coordinators make them: Presto's with no extra identifier
// symbols, the enhanced error handler and decimal literals as DECIMAL; Trino's has no choices left.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;

public final class Oracle {
    private interface Parser {
        void parse(String sql) throws ReflectiveOperationException;
    }

    private static Parser trino() throws ReflectiveOperationException {
        Object parser = Class.forName("io.trino.sql.parser.SqlParser").getConstructor().newInstance();
        Method create = parser.getClass().getMethod("createStatement", String.class);
        return sql -> create.invoke(parser, sql);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Parser presto() throws ReflectiveOperationException {
        String home = "com.facebook.presto.sql.parser.";
        Object parser = Class.forName(home + "SqlParser").getConstructor().newInstance();
        Class treatment = Class.forName(home + "ParsingOptions$DecimalLiteralTreatment");
        Object options = Class.forName(home + "ParsingOptions").getConstructor(treatment)
                .newInstance(Enum.valueOf(treatment, "AS_DECIMAL"));
        Method create = parser.getClass().getMethod("createStatement", String.class, options.getClass());
        return sql -> create.invoke(parser, sql, options);
    }

    private static String verdict(Parser parser, String sql) throws ReflectiveOperationException {
        try {
            parser.parse(sql);
            return "{\"ok\":true}";
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            Class<?> type = cause.getClass();
            if (!type.getSimpleName().equals("ParsingException"))
                return "{\"crash\":" + quote(String.valueOf(cause)) + "}";
            return "{\"line\":" + type.getMethod("getLineNumber").invoke(cause)
                    + ",\"column\":" + type.getMethod("getColumnNumber").invoke(cause)
                    + ",\"message\":" + quote((String) type.getMethod("getErrorMessage").invoke(cause)) + "}";
        }
    }

    // --- as much JSON as strings need

    private static String unquote(String json) {
        StringBuilder out = new StringBuilder();
        json = json.strip();
        if (json.length() < 2 || json.charAt(0) != '"' || json.charAt(json.length() - 1) != '"')
            throw new IllegalArgumentException("not a JSON string: " + json);
        for (int i = 1; i < json.length() - 1; i++) {
            char c = json.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            c = json.charAt(++i);
            int at = "bfnrt".indexOf(c);
            if (c == 'u') {
                out.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
                i += 4;
            } else {
                out.append(at < 0 ? c : "\b\f\n\r\t".charAt(at));
            }
        }
        return out.toString();
    }

    private static String quote(String s) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\')
                out.append('\\').append(c);
            else if (c < ' ' || Character.isSurrogate(c))
                out.append(String.format("\\u%04x", (int) c));
            else
                out.append(c);
        }
        return out.append('"').toString();
    }

    public static void main(String[] args) throws Exception {
        Parser parser = args.length == 1 && args[0].equals("presto") ? presto() : trino();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(verdict(parser, unquote(line)));
            if (!in.ready())
                out.flush();
        }
        out.flush();
    }
}
