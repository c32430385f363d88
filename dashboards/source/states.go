package main

import (
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// A state is always written out; its colour only helps to find it.
type state struct {
	name, colour string
}

// Verdicts by their number in group:streamgauge_group_rank:max.
var verdicts = []state{
	{"ok", "green"},
	{"catching_up", "blue"},
	{"falling_behind", "orange"},
	{"stalled", "red"},
	{"unknown", "#8e8e8e"},
	{"no_consumers", "semi-dark-red"},
	{"rewound", "purple"},
	{"losing_data", "dark-red"},
}

// How a lag is known, best last.
var lagSources = []state{
	{"unknown", "#8e8e8e"},
	{"counted", "blue"},
	{"calibrated", "super-light-green"},
	{"exact", "green"},
}

// What Kafka says of a group's members.
var memberStates = []state{
	{"dead", "#8e8e8e"},
	{"empty", "#8e8e8e"},
	{"preparing_rebalance", "yellow"},
	{"completing_rebalance", "yellow"},
	{"assigning", "yellow"},
	{"reconciling", "yellow"},
	{"stable", "green"},
}

var downUp = []state{{"down", "red"}, {"up", "green"}}
var failedOk = []state{{"failed", "red"}, {"ok", "green"}}

// numbered is one series whose value is the number of the state that the metric's label has.
func numbered(metric, matchers, label string, states []state) string {
	expr := ""
	for number, s := range states {
		if expr != "" {
			expr += " or "
		}
		expr += strconv.Itoa(number) + " * " + with(metric, matchers+`,`+label+`="`+s.name+`"`)
	}
	return "max(" + expr + ")"
}

// named shows the numbers 0, 1, ... as these states.
func named(states []state) []dashboard.ValueMapping {
	results := map[string]dashboard.ValueMappingResult{}
	for number, s := range states {
		index := int32(number)
		results[strconv.Itoa(number)] =
			dashboard.ValueMappingResult{Text: ptr(s.name), Color: ptr(s.colour), Index: &index}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{
		Type: dashboard.MappingTypeValueToText, Options: results}}}
}

// coloured gives words in a column of text their colours.
func coloured(states []state) []dashboard.ValueMapping {
	results := map[string]dashboard.ValueMappingResult{}
	for number, s := range states {
		index := int32(number)
		results[s.name] = dashboard.ValueMappingResult{Color: ptr(s.colour), Index: &index}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{
		Type: dashboard.MappingTypeValueToText, Options: results}}}
}

// infinite shows +Inf as a word, by its name: a range without an end would end at 0 in Grafana.
func infinite(word string) []dashboard.ValueMapping {
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{
		Type:    dashboard.MappingTypeValueToText,
		Options: map[string]dashboard.ValueMappingResult{"Infinity": {Text: ptr(word)}}}}}
}
