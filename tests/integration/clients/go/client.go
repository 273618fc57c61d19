// SPDX-License-Identifier: Apache-2.0

// Drives trino-go-client through the scenarios and prints what an application sees, one JSON line a step.
//
//	client HOST:PORT TAG [scenario...]
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"time"

	"github.com/trinodb/trino-go-client/trino"
)

type object = map[string]any

var address, tag = os.Args[1], os.Args[2]
var scenario string

func open(schema, more string) (*sql.DB, error) {
	return sql.Open("trino", "http://alice@"+address+"?catalog=tpch&schema="+schema+more)
}

func text(v any) any {
	switch x := v.(type) {
	case nil, bool, string:
		return x
	case []byte:
		return fmt.Sprintf("0x%x", x)
	case time.Time:
		return x.Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%T:%v", v, v)
}

func collect(rows *sql.Rows) (any, error) {
	defer rows.Close()
	columns := []any{}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		length, _ := t.Length()
		precision, scale, _ := t.DecimalSize()
		columns = append(columns, []any{t.Name(), t.DatabaseTypeName(), t.ScanType().String(), length, precision, scale})
	}
	all := [][]any{}
	for rows.Next() {
		row := make([]any, len(types))
		to := make([]any, len(types))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		for i := range row {
			row[i] = text(row[i])
		}
		all = append(all, row)
	}
	return object{"columns": columns, "rows": all}, rows.Err()
}

type queryer interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

func query(q queryer, statement string, args ...any) (any, error) {
	rows, err := q.QueryContext(context.Background(), statement, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

func step(name string, body func() (any, error)) {
	outcome, err := body()
	if err != nil {
		message := strings.SplitN(err.Error(), "\n", 2)[0]
		if failed, ok := err.(*trino.ErrQueryFailed); ok && failed.Reason != nil {
			message = strings.SplitN(failed.Reason.Error(), "\n", 2)[0]
		}
		outcome = object{"error": message, "class": fmt.Sprintf("%T", err)}
	}
	out, err := json.Marshal(object{"step": scenario + "/" + name, "outcome": outcome})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(out))
}

func statements(q queryer, list ...string) {
	for _, s := range list {
		step(s, func() (any, error) { return query(q, s) })
	}
}

const types = `true AS c_boolean, bigint '9223372036854775807' AS c_bigint, real '1.5' AS c_real, double '1' AS c_double, nan() AS c_nan, decimal '123.4500' AS c_decimal,
 'häß😀' AS c_varchar, CAST('ab' AS char(5)) AS c_char, X'00017FFF' AS c_binary, json '{"a": [1]}' AS c_json, date '2024-02-29' AS c_date, time '01:02:03.456' AS c_time,
 timestamp '2024-02-29 01:02:03.456' AS c_ts, timestamp '2024-02-29 01:02:03.456 America/New_York' AS c_ts_tz, interval '3' year AS c_ym, interval '2' day AS c_ds,
 uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59' AS c_uuid, ipaddress '10.0.0.1' AS c_ip, ARRAY[1, null, 3] AS c_array, MAP(ARRAY['k1', 'k2'], ARRAY[1, null]) AS c_map,
 CAST(ROW(1, 'x', null) AS ROW(a integer, b varchar, c date)) AS c_row`

func read(db *sql.DB) (any, error) {
	rows, err := db.Query("SELECT k, orderkey, linenumber, comment FROM tpch.tiny.lineitem CROSS JOIN (VALUES 1, 2) AS t(k)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	count, sum := 0, uint64(0)
	for rows.Next() {
		var k, key, line int64
		var comment string
		if err := rows.Scan(&k, &key, &line, &comment); err != nil {
			return nil, err
		}
		sum += uint64(crc32.ChecksumIEEE([]byte(fmt.Sprint(k, "|", key, "|", line, "|", comment))))
		count++
	}
	return object{"count": count, "checksum": sum}, rows.Err()
}

// As External.java: ADDRESS external CERTIFICATE. The driver opens the login with xdg-open; a token belongs to one DB.
func external(certificate string) error {
	db, err := sql.Open("trino", "https://alice@"+address+"?catalog=tpch&schema=tiny&extra_credentials=routing:a&externalAuthentication=true&SSLCertPath="+certificate)
	if err != nil {
		return err
	}
	defer db.Close()
	for i := 0; i < 2; i++ {
		rows, err := db.Query("SELECT current_user, orderkey FROM orders")
		if err != nil {
			return err
		}
		count, user := 0, ""
		for rows.Next() {
			var key int64
			if err := rows.Scan(&user, &key); err != nil {
				return err
			}
			count++
		}
		if err := rows.Err(); err != nil {
			return err
		}
		fmt.Printf("{\"user\": %q, \"rows\": %d}\n", user, count)
	}
	return nil
}

func main() {
	if tag == "external" {
		if err := external(os.Args[3]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	db, err := open("tiny", "")
	if err != nil {
		panic(err)
	}
	wanted := map[string]bool{}
	for _, s := range os.Args[3:] {
		wanted[s] = true
	}
	run := func(name string, body func()) {
		if len(wanted) == 0 || wanted[name] {
			scenario = name
			begin := time.Now()
			body()
			fmt.Fprintf(os.Stderr, "%-12s %v\n", name, time.Since(begin))
		}
	}
	run("simple", func() {
		step("ping", func() (any, error) { return "ok", db.Ping() })
		statements(db, "SELECT 1 AS one, 'ä' AS two", "SELECT name, regionkey FROM nation ORDER BY nationkey", "SELECT * FROM nation WHERE nationkey < 0", "SHOW TABLES FROM tpch.tiny")
	})
	run("types", func() { statements(db, "SELECT "+types) })
	run("read", func() { step("120350 rows", func() (any, error) { return read(db) }) })
	run("parameters", func() {
		step("values", func() (any, error) { return query(db, "SELECT ?, ?, name FROM nation WHERE nationkey = ?", 1, "it's", 3) })
		step("immediate", func() (any, error) {
			other, err := open("tiny", "&explicitPrepare=false")
			if err != nil {
				return nil, err
			}
			return query(other, "SELECT ?, name FROM nation WHERE nationkey = ?", "it's", 3)
		})
	})
	run("session", func() {
		c, err := db.Conn(context.Background())
		if err != nil {
			panic(err)
		}
		defer c.Close()
		statements(c, "USE tpch.sf1", "SELECT count(*) FROM customer", "SET SESSION query_max_run_time = '11m'", "SHOW SESSION LIKE 'query_max_run_time'", "USE tpch.tiny", "SELECT count(*) FROM customer")
		step("properties", func() (any, error) {
			other, err := open("tiny", "&session_properties=query_max_run_time:12m&extra_credentials=token:abc")
			if err != nil {
				return nil, err
			}
			return query(other, "SHOW SESSION LIKE 'query_max_run_time'")
		})
	})
	run("cancel", func() {
		step("context", func() (any, error) {
			ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
			defer stop()
			rows, err := db.QueryContext(ctx, "SELECT count(*), sum(length(comment)) FROM tpch.sf100.lineitem")
			if err == nil {
				for rows.Next() {
				}
				err = rows.Err()
				rows.Close()
			}
			return object{"ended": err != nil}, nil
		})
		step("early end", func() (any, error) {
			rows, err := db.Query("SELECT orderkey FROM tpch.sf1.orders")
			if err != nil {
				return nil, err
			}
			found := rows.Next()
			return found, rows.Close()
		})
		statements(db, "SELECT 1")
	})
	run("errors", func() {
		statements(db, "SELEC 1", "SELECT nope FROM nation", "SELECT * FROM nope", "SELECT nationkey / 0 FROM nation", "SELECT CAST('a' AS integer)")
		step("late", func() (any, error) {
			rows, err := db.Query("SELECT k, 1 / (orderkey + k - 60002) FROM tpch.tiny.lineitem CROSS JOIN (VALUES 1, 2, 3) AS t(k)")
			for err == nil && rows.Next() {
			}
			if err == nil {
				err = rows.Err()
			}
			return object{"failed": err != nil}, nil
		})
		statements(db, "SELECT 2")
	})
	run("dml", func() {
		t := "memory.default.t_" + tag
		statements(db, "CREATE TABLE "+t+" (a integer, b varchar)", "INSERT INTO "+t+" VALUES (1, 'x')", "SELECT * FROM "+t)
		step("exec", func() (any, error) {
			r, err := db.Exec("INSERT INTO " + t + " VALUES (2, 'y'), (3, 'z')")
			if err != nil {
				return nil, err
			}
			return r.RowsAffected()
		})
		statements(db, "SELECT count(*) FROM "+t, "DROP TABLE "+t)
	})
}
