package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// Panels that more than one dashboard has, beside the table of groups (groups.go).

func verdictCounts(matchers string) dashboard.Panel {
	p := panel{
		title: "Groups by state", width: 10, height: 4, unit: count, empty: "no groups", steps: neutral(),
		about: "How many groups are in which state, most frequent first. `ok` needs a whole window of " +
			"observation: a young agent says `unknown`.",
		queries: []query{{
			expr:   "sort_desc(count by (state) (" + with("group:streamgauge_group_state:max", matchers) + "))",
			legend: "{{state}}"}},
	}
	return withStates(figure(p), verdicts)
}

func firingAlerts(matchers string) dashboard.Panel {
	const labels = "severity, alertname, cluster, system, target, stream, group, instance"
	severities := []state{{"critical", "red"}, {"warning", "orange"}, {"info", "blue"}}
	// The value of ALERTS_FOR_STATE is when the condition began; ALERTS tells that it fires.
	since := "(time() - " + with("ALERTS_FOR_STATE", matchers) + ") and ignoring (alertstate) " +
		with("ALERTS", `alertstate="firing",`+matchers)
	return listing{
		panel: panel{
			title: "Firing alerts", width: 13, height: 9, unit: seconds, empty: "none is firing", steps: neutral(),
			about: "What fires now, newest first, at most 100. Each has a runbook of its name in docs/runbooks.",
		},
		sortBy: "Since", upwards: true,
		columns: []column{
			{title: "Severity", label: "severity", width: 90, mappings: coloured(severities)},
			{title: "Alert", label: "alertname"},
			labelColumn("cluster", nil),
			labelColumn("system", nil),
			labelColumn("target", nil),
			labelColumn("stream", nil),
			labelColumn("group", linkTo("Group", "streamgauge-group", "system", "target", "stream", "group")),
			{title: "Agent", label: "instance"},
			{title: "Since", expr: by("max", labels, "bottomk(100, "+since+")"), unit: seconds, empty: "unknown", width: 90},
		},
	}.build()
}

// freshness lists the targets: whether they can be read, and how old their figures are.
func freshness(matchers string) dashboard.Panel {
	interval := by("max", byTarget, with("streamgauge_poll_interval_seconds", matchers))
	late := by("max", byTarget, with("target:streamgauge_poll_age_seconds:max", matchers))
	inTrouble := by("sum", byTarget, with("target:streamgauge_groups:count", `state!~"ok|catching_up|unknown",`+matchers))
	known := by("sum", byTarget, with("target:streamgauge_groups:count", matchers))
	return listing{
		panel: panel{
			title: "Targets: how fresh the figures are", width: 11, height: 9, unit: count, empty: "no targets", steps: neutral(),
			about: "Age is how old the figures here are now. Late by is how old they were when Prometheus scraped " +
				"them, as a number of poll intervals; an alert follows above poll_stale_intervals (5).",
		},
		sortBy: "Late by",
		columns: []column{
			labelColumn("cluster", nil),
			labelColumn("system", nil),
			labelColumn("target", linkTo("Agent and target", "streamgauge-agent", "system", "target")),
			{title: "Up", expr: by("max", byTarget, with("target:streamgauge_target_up:max", matchers)),
				empty: "unknown", mappings: named(downUp), width: 70},
			{title: "Age", expr: by("max", byTarget, figuresAge(matchers)), unit: seconds, empty: "never read"},
			{title: "Interval", expr: interval, unit: seconds, empty: "unknown"},
			{title: "Late by", expr: by("max", byTarget, late+" / "+interval), unit: "suffix: intervals", empty: "never read",
				steps: warnThenBad(3, 5)},
			{title: "Groups", expr: known, unit: count, empty: "none"},
			{title: "Not ok", expr: by("max", byTarget, inTrouble+" or 0 * "+known), unit: count, empty: "none",
				steps: above(1, "orange")},
		},
	}.build()
}

func stackedStates(p panel, states []state) dashboard.Panel { return withStates(stacked(p), states) }

// figuresAge is how long ago targets were read, of the agent that is furthest behind.
func figuresAge(matchers string) string {
	return "time() - " + by("min", byTarget, with("streamgauge_poll_last_success_timestamp_seconds", matchers))
}
