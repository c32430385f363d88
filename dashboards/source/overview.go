package main

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

const (
	chosenTargets = `system=~"$system",target=~"$target"`
	chosenGroups  = chosenTargets + `,stream=~"$stream",group=~"$group"`
	// Alerts on agents have no target, those on targets no group.
	chosenAlerts = `alertname=~"Streamgauge.+",system=~"$system|",target=~"$target|",` +
		`stream=~"$stream|",group=~"$group|"`
)

// overview answers the first question at night: is anything stuck or about to lose data, and where?
func overview() board {
	return board{
		uid: "streamgauge-overview", title: "Streamgauge / Backpressure overview",
		about:     "Every consumer group of every backbone, worst first.",
		variables: append(allVariables(), rows("50", "20", "100", "500")),
		sections: []section{
			{panels: append([]dashboard.Panel{verdictCounts(chosenGroups)}, overviewFigures()...)},
			{panels: []dashboard.Panel{
				groupTable("Groups, worst first", chosenGroups, "$rows", 12),
				firingAlerts(),
				freshness(),
			}},
			{title: "How it went", panels: overviewGraphs()},
		},
	}
}

func overviewFigures() []dashboard.Panel {
	const up = "target:streamgauge_target_up:max"
	fires := with("ALERTS", `alertstate="firing",severity=~"critical|warning",`+chosenAlerts)
	return []dashboard.Panel{
		figure(panel{
			title: "Firing alerts", width: 4, unit: count, empty: "rules not loaded",
			about: "Alerts that page (critical) or want attention (warning), of the chosen targets and of " +
				"the agent.",
			steps: above(1, "red"), queries: only(orNone("count("+fires+")", "streamgauge:threshold")),
		}),
		figure(panel{
			title: "Targets down", width: 3, unit: count, empty: "no targets",
			about:   "Targets that no agent can read. Nothing is known about their groups.",
			steps:   above(1, "red"),
			queries: only(orNone("count("+with(up, chosenTargets)+" == 0)", with(up, chosenTargets))),
		}),
		figure(panel{
			title: "Oldest figures", width: 3, unit: seconds, empty: "no target was read",
			about: "How long ago the target that is furthest behind was read. The table of targets compares " +
				"with the poll interval of each.",
			steps: warnThenBad(120, 300), queries: only("max(" + figuresAge(chosenTargets) + ")"),
		}),
		figure(panel{
			title: "Oldest unread message", width: 4, unit: seconds,
			about:   "The highest age of all groups. Whether it is too old only an objective can say.",
			queries: only(highest("group:streamgauge_group_lag_seconds:max", chosenGroups)),
		}),
	}
}

func overviewGraphs() []dashboard.Panel {
	worst := func(metric string) []query {
		expr := among(with(metric, chosenGroups), byGroup, worstGroups("10", chosenGroups))
		return lines(expr, groupLegend)
	}
	states := by("sum", "state", with("target:streamgauge_groups:count", chosenTargets))
	return []dashboard.Panel{
		withStates(stacked(panel{
			title: "Groups by state", width: 12, unit: count, empty: "no groups",
			about:   "Groups of the chosen targets, whatever stream and group are chosen.",
			queries: lines(states, "{{state}}"),
		}), verdicts),
		graph(panel{
			title: "Oldest unread message, 10 worst groups", width: 12, unit: seconds,
			about:   "Age of the oldest message not yet delivered, of the groups that are worst at the end.",
			queries: worst("group:streamgauge_group_lag_seconds:max"),
		}),
		graph(panel{
			title: "Backlog, 10 worst groups", width: 12, unit: messages,
			about:   "Messages not finished (lag and pending), of the groups that are worst at the end.",
			queries: worst("group:streamgauge_group_backlog:max"),
		}),
		graph(panel{
			title: "Appended, by target", width: 12, unit: messagesPerSecond,
			about:   "Messages appended to all watched streams of a target: a burst shows here first.",
			queries: lines(with("target:streamgauge_stream_appended:rate5m", chosenTargets), targetLegend),
		}),
	}
}

func firingAlerts() dashboard.Panel {
	const labels = "severity, alertname, cluster, system, target, stream, group, instance"
	severities := []state{{"critical", "red"}, {"warning", "orange"}, {"info", "blue"}}
	// The value of ALERTS_FOR_STATE is when the condition began; ALERTS tells that it fires.
	since := "(time() - " + with("ALERTS_FOR_STATE", chosenAlerts) + ") and ignoring (alertstate) " +
		with("ALERTS", `alertstate="firing",`+chosenAlerts)
	return listing{
		panel: panel{
			title: "Firing alerts", width: 13, height: 9, unit: seconds, empty: "none is firing",
			about: "What fires now, newest first, at most 100. Each has a runbook of its name in " +
				"docs/runbooks.",
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
			labelColumn("instance", nil),
			{title: "Since", expr: by("max", labels, "bottomk(100, "+since+")"), unit: seconds, width: 90},
		},
	}.build()
}

// freshness lists the targets: whether they can be read, and how old their figures are.
func freshness() dashboard.Panel {
	of := func(metric string) string { return by("max", byTarget, with(metric, chosenTargets)) }
	const groups = "target:streamgauge_groups:count"
	all := by("sum", byTarget, with(groups, chosenTargets))
	inTrouble := by("sum", byTarget, with(groups, `state!~"ok|catching_up|unknown",`+chosenTargets))
	late := of("target:streamgauge_poll_age_seconds:max") + " / " + of("streamgauge_poll_interval_seconds")
	return listing{
		panel: panel{
			title: "Targets: how fresh the figures are", width: 11, height: 9, unit: count,
			empty: "no targets",
			about: "Age is how old the figures here are now. Late by is how old they were when Prometheus " +
				"scraped them, as a number of poll intervals; an alert follows above poll_stale_intervals (5).",
		},
		sortBy: "Late by",
		columns: []column{
			labelColumn("cluster", nil),
			labelColumn("system", nil),
			labelColumn("target", linkTo("Agent and target", "streamgauge-agent", "system", "target")),
			{title: "State", expr: of("target:streamgauge_target_up:max"), mappings: named(downUp), width: 70},
			{title: "Age", expr: by("max", byTarget, figuresAge(chosenTargets)), unit: seconds,
				empty: "never read"},
			{title: "Interval", expr: of("streamgauge_poll_interval_seconds"), unit: seconds},
			{title: "Late by", expr: by("max", byTarget, late), unit: "suffix: intervals", empty: "never read",
				steps: warnThenBad(3, 5)},
			{title: "Groups", expr: all, unit: count, empty: "none"},
			{title: "In trouble", expr: by("max", byTarget, inTrouble+" or 0 * "+all), unit: count,
				empty: "none", steps: above(1, "orange")},
		},
	}.build()
}

// figuresAge is how long ago targets were read, of the agent that is furthest behind.
func figuresAge(matchers string) string {
	return "time() - " + by("min", byTarget, with("streamgauge_poll_last_success_timestamp_seconds", matchers))
}
