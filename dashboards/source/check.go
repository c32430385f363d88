package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// checkAll prints what it checked and tells whether all of it is right.
func checkAll(dir string) bool {
	plugins.RegisterDefaultPlugins()
	right := true
	tell := func(what string, wrong error) {
		if wrong == nil {
			fmt.Println("ok", what)
			return
		}
		right = false
		fmt.Printf("FAILED %s: %s\n", what, strings.Join(strings.Fields(wrong.Error()), " "))
	}

	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		tell("the folder", err)
	}
	for _, path := range files {
		file := filepath.Base(path)
		text, err := os.ReadFile(path)
		if err != nil {
			tell(file, err)
			continue
		}
		tell(file+" is what its source says", sameAsSource(strings.TrimSuffix(file, ".json"), text))
		tell(file+" has no field that Grafana does not know", strict(text))
	}
	for name := range boards {
		_, err := os.Stat(filepath.Join(dir, name+".json"))
		tell(name+".json is there", err)
	}
	return right
}

func sameAsSource(name string, text []byte) error {
	source, known := boards[name]
	if !known {
		return errors.New("no source makes it")
	}
	fresh, err := asJSON(source().build())
	if err == nil && !bytes.Equal(fresh, text) {
		err = errors.New("they differ: tests/dashboards/run.sh --update writes it anew")
	}
	return err
}

// strict reads with Grafana's own schema. What it misses ("required field is missing") are fields
// that Grafana itself fills in: these are not told.
func strict(text []byte) error {
	var d dashboard.Dashboard
	wrong := withoutMissing(d.UnmarshalJSONStrict(text))
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	return errors.Join(wrong, withoutMissing(d.Validate()))
}

func withoutMissing(err error) error {
	var all cog.BuildErrors
	if !errors.As(err, &all) {
		return err
	}
	var kept error
	for _, one := range all {
		if !strings.Contains(one.Error(), "required field is missing") {
			kept = errors.Join(kept, one)
		}
	}
	return kept
}
