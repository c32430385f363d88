// Writes the dashboards as JSON, or checks those that are there: docs/dashboards.md.
//
//	go run . DIR         writes DIR/*.json
//	go run . -check DIR  one line per check, `ok WHAT` or `FAILED WHAT: WHY`; exit 1 if one failed
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The file of each dashboard. Their uids are what alerts and runbooks link to: they never change.
var boards = map[string]func() board{
	"overview": overview,
	"group":    group,
	"redis":    redis,
	"kafka":    kafka,
	"agent":    agent,
}

func asJSON(d dashboard.Dashboard) ([]byte, error) {
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}

func write(dir string) error {
	for name, source := range boards {
		text, err := asJSON(source().build())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".json"), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	arguments := os.Args[1:]
	check := len(arguments) == 2 && arguments[0] == "-check"
	switch {
	case check:
		if !checkAll(arguments[1]) {
			os.Exit(1)
		}
	case len(arguments) == 1 && arguments[0][0] != '-':
		if err := write(arguments[0]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: go run . [-check] DIR")
		os.Exit(2)
	}
}
