package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const (
	messages          = units.Short
	messagesPerSecond = units.MessagesPerSecond
	perSecond         = units.CountsPerSecond
	seconds           = units.Seconds
	share             = units.PercentUnit
	count             = units.Short
	number            = units.NoUnit // as it is: identifiers and offsets
	memory            = units.BytesIEC
	transfer          = units.BytesPerSecondIEC
)

// What every panel must say of itself.
type panel struct {
	title, about  string
	unit          string
	empty         string                // shown where there is no figure; `unknown` unless said
	steps         []dashboard.Threshold // no colours unless said
	mappings      []dashboard.ValueMapping
	width, height uint32
	queries       []query
}

// A query of a panel. A limit is drawn as a dashed red line.
type query struct {
	expr, legend string
	limit        bool
	mappings     []dashboard.ValueMapping // where they differ from the panel's
}

// only is a panel's single query.
func only(expr string) []query { return []query{{expr: expr}} }

// lines is a panel's single query, with a name for each of its series.
func lines(expr, legend string) []query { return []query{{expr: expr, legend: legend}} }

// above colours what reaches a limit; below it, all is well.
func above(limit float64, colour string) []dashboard.Threshold {
	return []dashboard.Threshold{{Color: "green"}, {Value: ptr(limit), Color: colour}}
}

// warnThenBad has two limits.
func warnThenBad(warning, bad float64) []dashboard.Threshold {
	return append(above(warning, "orange"), dashboard.Threshold{Value: ptr(bad), Color: "red"})
}

func (p panel) thresholds() *dashboard.ThresholdsConfig {
	steps := p.steps
	if steps == nil {
		steps = []dashboard.Threshold{{Color: "text"}}
	}
	return &dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: steps}
}

// orUnknown is what is shown where there is no figure: never a 0.
func orUnknown(empty string) string {
	if empty == "" {
		return "unknown"
	}
	return empty
}

// as makes a panel of a kind with its options; instant asks for the present alone.
func (p panel) as(
	kind string, options, custom any, colours dashboard.FieldColorModeId, instant bool,
) dashboard.Panel {
	return dashboard.Panel{
		Type: kind, Title: ptr(p.title), Description: ptr(p.about), Datasource: source(),
		GridPos: &dashboard.GridPos{W: p.width, H: p.height},
		Targets: targets(p.queries, instant, prometheus.PromQueryFormatTimeSeries),
		Options: options,
		FieldConfig: &dashboard.FieldConfigSource{
			Defaults: dashboard.FieldConfig{
				Unit: ptr(p.unit), NoValue: ptr(orUnknown(p.empty)), Mappings: p.mappings, Thresholds: p.thresholds(),
				Color: &dashboard.FieldColor{Mode: colours}, Custom: custom},
			Overrides: overrides(p.queries),
		},
	}
}

func refID(i int) string { return string(rune('A' + i)) }

func targets(queries []query, instant bool, format prometheus.PromQueryFormat) []variants.Dataquery {
	var all []variants.Dataquery
	for i, q := range queries {
		t := prometheus.Dataquery{
			RefId: ptr(refID(i)), Expr: q.expr, Datasource: source(), Format: ptr(format),
			EditorMode: ptr(prometheus.QueryEditorModeCode)}
		if q.legend != "" {
			t.LegendFormat = ptr(q.legend)
		}
		if instant {
			t.Instant, t.Range = ptr(true), ptr(false)
		} else {
			t.Instant, t.Range = ptr(false), ptr(true)
		}
		all = append(all, t)
	}
	return all
}

func overrides(queries []query) []dashboard.DashboardFieldConfigSourceOverrides {
	all := []dashboard.DashboardFieldConfigSourceOverrides{}
	for i, q := range queries {
		var properties []dashboard.DynamicConfigValue
		if q.limit {
			properties = append(properties,
				dashboard.DynamicConfigValue{Id: "color", Value: dashboard.FieldColor{
					Mode: dashboard.FieldColorModeIdFixed, FixedColor: ptr("red")}},
				dashboard.DynamicConfigValue{Id: "custom.lineStyle", Value: common.LineStyle{
					Fill: ptr(common.LineStyleFillDash), Dash: []float64{10, 10}}},
				dashboard.DynamicConfigValue{Id: "custom.fillOpacity", Value: 0})
		}
		if q.mappings != nil {
			properties = append(properties, dashboard.DynamicConfigValue{Id: "mappings", Value: q.mappings})
		}
		if properties != nil {
			all = append(all, dashboard.DashboardFieldConfigSourceOverrides{
				Matcher:    dashboard.MatcherConfig{Id: "byFrameRefID", Options: refID(i)},
				Properties: properties})
		}
	}
	return all
}

// withStates: states keep their colours in panels whose series are states.
func withStates(made dashboard.Panel, states []state) dashboard.Panel {
	for _, s := range states {
		made.FieldConfig.Overrides = append(made.FieldConfig.Overrides,
			dashboard.DashboardFieldConfigSourceOverrides{
				Matcher: dashboard.MatcherConfig{Id: "byName", Options: s.name},
				Properties: []dashboard.DynamicConfigValue{{Id: "color", Value: dashboard.FieldColor{
					Mode: dashboard.FieldColorModeIdFixed, FixedColor: ptr(s.colour)}}}})
	}
	return made
}

// figure is one number, or a few, in large letters.
func figure(p panel) dashboard.Panel {
	if p.height == 0 {
		p.height = 4
	}
	options := stat.NewOptions()
	options.GraphMode = common.BigValueGraphModeNone
	options.ColorMode = common.BigValueColorModeValue
	options.ReduceOptions = lastValue()
	return p.as("stat", options, nil, dashboard.FieldColorModeIdThresholds, true)
}

func lastValue() common.ReduceDataOptions {
	return common.ReduceDataOptions{Values: ptr(false), Calcs: []string{"lastNotNull"}, Fields: ptr("")}
}

// bars compares a few numbers.
func bars(p panel) dashboard.Panel {
	options := bargauge.NewOptions()
	options.Orientation = common.VizOrientationHorizontal
	options.DisplayMode = common.BarGaugeDisplayModeBasic
	options.ReduceOptions = lastValue()
	return p.as("bargauge", options, nil, dashboard.FieldColorModeIdThresholds, true)
}

// graph shows how figures went.
func graph(p panel) dashboard.Panel {
	if p.height == 0 {
		p.height = 8
	}
	options := timeseries.Options{
		Legend: common.VizLegendOptions{DisplayMode: common.LegendDisplayModeTable, ShowLegend: true,
			Placement: common.LegendPlacementBottom, Calcs: []string{"lastNotNull", "max"},
			SortBy: ptr("Last *"), SortDesc: ptr(true)},
		Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeMulti, Sort: common.SortOrderDescending},
	}
	custom := common.GraphFieldConfig{
		DrawStyle: ptr(common.GraphDrawStyleLine), LineWidth: ptr(1.0), FillOpacity: ptr(8.0),
		ShowPoints: ptr(common.VisibilityModeNever), AxisSoftMin: ptr(0.0)}
	return p.as("timeseries", options, custom, dashboard.FieldColorModeIdPaletteClassicByName, false)
}

// stacked is a graph whose series make up a whole.
func stacked(p panel) dashboard.Panel {
	made := graph(p)
	custom := made.FieldConfig.Defaults.Custom.(common.GraphFieldConfig)
	custom.FillOpacity = ptr(40.0)
	custom.Stacking = &common.StackingConfig{Mode: ptr(common.StackingModeNormal), Group: ptr("A")}
	made.FieldConfig.Defaults.Custom = custom
	return made
}

// timeline shows from when to when a state lasted, in words.
func timeline(p panel) dashboard.Panel {
	options := statetimeline.Options{
		ShowValue: common.VisibilityModeAuto, RowHeight: 0.9, MergeValues: ptr(true),
		AlignValue: ptr(common.TimelineValueAlignmentLeft),
		Legend: common.VizLegendOptions{DisplayMode: common.LegendDisplayModeList, ShowLegend: true,
			Placement: common.LegendPlacementBottom, Calcs: []string{}},
		Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeSingle, Sort: common.SortOrderNone},
	}
	custom := statetimeline.FieldConfig{FillOpacity: ptr(uint32(80)), LineWidth: ptr(uint32(0))}
	return p.as("state-timeline", options, custom, dashboard.FieldColorModeIdThresholds, false)
}
