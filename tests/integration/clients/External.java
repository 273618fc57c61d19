// SPDX-License-Identifier: Apache-2.0
// Logs in through a browser (the address stands on standard output, then) and prints who it is and how many rows it read.
//   java -cp DRIVER.jar:CLASSES External HOST:PORT CERTIFICATE
import java.sql.*;
import java.util.Properties;

public class External
{
    public static void main(String[] args) throws Exception
    {
        Properties p = new Properties();
        p.setProperty("user", "alice");
        p.setProperty("extraCredentials", "routing:a");
        p.setProperty("SSL", "true");
        p.setProperty("SSLTrustStorePath", args[1]);
        p.setProperty("externalAuthentication", "true");
        p.setProperty("externalAuthenticationRedirectHandlers", "PRINT");
        p.setProperty("externalAuthenticationTokenCache", "MEMORY");
        for (int i = 0; i < 2; i++) {           // the second connection has the first one's token
            try (Connection c = DriverManager.getConnection("jdbc:trino://" + args[0] + "/tpch/tiny", p); Statement s = c.createStatement();
                    ResultSet r = s.executeQuery("SELECT current_user, orderkey FROM orders")) {
                String user = null;
                int rows = 0;
                while (r.next()) {
                    user = r.getString(1);
                    rows++;
                }
                System.out.println("{\"user\": \"" + user + "\", \"rows\": " + rows + "}");
            }
        }
    }
}
