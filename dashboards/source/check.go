package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
		tell(file+" overrides only fields that there are", strictOverrides(text))
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

// strictOverrides reads overrides as if they were the panels' defaults: by themselves they are
// names and values of any kind to the schema.
func strictOverrides(text []byte) error {
	var d map[string]any
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	d["panels"] = overridesAsPanels(d["panels"].([]any))
	changed, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return strict(changed)
}

// overridesAsPanels makes a panel for each override of each panel.
func overridesAsPanels(panels []any) []any {
	made := []any{}
	for _, p := range panels {
		panel := p.(map[string]any)
		if inner, isRow := panel["panels"]; isRow {
			made = append(made, overridesAsPanels(inner.([]any))...)
			continue
		}
		for _, override := range panel["fieldConfig"].(map[string]any)["overrides"].([]any) {
			changed := maps.Clone(panel)
			changed["fieldConfig"] = map[string]any{
				"defaults":  defaultsOf(override.(map[string]any)["properties"].([]any)),
				"overrides": []any{},
			}
			made = append(made, changed)
		}
	}
	return made
}

func defaultsOf(properties []any) map[string]any {
	custom := map[string]any{}
	defaults := map[string]any{"custom": custom}
	for _, p := range properties {
		property := p.(map[string]any)
		if name, isCustom := strings.CutPrefix(property["id"].(string), "custom."); isCustom {
			custom[name] = property["value"]
		} else {
			defaults[property["id"].(string)] = property["value"]
		}
	}
	return defaults
}
