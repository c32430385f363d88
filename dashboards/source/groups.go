package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// groupTable lists the worst groups that the matchers select: the same on all dashboards.
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
			title: title, width: 24, height: height, unit: messages, empty: "no groups", steps: neutral(),
			about: "Worst verdict first, then oldest unread message. Click a group for its history, a stream " +
				"for its own dashboard. Figures that are not known say so; none is made up.",
		},
		sortBy: "Score",
		columns: []column{
			{title: "Score", expr: by("max", byGroup, worst), hidden: true},
			{title: "State", expr: of("group:streamgauge_group_rank:max"), empty: "unknown", width: 130,
				mappings: named(verdicts)},
			labelColumn("cluster", nil),
			labelColumn("system", nil),
			labelColumn("target", linkTo("Agent and target", "streamgauge-agent", "system", "target")),
			labelColumn("stream", &link{"Stream", "/d/streamgauge-" + cell("System") +
				"?${datasource:queryparam}&var-target=" + cell("Target") + "&var-stream=" + cell("Stream") +
				"&${__url_time_range}"}),
			labelColumn("group", linkTo("Group", "streamgauge-group", "system", "target", "stream", "group")),
			{title: "Age", expr: of("group:streamgauge_group_lag_seconds:max"), unit: seconds, empty: "unknown"},
			{title: "Objective", expr: of("group:streamgauge_group_objective_seconds:min"), unit: seconds,
				empty: "none"},
			{title: "Backlog", expr: of("group:streamgauge_group_backlog:max"), unit: messages, empty: "unknown"},
			{title: "Finished", expr: of("group:streamgauge_group_acknowledged:rate5m"),
				unit: messagesPerSecond, empty: "unknown"},
			{title: "Drained in", expr: of("group:streamgauge_group_drain_seconds:max"), unit: seconds,
				empty: "unknown", mappings: infinite("not shrinking")},
			{title: "Headroom", expr: of("group:streamgauge_group_headroom_seconds:min"), unit: seconds,
				empty: "unknown", mappings: infinite("unlimited")},
			{title: "Consumers", expr: among(active, byGroup, worst), unit: count,
				empty: "unknown"},
			{title: "Lost in 1 h", expr: of("group:streamgauge_group_lost:increase1h"), unit: messages,
				empty: "unknown", steps: above(1, "red")},
		},
	}.build()
}
