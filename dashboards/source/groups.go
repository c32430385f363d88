package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// What the overview and the dashboards of Redis streams and Kafka topics have in common.

func verdictCounts(matchers string) dashboard.Panel {
	states := by("count", "state", with("group:streamgauge_group_state:max", matchers))
	return withStates(figure(panel{
		title: "Groups by state", width: 10, unit: count, empty: "no groups",
		about: "How many groups are in which state, most frequent first. `ok` needs a whole window of " +
			"observation: a young agent says `unknown`.",
		queries: lines("sort_desc("+states+")", "{{state}}"),
	}), verdicts)
}

// groupTable lists the worst groups that the matchers select.
func groupTable(title, matchers, limit string, height uint32) dashboard.Panel {
	worst := worstGroups(limit, matchers)
	// Aggregated even where there is one series: rows of different metrics are one only without
	// their names.
	of := func(metric string) string {
		return among(by("max", byGroup, with(metric, matchers)), byGroup, worst)
	}
	active := by("max", byGroup, with("group:streamgauge_group_consumers:max", `state="active",`+matchers))
	return listing{
		panel: panel{
			title: title, width: 24, height: height, unit: messages, empty: "no groups",
			about: "Worst verdict first, then oldest unread message. Click a group for its history, a " +
				"stream for its own dashboard. What is not known says so; no figure is made up.",
		},
		sortBy: "Score",
		columns: []column{
			{title: "Score", expr: by("max", byGroup, worst), hidden: true},
			{title: "State", expr: of("group:streamgauge_group_rank:max"), width: 130, mappings: named(verdicts)},
			labelColumn("cluster", nil),
			labelColumn("system", nil),
			labelColumn("target", linkTo("Agent and target", "streamgauge-agent", "system", "target")),
			labelColumn("stream", linkToStream()),
			labelColumn("group", linkTo("Group", "streamgauge-group", "system", "target", "stream", "group")),
			{title: "Age", expr: of("group:streamgauge_group_lag_seconds:max"), unit: seconds},
			{title: "Objective", expr: of("group:streamgauge_group_objective_seconds:min"), unit: seconds,
				empty: "none"},
			{title: "Backlog", expr: of("group:streamgauge_group_backlog:max"), unit: messages},
			{title: "Finished", expr: of("group:streamgauge_group_acknowledged:rate5m"), unit: messagesPerSecond},
			{title: "Drained in", expr: of("group:streamgauge_group_drain_seconds:max"), unit: seconds,
				mappings: infinite("not shrinking")},
			{title: "Headroom", expr: of("group:streamgauge_group_headroom_seconds:min"), unit: seconds,
				mappings: infinite("unlimited")},
			{title: "Consumers", expr: among(active, byGroup, worst), unit: count},
			{title: "Lost in 1 h", expr: of("group:streamgauge_group_lost:increase1h"), unit: messages,
				steps: above(1, "red")},
		},
	}.build()
}
