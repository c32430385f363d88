package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// A column is a label, or a figure with the expression that gives it for every row.
type column struct {
	title    string
	label    string // the label that the column shows
	expr     string // or where its figure comes from
	unit     string
	empty    string
	width    float64
	steps    []dashboard.Threshold
	mappings []dashboard.ValueMapping
	link     *link
	hidden   bool // for sorting alone
}

type link struct{ title, url string }

// A listing is a table: its rows are what its expressions have in common.
type listing struct {
	panel
	columns []column
	sortBy  string // title of the column
	upwards bool   // smallest first
}

func (l listing) queries() []query {
	var all []query
	for _, c := range l.columns {
		if c.expr != "" {
			all = append(all, query{expr: c.expr})
		}
	}
	return all
}

// fields are the columns' names in what Prometheus answers.
func (l listing) fields() map[string]string {
	names, number := map[string]string{}, 0
	for _, c := range l.columns {
		if c.label != "" {
			names[c.title] = c.label
			continue
		}
		names[c.title] = "Value #" + refID(number)
		number++
	}
	// Where there is one query, Grafana does not number its figure.
	if number == 1 {
		for title, name := range names {
			if name == "Value #A" {
				names[title] = "Value"
			}
		}
	}
	return names
}

// The rows are sorted before columns that are only for sorting are taken out.
func (l listing) transformations() []dashboard.DataTransformerConfig {
	names := l.fields()
	rename, order, exclude := map[string]string{}, map[string]int{}, map[string]bool{"Time": true}
	for position, c := range l.columns {
		name := names[c.title]
		order[name] = position
		if c.hidden {
			exclude[name] = true
		} else {
			rename[name] = c.title
		}
	}
	return []dashboard.DataTransformerConfig{
		{Id: "merge", Options: map[string]any{}},
		{Id: "sortBy", Options: map[string]any{"fields": map[string]any{}, "sort": []any{
			map[string]any{"field": names[l.sortBy], "desc": !l.upwards}}}},
		{Id: "organize", Options: map[string]any{
			"excludeByName": exclude, "indexByName": order, "renameByName": rename}},
	}
}

func (c column) properties() []dashboard.DynamicConfigValue {
	var all []dashboard.DynamicConfigValue
	set := func(id string, value any) {
		all = append(all, dashboard.DynamicConfigValue{Id: id, Value: value})
	}
	if c.label != "" {
		set("unit", "string") // a name like 12345 is no number
	} else if c.unit != "" {
		set("unit", c.unit)
	}
	if c.expr != "" {
		set("noValue", orUnknown(c.empty))
	}
	if c.width > 0 {
		set("custom.width", c.width)
	}
	if c.mappings != nil {
		set("mappings", c.mappings)
	}
	if c.steps != nil {
		set("thresholds", dashboard.ThresholdsConfig{
			Mode: dashboard.ThresholdsModeAbsolute, Steps: c.steps})
		set("color", dashboard.FieldColor{Mode: dashboard.FieldColorModeIdThresholds})
	}
	if c.steps != nil || c.mappings != nil {
		set("custom.cellOptions", map[string]string{"type": "color-text"})
	}
	if c.link != nil {
		set("links", []map[string]string{{"title": c.link.title, "url": c.link.url}})
	}
	return all
}

func (l listing) build() dashboard.Panel {
	options := table.Options{ShowHeader: true, CellHeight: ptr(common.TableCellHeightSm)}
	custom := common.TableFieldOptions{Align: common.FieldTextAlignmentAuto, Filterable: ptr(true)}
	made := l.as("table", options, custom, dashboard.FieldColorModeIdThresholds, true)
	made.Targets = targets(l.queries(), true, prometheus.PromQueryFormatTable)
	made.Transformations = l.transformations()
	for _, c := range l.columns {
		if properties := c.properties(); properties != nil && !c.hidden {
			made.FieldConfig.Overrides = append(made.FieldConfig.Overrides,
				dashboard.DashboardFieldConfigSourceOverrides{
					Matcher:    dashboard.MatcherConfig{Id: "byName", Options: c.title},
					Properties: properties})
		}
	}
	return made
}

// Columns that most tables have. Links take the row's own labels along, written so that any name
// fits into an address.
func cell(title string) string { return fmt.Sprintf(`${__data.fields["%s"]:percentencode}`, title) }

func linkTo(title, uid string, variables ...string) *link {
	url := "/d/" + uid + "?${datasource:queryparam}"
	for _, v := range variables {
		url += "&var-" + v + "=" + cell(columnTitle[v])
	}
	return &link{title, url + "&${__url_time_range}"}
}

// linkToGroups leads from a stream to its groups.
func linkToGroups(system string) *link {
	return &link{"Groups", "/d/streamgauge-overview?${datasource:queryparam}&var-system=" + system +
		"&var-target=" + cell("Target") + "&var-stream=" + cell("Stream") + "&${__url_time_range}"}
}

// linkToStream leads to the dashboard of the row's system.
func linkToStream() *link {
	return &link{"Stream", "/d/streamgauge-" + cell("System") + "?${datasource:queryparam}&var-target=" +
		cell("Target") + "&var-stream=" + cell("Stream") + "&${__url_time_range}"}
}

var columnTitle = map[string]string{
	"system": "System", "target": "Target", "stream": "Stream", "group": "Group",
	"partition": "Partition", "instance": "Agent", "cluster": "Cluster", "job": "Job",
	"version": "Version", "revision": "Revision", "mode": "Mode"}

func labelColumn(label string, to *link) column {
	return column{title: columnTitle[label], label: label, link: to}
}

// unshown is a label that is the same in all rows.
func unshown(label string) column {
	return column{title: columnTitle[label], label: label, hidden: true}
}
