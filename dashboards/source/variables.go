package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

func text(value string) dashboard.StringOrArrayOfString {
	return dashboard.StringOrArrayOfString{String: ptr(value)}
}

func datasource() dashboard.VariableModel {
	return dashboard.VariableModel{
		Type: dashboard.VariableTypeDatasource, Name: "datasource", Label: ptr("Data source"),
		Description: ptr("The Prometheus that scrapes the agent and evaluates its rules."),
		Query:       &dashboard.StringOrMap{String: ptr("prometheus")},
		Refresh:     ptr(dashboard.VariableRefreshOnDashboardLoad),
	}
}

// one lets choose exactly one value of a label.
func one(label, title, series string) dashboard.VariableModel {
	query := "label_values(" + series + ", " + label + ")"
	return dashboard.VariableModel{
		Type: dashboard.VariableTypeQuery, Name: label, Label: ptr(title),
		Datasource: source(),
		Query: &dashboard.StringOrMap{Map: map[string]any{
			"query": query, "refId": "Variable-" + label}},
		Definition: ptr(query),
		Refresh:    ptr(dashboard.VariableRefreshOnTimeRangeChanged),
		Sort:       ptr(dashboard.VariableSortAlphabeticalCaseInsensitiveAsc),
	}
}

// several lets choose any number of values; all of them at first. "All" is a pattern instead of the
// list of values, which would be a query of kilobytes where there are hundreds.
func several(label, title, series string) dashboard.VariableModel {
	v := one(label, title, series)
	v.Multi, v.IncludeAll, v.AllValue = ptr(true), ptr(true), ptr(".*")
	v.Current = &dashboard.VariableOption{
		Text:  dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
		Value: dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
	}
	return v
}

// rows lets choose how long a table of the worst may get.
func rows(standard string, others ...string) dashboard.VariableModel {
	v := dashboard.VariableModel{
		Type: dashboard.VariableTypeCustom, Name: "rows", Label: ptr("Rows"),
		Description: ptr("How many of the worst the tables show."),
		Current:     &dashboard.VariableOption{Selected: ptr(true), Text: text(standard), Value: text(standard)},
	}
	list := ""
	for i, number := range append([]string{standard}, others...) {
		if i > 0 {
			list += ","
		}
		list += number
		v.Options = append(v.Options, dashboard.VariableOption{
			Selected: ptr(i == 0), Text: text(number), Value: text(number)})
	}
	v.Query = &dashboard.StringOrMap{String: ptr(list)}
	return v
}

// allVariables choose among all groups, or some.
func allVariables() []dashboard.VariableModel {
	const group = `group:streamgauge_group_state:max{system=~"$system",target=~"$target"`
	return []dashboard.VariableModel{
		datasource(),
		several("system", "System", "streamgauge_target_up"),
		several("target", "Target", `streamgauge_target_up{system=~"$system"}`),
		several("stream", "Stream", group+`}`),
		several("group", "Group", group+`,stream=~"$stream"}`),
	}
}

// groupVariables choose exactly one group.
func groupVariables() []dashboard.VariableModel {
	const group = `group:streamgauge_group_state:max{system="$system",target="$target"`
	return []dashboard.VariableModel{
		datasource(),
		one("system", "System", "streamgauge_target_up"),
		one("target", "Target", `streamgauge_target_up{system="$system"}`),
		one("stream", "Stream", group+`}`),
		one("group", "Group", group+`,stream="$stream"}`),
	}
}

// systemVariables choose streams of one backbone.
func systemVariables(system string) []dashboard.VariableModel {
	const metric = "stream:streamgauge_stream_length:max"
	return []dashboard.VariableModel{
		datasource(),
		several("target", "Target", `streamgauge_target_up{system="`+system+`"}`),
		several("stream", "Stream", metric+`{system="`+system+`",target=~"$target"}`),
	}
}

// agentVariables choose agents and targets.
func agentVariables() []dashboard.VariableModel {
	return []dashboard.VariableModel{
		datasource(),
		several("instance", "Agent", "streamgauge_build_info"),
		several("system", "System", "streamgauge_target_up"),
		several("target", "Target", `streamgauge_target_up{system=~"$system"}`),
	}
}
